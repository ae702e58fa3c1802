"""What is fuzzed: functions of bytes that raise where a reader breaks a promise.

Each hands the bytes to one reader of what a submission, a sandbox or a class's folder says. It lets through the errors
that are that reader's own, and checks what came out: the bounds hold, and whoever shows it next can. It returns whether
something was read.
"""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from grader.assignment.read import read_assignment
from grader.checks.judge import judge_value
from grader.classroom import content_hash, read_class, read_entry
from grader.classroom.git_time import _committed_at, _head
from grader.classroom.roster import read_roster
from grader.compare.expectation import Expectation, Leaf
from grader.errors import NothingToGrade, UsageError
from grader.guest import frames, graph_json
from grader.guest.frames import MalformedFrameError, parse_header
from grader.intake import find_answers, read_submission
from grader.intake.bounds import Bounds
from grader.model.case import Case
from grader.model.exchange import (
    Acted,
    Acting,
    Call,
    Opaque,
    Played,
    Precision,
    Raised,
    Returned,
    Session,
    Step,
    Trace,
    Traced,
    Trained,
    Training,
)
from grader.model.graph import Argument, Ref
from grader.model.proof import Judged, Refuted
from grader.model.signature import Signature, Tensor
from grader.model.submission import Submission
from grader.model.timing import Recalled, Recalling, Spent, Timed, Timing
from grader.run import graph_codec, timing_codec, training_codec
from grader.run.codec import LONGEST, MOST_AXES, MOST_PARTS, ORDINARY, decode_reply
from grader.run.proof_codec import decode_explanation, decode_judged, encode_explanation, encode_judged
from grader.run.session_codec import decode_session
from grader.run.timing_codec import decode_recalling, decode_timing
from grader.run.training_codec import decode_acting, decode_progress, decode_training
from tests.fuzz.reports import shown_everywhere

Target = Callable[[bytes], bool]

NUMBER = 7
"""Which answer the decoders wait for."""

CASE = Case("a case", {"x": torch.ones(2, 3, dtype=torch.float64), "eps": 0.5}, {"n": 2, "d": 3})
CALL = Call("layer_norm", CASE, Precision.SINGLE, differentiate=("x",))
SIGNATURE = Signature({"x": Tensor("n d", "what goes in")}, "n d")
EXPECTED = Expectation((Leaf(torch.ones(2, 3, dtype=torch.float64), 1e-5),), ())
TRACES = (Trace("layer_norm", CASE, ("x",)), Trace("layer_norm", CASE, ("x",), ("x",)))
SESSION = Session("ReplayBuffer", {"capacity": 2}, (Step("add", {"obs": torch.ones(1)}), Step("__len__")))
TRAINING = Training("train", "CartPole-v1", 1000, seed=7)
ACTING = Acting("train", torch.ones(2, 2), turn=3)
TIMING = Timing("layer_norm", (), (1, 2), (1, 0), "cpu", ((2, 3), ()))
RECALLING = Recalling(TIMING, 5, elements=4)
SPENT = Spent(1.0, 1.0)

BOUNDS = Bounds(
    files=20, walked=60, file_bytes=20_000, total_bytes=60_000, ratio=20, ratio_floor=10_000, code_bytes=8_000,
    total_code_bytes=16_000, notices=10,
)  # fmt: skip
"""Small ones, so that small inputs reach them."""


LONGEST_NAME = 1000
"""Of a file that is made; `mkdir(parents=True)` is recursive."""


def frames_of_a_child(data: bytes) -> bool:
    """The frames that a child sends, in pieces whose size the first byte tells, and read whole."""
    step, stream = data[:1], data[1:]
    taken, refused = _taken(stream, step[0] + 1 if step else 1)
    read, refused_whole = _read(stream, frames.read_frame)
    assert taken == read
    assert refused_whole or not refused  # what is read whole is refused before its payload has come
    for header, payload in taken:
        assert isinstance(header, dict)
        assert len(payload) <= frames.LARGEST_PAYLOAD
    return bool(taken)


def _taken(stream: bytes, step: int) -> tuple[list[Any], bool]:
    buffer, taken = frames.FrameBuffer(), []
    try:
        for start in range(0, len(stream), step):
            buffer.feed(stream[start : start + step])
            while (one := buffer.take()) is not None:
                taken.append(one)
    except MalformedFrameError:
        return taken, True
    return taken, False


def _read(stream: bytes, read_one: Callable[[Callable[[int], bytes]], Any]) -> tuple[list[Any], bool]:
    found, position = [], 0

    def read(count: int) -> bytes:
        nonlocal position
        part = stream[position : position + count]
        position += count
        if len(part) < count:
            raise EOFError
        return part

    try:
        while position < len(stream):
            found.append(read_one(read))
    except MalformedFrameError:
        return found, True
    except EOFError:
        return found, False
    return found, False


