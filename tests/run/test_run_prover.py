"""Claims are decided in another process; however it ends, the answer comes in time, and the next claim is decided."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from grader.guest.frames import LARGEST_MESSAGE, MalformedFrameError
from grader.model.formula import Claim, symbols
from grader.model.graph import CONSTANT, Graph, Node, Ref
from grader.model.proof import DifferentShape, Judged, Method, Proved, Refuted, Undecided
from grader.run import prover as prover_module
from grader.run.limits import MB
from grader.run.proof_codec import decode_judged, encode_judged
from grader.run.prover import ANSWER, READY, Prover, environment
from grader.symbolic.judge import judge

X = symbols("x", (2,))
POINT = {"x": [0.1, -3.0]}
REPOSITORY = Path(__file__).resolve().parents[2]


def _claim(*nodes: Node, wanted: Any = X, points: tuple[Any, ...] = (POINT,), x: Any = X) -> Claim:
    graph = Graph(("x",), nodes, (Ref(len(nodes)),))
    return Claim(graph, {"x": x}, graph if wanted is None else (wanted,), points)


def _chain(operation: str, length: int, *others: Ref) -> list[Node]:
    return [Node(operation, (Ref(step), *others)) for step in range(length)]


SQUARED = Node("aten.mul.Tensor", (Ref(0), Ref(0)))
TRUE = _claim(SQUARED, wanted=X * X)
WRONG = _claim(SQUARED, wanted=X * X * X)
DRAWN = _claim(Node("aten.randn.default", ((2,),)), wanted=X)
OF_ANOTHER_SHAPE = _claim(Node("aten.sum.default", (Ref(0),)))
UNDEFINED_AT_THE_POINT = _claim(Node("aten.log.default", (Ref(0),)), wanted=None)

LENGTHY = _claim(*_chain("aten.sigmoid.default", 1000), points=())
"""Minutes."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Prover]:
    """A prover with its usual bounds."""
    with Prover() as prover:
        yield prover


def _pid(prover: Prover) -> int:
    assert prover._process is not None
    return prover._process._process.pid


def _halt(prover: Prover) -> None:
    os.kill(_pid(prover), signal.SIGSTOP)
    os.waitpid(_pid(prover), os.WUNTRACED)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("claim", "decision"),
    [(TRUE, Proved), (WRONG, Refuted), (DRAWN, Undecided), (OF_ANOTHER_SHAPE, DifferentShape)],
    ids=["proved", "refuted", "undecided", "of another shape"],
)
def test_a_decision_is_the_same_as_in_this_process(shared: Prover, claim: Claim, decision: type) -> None:
    found = shared.judge(claim)
    assert isinstance(found.decision, decision)
    assert found == judge(claim)


def test_one_process_serves_claim_after_claim(shared: Prover) -> None:
    shared.judge(TRUE)
    pid = _pid(shared)
    shared.judge(WRONG)
    assert _pid(shared) == pid


def test_a_result_that_is_undefined_at_a_point_is_replayed_as_nan(shared: Prover) -> None:
    replayed = shared.judge(UNDEFINED_AT_THE_POINT).replayed
    np.testing.assert_array_equal(replayed, [[[float(np.log(0.1)), float("nan")]]])


def test_a_claim_that_takes_too_long_is_undecided_and_the_next_is_decided() -> None:
    with Prover(seconds=0.5) as prover:
        prover.judge(TRUE)
        started = time.monotonic()
        assert prover.judge(LENGTHY) == Judged(Undecided("it took longer than 0.5 s to decide"))
        assert time.monotonic() - started < 5
        assert isinstance(prover.judge(TRUE).decision, Proved)


def test_a_process_that_stands_still_is_given_up() -> None:
    with Prover(seconds=0.2) as prover:
        prover.judge(TRUE)
        _halt(prover)
        started = time.monotonic()
        assert prover.judge(TRUE) == Judged(Undecided("it took longer than 0.2 s to decide"))
        assert 0.5 < time.monotonic() - started < 5
        assert isinstance(prover.judge(TRUE).decision, Proved)


def test_a_claim_too_long_for_a_pipe_does_not_hang_on_a_process_that_stands_still() -> None:
    with Prover(seconds=0.2) as prover:
        prover.judge(TRUE)
        _halt(prover)
        wide = Node(CONSTANT, ((500_000,), tuple(range(500_000)), "torch.int64"))
        assert prover.judge(_claim(wide)) == Judged(Undecided("it took longer than 0.2 s to decide"))


def test_a_process_that_was_killed_between_claims_is_replaced() -> None:
    with Prover() as prover:
        prover.judge(TRUE)
        os.kill(_pid(prover), signal.SIGKILL)
        os.waitid(os.P_PID, _pid(prover), os.WEXITED | os.WNOWAIT)
        assert isinstance(prover.judge(TRUE).decision, Proved)


