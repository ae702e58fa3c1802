"""A class on a Dask cluster: the same gradebook as on this machine, also where a worker is killed on the way."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest

from grader.batch import cluster
from grader.batch.choices import Cluster
from grader.batch.cluster import cluster_workers
from grader.batch.grading import ClassOptions, grade_class
from grader.batch.job import Terms
from grader.batch.running import DEATHS
from grader.errors import UsageError
from grader.model.verdict import Report
from tests.batch.comparing import standings, with_the_same_seed
from tests.batch.fakes import Notes

distributed = pytest.importorskip(
    "distributed", reason="dask is an extra: pip install 'rl-transformer-grader[cluster]'"
)
dask = pytest.importorskip("dask", reason="as above")

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
    ) as before, distributed.Client(before, set_as_default=False) as client:  # fmt: skip
        display = Killing(next(iter(client.run(os.getpid).values())))
        tally = grade_class(options(folder, there, scheduler=before.scheduler_address), display, lambda _class: None)
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


@pytest.mark.parametrize("address", ["nowhere", "", "http://127.0.0.1:9"])
def test_what_is_no_address_is_refused_before_a_client_is_made(
    address: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "Client", None)
    nowhere = options(folder, tmp_path / "gradebook.sqlite", scheduler=address)
    with pytest.raises(UsageError, match="cluster can't be used"):
        grade_class(nowhere, Notes(), lambda _classroom: None)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_cluster_gives_up_what_ends_its_workers_and_can_be_ended_at_once() -> None:
    with cluster_workers(None, Cluster.LOCAL, 1, gpu=False) as workers:
        assert workers.capacity == 1  # what waited behind a job that ends its worker would be blamed as well
        error = workers.executor.submit(die).exception(timeout=120)
        assert isinstance(error, distributed.scheduler.KilledWorker)
        assert error.allowed_failures == DEATHS - 1
        asleep = [workers.executor.submit(time.sleep, 300 + number) for number in range(2)]
        workers.executor.shutdown(cancel_futures=True)
        assert wait(asleep, timeout=30).not_done == set()


def test_a_cluster_replaces_a_worker_that_it_has_lost_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[distributed.LocalCluster] = []
    make = cluster._made

    def noted(*wanted: Any, **more: Any) -> Any:
        made.append(make(*wanted, **more))
        return made[0]

    monkeypatch.setattr(cluster, "_made", noted)
    monkeypatch.setattr(cluster, "LOOK", 0.5)
    with dask.config.set({"distributed.deploy.lost-worker-timeout": 1}), cluster_workers(
        None, Cluster.LOCAL, 1, gpu=False
    ) as workers:  # fmt: skip
        first = workers.executor.submit(os.getpid).result(timeout=60)
        (nanny,) = made[0].workers.values()
        made[0].sync(nanny.close)
        assert workers.executor.submit(os.getpid).result(timeout=60) != first


def test_two_ways_to_name_a_cluster_are_one_too_many(folder: Path, tmp_path: Path) -> None:
    both = options(folder, tmp_path / "gradebook.sqlite", scheduler="tcp://127.0.0.1:9", cluster=Cluster.LOCAL)
    with pytest.raises(UsageError, match="choose one"):
        grade_class(both, Notes(), lambda _classroom: None)
