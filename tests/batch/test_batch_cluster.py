"""A class on a Dask cluster: the same gradebook as on this machine, also where a worker is killed on the way."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from grader.batch.choices import Cluster
from grader.batch.grading import ClassOptions, grade_class
from grader.batch.job import Terms
from grader.errors import UsageError
from grader.model.verdict import Report
from tests.batch.comparing import standings, with_the_same_seed
from tests.batch.fakes import Notes

distributed = pytest.importorskip(
    "distributed", reason="dask is an extra: pip install 'rl-transformer-grader[cluster]'"
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ANSWERS = {
    "ada": "import torch\n\ndef td_error(rewards, values, next_values, dones, gamma):\n"
    "    return rewards + gamma * (1 - dones) * next_values - values\n",
    "bea": "def td_error(rewards, values, next_values, dones, gamma):\n    return rewards - values\n",
    "cy": "def td_error(rewards, values, next_values, dones, gamma):\n    raise RuntimeError('no')\n",
    "dan": "def td_error(:\n",
    "eve": "def td_error(*given):\n    raise NotImplementedError\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    for name, text in ANSWERS.items():
        (made / f"{name}.py").write_text(text, encoding="utf-8")
    return made


def options(folder: Path, gradebook: Path, **more: object) -> ClassOptions:
    terms = Terms(0, EXAMPLES / "nine.toml")
    return ClassOptions(folder, str(gradebook), problems=("td_error",), terms=terms, workers=2, **more)  # type: ignore[arg-type]


def test_a_cluster_gives_the_same_gradebook_though_a_worker_is_killed(folder: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here.sqlite", tmp_path / "there.sqlite"
    with_the_same_seed(str(here), str(there))
    grade_class(options(folder, here), Notes(), lambda _classroom: None)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster, distributed.Client(cluster, set_as_default=False) as client:  # fmt: skip
        display = Killing(next(iter(client.run(os.getpid).values())))
        tally = grade_class(options(folder, there, scheduler=cluster.scheduler_address), display, lambda _class: None)
    assert display.has_killed
    assert (tally.graded, tally.unreadable, tally.failed) == (4, 1, 0)
    assert standings(str(there)) == standings(str(here))


class Killing(Notes):
    """Kills a process when the first submission is graded."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.pid = pid
        self.has_killed = False

    def graded(self, label: str, report: Report) -> None:
        super().graded(label, report)
        if not self.has_killed:
            os.kill(self.pid, signal.SIGKILL)
            self.has_killed = True


def test_a_scheduler_that_is_not_there_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.batch.cluster.CONNECT_SECONDS", 1)
    nowhere = options(folder, tmp_path / "gradebook.sqlite", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(UsageError, match="cluster can't be used"):
        grade_class(nowhere, Notes(), lambda _classroom: None)


def test_two_ways_to_name_a_cluster_are_one_too_many(folder: Path, tmp_path: Path) -> None:
    both = options(folder, tmp_path / "gradebook.sqlite", scheduler="tcp://127.0.0.1:9", cluster=Cluster.LOCAL)
    with pytest.raises(UsageError, match="choose one"):
        grade_class(both, Notes(), lambda _classroom: None)