def test_a_process_that_is_killed_during_a_claim_leaves_it_undecided_and_the_next_is_decided() -> None:
    with Prover() as prover:
        prover.judge(TRUE)
        killer = subprocess.Popen(["/bin/sh", "-c", f"sleep 0.3; kill -SEGV {_pid(prover)}"])
        assert prover.judge(LENGTHY) == Judged(Undecided("the prover ended unexpectedly (SIGSEGV)"))
        killer.wait()
        assert isinstance(prover.judge(TRUE).decision, Proved)


class Greedy:
    """Takes a gigabyte where it arrives."""

    def __reduce__(self) -> tuple[type, tuple[int]]:
        return bytearray, (1 << 30,)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_a_claim_that_needs_too_much_memory_is_undecided_and_the_next_is_decided() -> None:
    with Prover(seconds=60, memory=128 * MB) as prover:
        greedy = Claim(TRUE.graph, TRUE.inputs, (Greedy(),))
        assert prover.judge(greedy) == Judged(Undecided("it needs more memory than 128 MB to decide"))
        assert isinstance(prover.judge(TRUE).decision, Proved)


def test_a_failure_of_the_prover_itself_is_told_with_its_type_and_message(shared: Prover) -> None:
    broken = Claim(TRUE.graph, {"x": X}, (X,), ({"y": [1.0, 2.0]},))
    assert shared.judge(broken) == Judged(Undecided("the prover itself failed (KeyError: 'x')"))
    assert isinstance(shared.judge(TRUE).decision, Proved)


def test_a_huge_graph_is_answered(shared: Prover) -> None:
    nodes = [Node("aten.mul.Tensor", (Ref(step), 1.0 + step / 7)) for step in range(20_000)]
    found = shared.judge(_claim(*nodes))
    assert found.decision == Undecided("it has more than 5,000 operations")


@pytest.mark.parametrize("wanted", [X, None], ids=["against the input", "against itself"])
@pytest.mark.parametrize("operation", ["aten.sin.default", "aten.exp.default", "aten.mul.Tensor", "aten.tanh.default"])
def test_five_thousand_nested_operations_do_not_bring_it_down(shared: Prover, operation: str, wanted: Any) -> None:
    shared.judge(TRUE)
    pid = _pid(shared)
    others = (Ref(0),) if operation == "aten.mul.Tensor" else ()
    found = shared.judge(_claim(*_chain(operation, 4_999, *others), wanted=wanted))
    reason = found.decision.reason if isinstance(found.decision, Undecided) else ""
    assert "prover" not in reason
    assert _pid(shared) == pid or "took longer" in reason


def test_a_formula_that_is_nested_too_deeply_to_be_sent_is_undecided(shared: Prover) -> None:
    deep = X.copy()
    for _ in range(1_000):
        deep = np.array([sympy.exp(entry) for entry in deep], dtype=object)
    assert shared.judge(_claim(SQUARED, wanted=deep)).decision == Undecided(
        "the formula is nested too deeply to be handed to the prover"
    )


def test_the_process_is_gone_after_closing() -> None:
    with Prover() as prover:
        prover.judge(TRUE)
        pid = _pid(prover)
        assert _exists(pid)
    assert not _exists(pid)


def test_closing_a_prover_that_never_started_or_is_only_starting_is_fine() -> None:
    Prover().close()
    with Prover() as prover:
        prover.start()
        pid = _pid(prover)
    assert not _exists(pid)


