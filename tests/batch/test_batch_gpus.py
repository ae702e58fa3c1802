"""Workers of one machine share its GPUs: so many on each as may be, also where one of them is killed."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch import gpus
from grader.batch.choices import Cluster
from grader.batch.cluster import cluster_workers
from grader.batch.gpus import Shared, gpus_of, take
from grader.batch.grading import ClassOptions, grade_class, shared_gpus
from grader.batch.job import Graded, Job, Terms
from grader.batch.local import LocalWorkers
from grader.batch.worker import do
from grader.errors import SandboxError, UsageError
from grader.intake import read_submission
from tests.batch.fakes import Notes

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


TAKING = """
import sys
from pathlib import Path
from grader.batch.gpus import Shared, take
names, per_gpu, folder = sys.argv[1:]
take(Shared(tuple(names.split(",")), int(per_gpu), Path(folder)))
import os
print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
sys.stdin.read()
"""


def taking(shared: Shared) -> subprocess.Popen[str]:
    """A process that takes a GPU and keeps it until its stdin is closed; it says which."""
    command = [sys.executable, "-c", TAKING, ",".join(shared.names), str(shared.per_gpu), str(shared.folder)]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def graded(job: Job) -> tuple[bool, str]:
    return isinstance(do(job), Graded), os.environ["CUDA_VISIBLE_DEVICES"]


def test_workers_take_gpus_in_turn_before_any_two_share_one(tmp_path: Path) -> None:
    shared = Shared(("0", "GPU-b", "2"), 2, tmp_path)
    with ExitStack() as stack:
        processes = [stack.enter_context(taking(shared)) for _ in range(4)]
        assert sorted(map(said, processes)) == ["0", "0", "2", "GPU-b"]
        for process in processes:
            process.kill()


def test_the_place_of_a_killed_worker_is_taken_by_the_next(tmp_path: Path) -> None:
    shared = Shared(("3",), 1, tmp_path)
    with taking(shared) as first, taking(shared) as second:
        streams = [process.stdout for process in (first, second) if process.stdout is not None]
        ready = select.select(streams, [], [], 30)[0][0]
        holder, waiting = (first, second) if ready is first.stdout else (second, first)
        assert said(holder) == "3"
        assert waiting.stdout not in select.select(streams, [], [], 0.5)[0]
        holder.kill()
        assert said(waiting) == "3"
        waiting.kill()


def test_a_worker_for_which_no_gpu_is_left_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "WAIT", 0.2)
    shared = Shared(("0",), 1, tmp_path)
    with taking(shared) as process:
        assert said(process) == "0"
        with pytest.raises(SandboxError, match="taken by other workers"):
            take(shared)
        process.kill()


def test_a_job_is_done_on_the_gpu_of_its_worker(tmp_path: Path) -> None:
    terms = Terms(11, EXAMPLES / "nine.toml", device="cpu", gpus=Shared(("1",), 1, tmp_path))
    with LocalWorkers(1) as pool:
        job = Job(1, read_submission(EXAMPLES / "mixed"), ("td_error",), terms)
        assert pool.submit(graded, job).result() == (True, "1")


@pytest.mark.parametrize(
    ("visible", "count", "names"),
    [
        (None, 2, ("0", "1")),
        ("2, 5", 2, ("2", "5")),
        ("GPU-a,GPU-b,no", 2, ("GPU-a", "GPU-b")),
        (None, 0, ()),
    ],
)
def test_gpus_are_named_as_they_are_allowed(
    visible: str | None, count: int, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus_of(count) == names


def options(tmp_path: Path, **more: object) -> ClassOptions:
    answers = tmp_path / "class"
    answers.mkdir(exist_ok=True)
    (answers / "ada.py").write_text("def td_error(rewards, values, next_values, dones, gamma):\n    return rewards\n")
    gradebook = str(tmp_path / "gradebook.sqlite")
    return replace(ClassOptions(answers, gradebook, problems=("td_error",)), **more)  # type: ignore[arg-type]


def test_more_workers_than_may_use_the_gpus_are_refused_with_the_option_that_allows_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--workers 5: there are 2 GPUs here.*--per-gpu 3"):
        shared_gpus(options(tmp_path, workers=5), ("0", "1"), tmp_path)
    assert shared_gpus(options(tmp_path, workers=5, per_gpu=3), ("0", "1"), tmp_path).places == 6


def test_no_submission_at_a_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--per-gpu 0"):
        grade_class(options(tmp_path, per_gpu=0), Notes(), lambda _classroom: None)


def test_a_class_for_a_gpu_that_is_not_there_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(UsageError, match="--device cuda"):
        grade_class(options(tmp_path, terms=Terms(0, device="cuda")), Notes(), lambda _classroom: None)
    assert not (tmp_path / "gradebook.sqlite").exists()


def test_a_local_cluster_has_what_a_job_for_a_gpu_takes() -> None:
    distributed = pytest.importorskip("distributed", reason="dask is an extra: the extra `cluster` installs it")
    assert distributed
    call: Callable[[], int] = os.getpid
    with cluster_workers(None, Cluster.LOCAL, 1, gpu=True) as workers:
        assert workers.executor.submit(call, **workers.options).result(timeout=60) != os.getpid()