def messages(data: bytes) -> bool:
    """The messages between host and zygote."""
    found, _ = _read(data, frames.read_message)
    for kind, body in found:
        assert len(kind) == 1
        assert len(body) <= frames.LARGEST_MESSAGE
    assert b"".join(frames.message(*one) for one in found) == data[: sum(5 + len(body) for _, body in found)]
    return bool(found)


def reply(data: bytes) -> bool:
    """The answer to a call, and what a check makes of it: JSON up to the first NUL, then safetensors."""
    try:
        observation = decode_reply(*_header_and_payload(data), CALL, NUMBER)
    except MalformedFrameError:
        return False
    if isinstance(observation, Raised):
        _bounded_raise(observation)
        return True
    assert isinstance(observation, Returned)
    assert len(observation.device) <= LONGEST
    assert set(observation.modified) <= set(CASE.inputs)
    assert set(observation.gradients) == {"x"}
    gradient = observation.gradients["x"]
    assert gradient is None or (gradient.shape == (2, 3) and gradient.dtype is torch.float64)
    _bounded_value(observation.value)
    str(judge_value(CALL, observation, EXPECTED, SIGNATURE))
    return True


def report(data: bytes) -> bool:
    """A report on an answer: JSON up to the first NUL, then what was printed and, where it is Python, handed in."""
    text, _, printed = data.partition(b"\0")
    try:
        observation = decode_reply(parse_header(text), b"", CALL, NUMBER)
    except MalformedFrameError:
        return False
    evidence = judge_value(CALL, observation, EXPECTED, SIGNATURE)
    if evidence is not None:
        shown_everywhere(evidence, printed.decode("utf-8", "surrogateescape"))
    return True


def trace(data: bytes) -> bool:
    """The graph of a traced function; the first byte tells whether gradients were asked for."""
    asked = TRACES[data[0] % 2] if data else TRACES[0]
    try:
        found = graph_codec.decode_trace(parse_header(data[1:]), asked, NUMBER)
    except MalformedFrameError:
        return False
    if isinstance(found, Raised):
        _bounded_raise(found)
        return True
    if not isinstance(found, Traced):
        assert len(found.reason) <= LONGEST
        return True
    assert len(found.graph.nodes) <= graph_json.MOST_NODES
    assert len(found.calls) <= graph_json.MOST_NAMES
    steps = len(found.graph.inputs)
    for node in found.graph.nodes:
        assert len(node.arguments) + len(node.keywords) <= graph_json.MOST_ARGUMENTS
        _bounded_arguments((*node.arguments, *node.keywords.values()), steps)
        steps += 1
    _bounded_arguments(found.graph.outputs, steps)
    return True


def session(data: bytes) -> bool:
    """What the steps of a session led to: JSON up to the first NUL, then safetensors."""
    try:
        found = decode_session(*_header_and_payload(data), SESSION, NUMBER)
    except MalformedFrameError:
        return False
    if isinstance(found, Raised):
        _bounded_raise(found)
        return True
    assert isinstance(found, Played)
    assert len(found.seen) == len(SESSION.steps)
    for seen in found.seen:
        if isinstance(seen, Raised):
            _bounded_raise(seen)
        else:
            _bounded_value(seen.value)
    return True


def training(data: bytes) -> bool:
    """What is told of a training, on the way to it, and of a policy's actions; the first byte tells of which."""
    try:
        header = parse_header(data[1:])
        match data[0] % 3 if data else 0:
            case 0:
                found: object = decode_training(header, TRAINING, NUMBER)
            case 1:
                found = decode_acting(header, ACTING, NUMBER)
            case _:
                found = decode_progress(header, TRAINING)
    except MalformedFrameError:
        return False
    match found:
        case Raised():
            _bounded_raise(found)
        case Trained(steps, curve):
            assert 0 <= steps <= TRAINING.total_steps
            assert len(curve) <= training_codec.LONGEST_CURVE
            assert all(abs(mean) <= training_codec.LARGEST_RETURN for _, mean in curve)
        case Acted(actions):
            assert len(actions) == len(ACTING.observations)
            assert all(type(action) is int or isinstance(action, Opaque) for action in actions)
        case (steps, mean):
            assert 0 <= steps <= TRAINING.total_steps
            assert mean is None or abs(mean) <= training_codec.LARGEST_RETURN
        case _:
            assert found is None
    return found is not None


