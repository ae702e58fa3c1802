"""Grading on a real GPU: right and wrong answers under every sandbox, what is bounded, what fails and is explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.batch.grading import ClassOptions, grade_class
from grader.batch.job import Terms
from grader.cli import main
from grader.exit_codes import ExitCode
from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.model.case import Case
from grader.model.evidence import DeviceMismatch, ExceptionRaised, Setting
from grader.model.exchange import Call, Precision, Raised, Returned, Stopped, StopReason
from grader.model.verdict import Outcome, Report
from grader.run.backend import Isolation
from grader.run.limits import GB, MB, Limits
from grader.run.runner import Runner
from grader.run.zygote import BACKENDS, Slot
from grader.session import Options, check_submission
from tests.batch.fakes import Notes
from tests.run.submissions import both, layer_norm, named, returns

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")]

LIMITS = Limits(call_seconds=5.0, memory=2 * GB, gpu_memory=512 * MB)


@pytest.fixture(params=[Isolation.SANDLOCK, Isolation.BUBBLEWRAP, Isolation.NONE], ids=lambda each: each.value)
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """Each that runs here."""
    reason = BACKENDS[request.param].unavailable()
    if reason is not None:
        pytest.skip(reason)
    return Isolation(request.param)


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    """The strongest that runs here."""
    backend = next(each for each in BACKENDS.values() if each.unavailable() is None)
    with Slot(backend, LIMITS, gpu=True) as slot:
        yield slot


def checked(source: str, tmp_path: Path, isolation: Isolation = Isolation.AUTO, device: str = "cuda") -> Report:
    answers = tmp_path / "answers.py"
    answers.write_text(source)
    problems = tuple(name for name in ("discounted_returns", "layer_norm") if f"def {name}(" in source)
    return check_submission(answers, Options(problems, seed=3, device=device, isolation=isolation))


def test_right_answers_get_full_marks_and_wrong_ones_do_not(isolation: Isolation, tmp_path: Path) -> None:
    wrong = layer_norm().replace("unbiased=False", "unbiased=True")
    report = checked(returns() + wrong, tmp_path, isolation)
    assert report.device == "cuda"
    right, other = named(report, "discounted_returns"), named(report, "layer_norm")
    assert [verdict.message for verdict in right.verdicts if verdict.outcome is not Outcome.PASSED] == []
    assert other.score < other.max_score
    assert {verdict.misconception for verdict in other.verdicts} - {None} == {"unbiased_variance"}


def test_auto_takes_the_gpu(tmp_path: Path) -> None:
    assert checked(layer_norm(), tmp_path, device="auto").device == "cuda"


def test_a_result_on_the_cpu_costs_the_contract_and_says_why(tmp_path: Path) -> None:
    on_cpu = layer_norm().replace("/ torch.sqrt(variance + eps) + beta", "/ torch.sqrt(variance + eps) + beta).cpu()")
    report = checked(on_cpu.replace("return gamma", "return (gamma"), tmp_path)
    (contract,) = (v for v in named(report, "layer_norm").verdicts if v.check == "contract")
    assert isinstance(contract.evidence, DeviceMismatch)
    assert "you made a tensor on the CPU" in contract.message


def test_a_tensor_made_on_the_cpu_on_the_way_is_explained_with_its_line(tmp_path: Path) -> None:
    mixing = layer_norm("gamma = gamma * torch.ones(gamma.shape)")
    report = checked(mixing, tmp_path)
    first = named(report, "layer_norm").verdicts[0]
    assert first.outcome is Outcome.SUBMISSION_ERROR
    assert "one that you made on the CPU at answers.py, line 5" in first.message


def runner(slot: Slot, tmp_path: Path, body: str) -> Runner:
    (tmp_path / "answers.py").write_text(f"import torch\n\ndef f(x):\n    {body}\n    return x\n")
    submission = read_submission(tmp_path / "answers.py")
    return Runner(slot, submission, dict(find_answers(submission, ["f"]).found), "cuda")


def ask(running: Runner, x: float) -> object:
    case = Case("a case", {"x": torch.tensor([x], dtype=torch.float64)}, {})
    return running.ask(Call("f", case, Precision.SINGLE, device="cuda"))


def in_turn(running: Runner) -> tuple[object, object]:
    """What the call with a negative number leads to, and the one after it, which has to be right."""
    running.load()
    try:
        return ask(running, -1.0), ask(running, 1.0)
    finally:
        running.end()


def told(kind: str, message: str) -> ExceptionRaised:
    return ExceptionRaised(Setting("a case", "float32", {}), kind, message, None, None, None)


def assert_right(seen: object) -> None:
    assert isinstance(seen, Returned), seen
    assert isinstance(seen.value, torch.Tensor)
    assert (seen.device, seen.value.tolist()) == ("cuda", [1.0])


def test_memory_of_the_gpu_is_bounded_with_the_same_words_as_the_computers(slot: Slot, tmp_path: Path) -> None:
    body = "if x.sum() < 0: held = torch.ones(1 << 28, device=x.device)"  # a gigabyte
    first, second = in_turn(runner(slot, tmp_path, body))
    assert isinstance(first, Raised)
    assert (first.type_name, first.line) == ("MemoryError", 4)
    assert_right(second)


def test_memory_of_the_computer_is_bounded_beside_it(slot: Slot, tmp_path: Path) -> None:
    body = "held = [bytes(1) * (64 << 20) for _ in range(200 if x.sum() < 0 else 0)]"
    first, second = in_turn(runner(slot, tmp_path, body))
    assert isinstance(first, Stopped)
    assert first.reason is StopReason.MEMORY
    assert_right(second)


def test_an_index_out_of_range_is_explained_and_does_not_reach_the_next_call(slot: Slot, tmp_path: Path) -> None:
    body = "y = torch.arange(4, device=x.device)[(x < 0).long() * 99]"
    first, second = in_turn(runner(slot, tmp_path, body))
    assert isinstance(first, Raised)
    assert told(first.type_name, first.message).broke_the_gpu
    assert first.line == 4
    assert_right(second)


def test_a_kernel_that_does_not_end_is_the_call_that_started_it(slot: Slot, tmp_path: Path) -> None:
    body = "torch.cuda._sleep(10**14 if x.sum() < 0 else 1)"
    first, second = in_turn(runner(slot, tmp_path, body))
    assert isinstance(first, Stopped)
    assert first.reason in (StopReason.CPU, StopReason.WALL)
    assert_right(second)


def test_a_submission_sees_one_gpu_in_a_process_that_was_forked_before_cuda_was_used(
    isolation: Isolation, tmp_path: Path
) -> None:
    source = (
        "import torch\nprint(torch.cuda.device_count(), torch.cuda._is_in_bad_fork(), torch.cuda.is_available())\n"
        + layer_norm()
    )
    assert checked(source, tmp_path, isolation).output.splitlines()[-1] == "1 False True"


def test_a_class_is_graded_on_the_gpu_and_again_only_where_it_changed(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    answers = {"ada": both("pass"), "bea": returns("return rewards"), "cy": layer_norm("raise Exception")}
    for name, source in answers.items():
        (folder / f"{name}.py").write_text(source)
    options = ClassOptions(
        folder, str(tmp_path / "gradebook.sqlite"), problems=("discounted_returns", "layer_norm"),
        terms=Terms(0, device="cuda"), workers=2, per_gpu=2,
    )  # fmt: skip
    first = grade_class(options, Notes(), lambda _classroom: None)
    again = grade_class(replace(options, workers=0, per_gpu=1), Notes(), lambda _classroom: None)
    assert (first.graded, first.failed) == (3, 0)
    assert (again.graded, again.known) == (0, 3)


def test_problems_prove_themselves_on_the_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["layer_norm", "discounted_returns", "self_attention", "td_error"]
    code = main(["verify", *names, "--device", "cuda", "--no-cache", "--workers", "1"])
    assert (code, capsys.readouterr().out.count("everything holds")) == (ExitCode.PASSED, 1)


def test_what_is_told_of_a_real_mix_is_recognised() -> None:
    on_gpu = torch.ones(3, 3, device="cuda")
    on_cpu = torch.ones(3, 3)
    mixings: list[Callable[[], object]] = [
        lambda: on_gpu + on_cpu, lambda: on_gpu @ on_cpu, lambda: torch.cat([on_gpu, on_cpu]),
        lambda: torch.where(on_gpu > 0, on_gpu, on_cpu), lambda: on_gpu.gather(0, on_cpu.long() * 0),
    ]  # fmt: skip
    for mixing in mixings:
        with pytest.raises(RuntimeError) as raised:
            mixing()
        assert told("RuntimeError", str(raised.value)).mixes_devices, str(raised.value)
    with pytest.raises(TypeError) as handed:
        on_gpu.numpy()
    assert told("TypeError", str(handed.value)).leaves_the_gpu