KILLED_WHILE_IT_HAS_A_PROVER = """
import os
from grader.run.prover import Prover
prover = Prover()
prover.start()
prover._process._wait_until_ready()
print(prover._process._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_the_process_ends_with_its_parent() -> None:
    command = [sys.executable, "-c", KILLED_WHILE_IT_HAS_A_PROVER]
    parent = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    deadline = time.monotonic() + 10
    while _exists(int(parent.stdout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _exists(int(parent.stdout))


def test_it_imports_neither_torch_nor_the_problems() -> None:
    program = "import sys, grader.run.prover_process; print(*sys.modules)"
    command = [sys.executable, "-s", "-P", "-c", program]
    found = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True, cwd="/")
    assert "sympy" in found.stdout.split()
    assert not {"torch", "problems", "reference"}.intersection(found.stdout.split())


def test_nothing_is_imported_from_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sympy.py").write_text("raise SystemExit('a submission was imported')")
    monkeypatch.chdir(tmp_path)
    with Prover() as prover:
        assert isinstance(prover.judge(TRUE).decision, Proved)


PRETENDER = """
import socket, struct, sys
host = socket.socket(fileno=0)
def say(kind, body, length=None): host.sendall(struct.pack(">cI", kind, len(body) if length is None else length) + body)
"""


def _pretending(monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    command = [sys.executable, "-c", f"{PRETENDER}\n{does}\nhost.recv(1)"]
    monkeypatch.setattr(prover_module, "command", lambda *_: command)


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (f"say({ANSWER!r}, b'')", "the prover's answer can't be read: it came out of turn"),
        (f"say({READY!r}, b''); say({READY!r}, b'')", "the prover's answer can't be read: it came out of turn"),
        (
            f"say({READY!r}, b''); say({ANSWER!r}, b'{{}}')",
            "the prover's answer can't be read: it lacks a part",
        ),
        (
            f"say({READY!r}, b''); say({ANSWER!r}, b'', {LARGEST_MESSAGE + 1})",
            f"the prover's answer can't be read: a message of {LARGEST_MESSAGE + 1} bytes; "
            f"at most {LARGEST_MESSAGE} are read",
        ),
        (f"say({READY!r}, b''); sys.exit(3)", "the prover ended unexpectedly (exit status 3)"),
        (f"say({READY!r}, b''); say({ANSWER!r}, b'{{', 9)", "it took longer than 0.3 s to decide"),
    ],
    ids=["out of turn", "ready twice", "no decision", "oversized", "gone", "half an answer"],
)
def test_what_is_no_answer_leaves_a_claim_undecided(monkeypatch: pytest.MonkeyPatch, does: str, reason: str) -> None:
    with Prover(seconds=0.3) as prover:
        with monkeypatch.context() as within:
            _pretending(within, f"{does}; host.recv(1 << 20)")
            assert prover.judge(TRUE) == Judged(Undecided(reason))
        assert isinstance(prover.judge(TRUE).decision, Proved)


def test_a_prover_that_can_not_be_started_leaves_claims_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prover_module, "command", lambda *_: ["/no/such/interpreter"])
    with Prover() as prover:
        prover.start()
        decision = prover.judge(TRUE).decision
    assert isinstance(decision, Undecided)
    assert decision.reason.startswith("the prover can't be started (")


def test_an_interrupt_leaves_no_answer_behind_for_the_next_claim(
    shared: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_body: bytes) -> Judged:
        raise KeyboardInterrupt

    with monkeypatch.context() as within:
        within.setattr(prover_module, "decode_judged", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shared.judge(WRONG)
    assert shared.judge(TRUE) == judge(TRUE)


REFUTED = Refuted(
    point={"x": [["-3/2", "0"], ["1", "2"]], "scale": "7"},
    index=(1, 0),
    expected="sqrt(3)/2",
    got="undefined",
    expected_value=0.8660254037844386,
    got_value=1e300,
    expected_formula="x_{1,0}",
    got_formula="log(x_{1,0})",
    difference="",
)


@pytest.mark.parametrize(
    "judged",
    [
        *(Judged(Proved(method)) for method in Method),
        Judged(REFUTED, ("0.30000000000000004 is no number anybody would write",), ((0.5, None),)),
        Judged(DifferentShape((2, 3), ()), (), (([[0.1, 1e-320]], None, 3.0), (float("inf"),))),
        Judged(Undecided("it has × and ∑ in it")),
    ],
    ids=lambda judged: type(judged.decision).__name__,
)
def test_a_decision_survives_encoding(judged: Judged) -> None:
    assert decode_judged(encode_judged(judged)) == judged


def _whole(**changes: Any) -> dict[str, Any]:
    return {**json.loads(encode_judged(Judged(REFUTED, ("a note",), (([1.0],),)))), **changes}


def _counterexample(**changes: Any) -> dict[str, Any]:
    whole = _whole()
    return {"refuted": {**whole["decision"]["refuted"], **changes}}


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        _whole(decision="proved"),
        _whole(decision={}),
        _whole(decision={"proved": "exactly"}),
        _whole(decision={"proved": ["EXACT"]}),
        _whole(decision={"undecided": None}),
        _whole(decision={"shapes": [[2], ["3"]]}),
        _whole(decision={"shapes": [[2], [True]]}),
        _whole(decision={"refuted": {}}),
        _whole(decision=_counterexample(point=[])),
        _whole(decision=_counterexample(point={"x": [1]})),
        _whole(decision=_counterexample(point={"x": {"y": "1"}})),
        _whole(decision=_counterexample(index=["0"])),
        _whole(decision=_counterexample(expected=1)),
        _whole(decision=_counterexample(got_value="1.0")),
        _whole(notes="a note"),
        _whole(notes=[1]),
        _whole(replayed=[1.0]),
        _whole(replayed=[[["1.0"]]]),
        _whole(replayed=[[True]]),
        _whole(replayed=[[[None]]]),
    ],
    ids=lambda answer: json.dumps(answer)[-60:],
)
def test_an_answer_that_is_not_built_as_answers_are_is_refused(answer: Any) -> None:
    with pytest.raises(MalformedFrameError):
        decode_judged(json.dumps(answer).encode())


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000, b"nan"], ids=lambda body: repr(body[:8]))
def test_an_answer_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedFrameError):
        decode_judged(body)


def test_an_array_that_is_nested_beyond_all_axes_is_refused() -> None:
    body = json.dumps(_whole(replayed=["here"])).replace('"here"', "[" * 500 + "]" * 500)
    with pytest.raises(MalformedFrameError):
        decode_judged(body.encode())