def timing(data: bytes) -> bool:
    """What is told of timed calls, and of their results; the first byte tells of which."""
    try:
        if data and data[0] % 2:
            found: object = decode_recalling(*_header_and_payload(data[1:]), RECALLING, NUMBER, SPENT)
        else:
            found = decode_timing(parse_header(data[1:]), TIMING, NUMBER, SPENT)
    except MalformedFrameError:
        return False
    match found:
        case Raised():
            _bounded_raise(found)
        case Timed(seconds, whole, cpu):
            assert len(seconds) == len(TIMING.seeds)
            assert all(0 <= each <= timing_codec.LONGEST for each in (*seconds, whole, cpu))
        case Recalled(sums, elements, changed):
            assert (sums.shape, [each.shape for each in elements]) == ((2, 2), [(2, 4), (2, 4)])
            assert all(0 <= call < len(TIMING.seeds) for call in changed)
        case _:
            raise AssertionError(f"{found} is nothing that a timing leads to")
    return True


def proof(data: bytes) -> bool:
    """What the process says that decides claims: a decision or an explanation, by the first byte."""
    judged = bool(data) and data[0] % 2 == 0
    try:
        found: Any = decode_judged(data[1:]) if judged else decode_explanation(data[1:])
    except MalformedFrameError:
        return False
    if not isinstance(found, Judged):
        assert repr(decode_explanation(encode_explanation(found))) == repr(found)
        return True
    if isinstance(found.decision, Refuted):
        assert all(type(i) is int for i in found.decision.index)
    assert repr(decode_judged(encode_judged(found))) == repr(found)
    return True


def script(data: bytes) -> bool:
    """A Python file."""
    return _submitted("answers.py", data)


def notebook(data: bytes) -> bool:
    """A notebook."""
    return _submitted("answers.ipynb", data)


def archive(data: bytes) -> bool:
    """A zip, tar or gzipped tar: which one, its first bytes tell."""
    return _submitted("answers.zip", data)


def folder(data: bytes) -> bool:
    """A folder, as `lay_out` writes it."""
    with _scratch() as place:
        lay_out(place, data)
        return _read_submission(place)


def class_folder(data: bytes) -> bool:
    """A class's folder, as `lay_out` writes it; a `roster.csv` in it is the roster."""
    with _scratch() as place:
        lay_out(place, data)
        roster = place / "roster.csv"
        try:
            classroom = read_class(place, None, roster if roster.is_file() else None)
        except (UsageError, NothingToGrade) as error:
            _shown(str(error))
            return False
        keys = [entry.student.key for entry in classroom.entries]
        assert keys == sorted(set(keys))
        for notice in classroom.notices:
            assert notice.isprintable()
        for entry in classroom.entries[:3]:
            "".join((entry.label, *vars_of(entry.student))).encode()
            assert len(content_hash(entry, bounds=BOUNDS)) == 64
            with _refusals():
                _check_submission(read_entry(entry, bounds=BOUNDS))
    return True


def gradescope(data: bytes) -> bool:
    """The metadata of a download from Gradescope, beside two submissions."""
    return class_folder(
        b"f\0submission_1/a.py\0x = 1\n\0f\0submission_2/b.py\0y = 2\n\0f\0submission_metadata.yml\0" + data
    )


def roster(data: bytes) -> bool:
    """The list of a class."""
    with _scratch() as place:
        path = place / "roster.csv"
        path.write_bytes(data)
        try:
            found = read_roster(path)
        except UsageError as error:
            _shown(str(error))
            return False
        assert found.students
        for listed in found.students:
            "".join(vars_of(listed.student)).encode()
        assert all(notice.isprintable() for notice in found.notices)
    return True


def assignment(data: bytes) -> bool:
    """An assignment file."""
    with _scratch() as place:
        path = place / "assignment.toml"
        path.write_bytes(data)
        try:
            found = read_assignment(path)
        except UsageError as error:
            str(error).encode()  # an instructor's own words, so they need not be made visible
            return False
        assert found.title.strip()
    return True


def repository(data: bytes) -> bool:
    """What tells the time of a repository's last commit: `HEAD`, `packed-refs` and the commit, apart by NUL."""
    head, packed, commit = (*data.split(b"\0", 2), b"", b"")[:3]
    with _scratch() as place:
        (place / ".git").mkdir()
        (place / ".git" / "HEAD").write_bytes(head)
        (place / ".git" / "packed-refs").write_bytes(packed)
        found = _head(place / ".git")
        assert found is None or (len(found) == 40 and set(found) <= set("0123456789abcdef"))
    at = _committed_at(commit)
    assert at is None or (at.utcoffset() is not None and at.isoformat())
    return found is not None and at is not None


TARGETS: dict[str, Target] = {
    "frames": frames_of_a_child,
    "messages": messages,
    "reply": reply,
    "report": report,
    "trace": trace,
    "session": session,
    "training": training,
    "timing": timing,
    "proof": proof,
    "script": script,
    "notebook": notebook,
    "archive": archive,
    "folder": folder,
    "class": class_folder,
    "gradescope": gradescope,
    "roster": roster,
    "assignment": assignment,
    "repository": repository,
}


def lay_out(place: Path, data: bytes) -> None:
    """Make what fields apart by NUL tell: kind (`f`ile, `d`irectory, `l`ink, `p`ipe), name and content, over and over.

    What can't be made (a name too long, a file where a folder is) is passed over; nothing is made outside `place`.
    """
    fields = data.split(b"\0")
    for kind, name, content in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        parts = [part for part in name.split(b"/") if part not in (b"", b".", b"..")]
        if not parts or len(name) > LONGEST_NAME:
            continue
        path = place.joinpath(*map(os.fsdecode, parts))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _make(kind[:1], path, content)
        except OSError:
            continue


def _make(kind: bytes, path: Path, content: bytes) -> None:
    if kind == b"d":
        path.mkdir()
    elif kind == b"l":
        path.symlink_to("elsewhere")
    elif kind == b"p":
        os.mkfifo(path)
    elif not os.path.lexists(path):  # writing into a pipe would wait for its reader
        path.write_bytes(content)


def vars_of(student: Any) -> tuple[str, ...]:
    """The texts that are known of a student."""
    return (student.key, student.name, student.email, student.section, *student.ids.values())


def _header_and_payload(data: bytes) -> tuple[dict[str, Any], bytes]:
    text, _, payload = data.partition(b"\0")
    return parse_header(text), payload


def _bounded_raise(raised: Raised) -> None:
    for text in (raised.type_name, raised.message, raised.path or "", raised.code or ""):
        assert len(text) <= LONGEST
    assert raised.line is None or 0 <= raised.line < 1_000_000_000


def _bounded_value(value: Any) -> None:
    parts = list(_parts(value, 0))
    assert len(parts) <= MOST_PARTS
    for part in parts:
        match part:
            case Opaque(name):
                assert len(name) <= 100
            case tuple() | bool() | float():
                pass
            case int():
                assert abs(part) < 10**20
            case _:
                assert isinstance(part, torch.Tensor)
                assert part.device.type == "cpu"
                assert part.dtype in ORDINARY
                assert part.dim() <= MOST_AXES


def _parts(value: Any, depth: int) -> Iterator[Any]:
    assert depth <= frames.DEEPEST
    yield value
    for item in value if isinstance(value, tuple) else ():
        yield from _parts(item, depth + 1)


def _bounded_arguments(arguments: tuple[Argument, ...], steps: int, depth: int = 0) -> None:
    assert depth <= graph_json.DEEPEST_ARGUMENT
    for argument in arguments:
        match argument:
            case tuple():
                assert len(argument) <= graph_json.LONGEST_LIST
                _bounded_arguments(argument, steps, depth + 1)
            case Ref(step):
                assert 0 <= step < steps
            case str():
                assert len(argument) <= graph_json.LONGEST_TEXT
            case int():
                assert abs(argument) <= graph_json.LARGEST_INTEGER


def _submitted(name: str, content: bytes) -> bool:
    with _scratch() as place:
        path = place / name
        path.write_bytes(content)
        return _read_submission(path)


def _read_submission(path: Path) -> bool:
    with _refusals():
        _check_submission(read_submission(path, bounds=BOUNDS))
        return True
    return False


def _check_submission(submission: Submission) -> None:
    assert len(submission.notices) <= BOUNDS.notices + 1
    assert all(str(notice).isprintable() for notice in submission.notices)
    assert len(submission.files) <= BOUNDS.files
    assert sum(len(file.content) for file in submission.files) <= BOUNDS.total_bytes
    for source in submission.sources:
        source.path.encode()
        assert source.units
        assert all(ast.parse(unit.source) for unit in source.units)
    modules = [(source.import_root, source.module) for source in submission.sources]
    assert len(set(modules)) == len(modules)
    answers = find_answers(submission, ["layer_norm"])
    assert all(str(notice).isprintable() for notice in answers.notices)


@contextmanager
def _refusals() -> Iterator[None]:
    """Let a submission be refused, in words that can be shown."""
    try:
        yield
    except NothingToGrade as error:
        _shown(str(error))


def _shown(message: str) -> None:
    assert message
    assert all(line.isprintable() for line in message.split("\n")), message
    message.encode()


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder of its own, in memory where there is such a place, since thousands are made in a second."""
    memory = Path("/dev/shm")
    made = tempfile.mkdtemp(prefix="fuzz", dir=memory if os.access(memory, os.W_OK) else None)
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)
