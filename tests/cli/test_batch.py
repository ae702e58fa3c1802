"""`grader batch` as an instructor runs it."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.batch import planning
from grader.classroom import content_hash
from grader.classroom.model import Entry
from grader.cli import main
from grader.exit_codes import ExitCode
from grader.gradebook.model import ClassFacts, State
from grader.gradebook.store import Gradebook
from tests.batch.comparing import standings, with_the_same_seed

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
HEADER = "def td_error(rewards, values, next_values, dones, gamma):\n"
RIGHT = HEADER + "    return rewards + gamma * (1 - dones) * next_values.detach() - values\n"
ANSWERS = {
    "ada": RIGHT,
    "bea": HEADER + "    return rewards - values\n",
    "<b>cy<b>": RIGHT,
    "dan": "def td_error(:\n",
    "=eve()": "import os\nos._exit(0)\n",
    "fay": "def td_error(*given):\n    raise NotImplementedError\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "class"
    for name, text in ANSWERS.items():
        (made / name).mkdir(parents=True)
        (made / name / "answers.py").write_text(text, encoding="utf-8")
    return made


def batch(folder: Path, *more: str) -> list[str]:
    """On one worker, unless `more` says otherwise: each imports PyTorch anew."""
    chosen = ["--assignment", str(EXAMPLES / "nine.toml"), "--problem", "td_error", "--workers", "1"]
    return ["batch", str(folder), *chosen, *more]


def leave_only_what_needs_no_worker(folder: Path) -> None:
    """A submission that can't be read is dealt with before any worker is started."""
    for name in ANSWERS.keys() - {"dan"}:
        shutil.rmtree(folder / name)


def test_a_class_is_graded_in_one_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(batch(folder, "--workers", "2")) == ExitCode.PASSED
    assert capsys.readouterr().out.startswith("5 graded, 0 unchanged, 1 with nothing that can be graded.")
    grades = {grade.student.key: grade for grade in standings("gradebook.sqlite")}
    assert grades["ada"].points == grades["<b>cy<b>"].points > grades["bea"].points
    assert grades["dan"].state is State.UNREADABLE
    assert grades["=eve()"].points == grades["fay"].points == 0
    written = tmp_path / "grades"
    assert len(list((written / "students").glob("*.html"))) == len(ANSWERS)
    assert "<b>cy<b>" not in (written / "class.html").read_text(encoding="utf-8")
    with (written / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + len(ANSWERS)


def test_a_second_run_grades_nothing_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(batch(folder))
    before = standings("gradebook.sqlite")
    capsys.readouterr()
    assert main(batch(folder)) == ExitCode.PASSED
    assert capsys.readouterr().out.startswith("0 graded, 5 unchanged, 1 with nothing")
    assert standings("gradebook.sqlite") == before


def test_points_given_by_hand_are_kept_through_a_regrade(folder: Path) -> None:
    main(batch(folder))
    with Gradebook.open("gradebook.sqlite") as gradebook:
        most = gradebook.facts().max_score
    assert main(["grade", "bea", "td_error", str(most), "--comment", "explained it to me", "--author", "me"]) == 0
    main(batch(folder, "--regrade"))
    grades = {grade.student.key: grade for grade in standings("gradebook.sqlite")}
    assert grades["bea"].points == most
    assert grades["bea"].overrides["td_error"].comment == "explained it to me"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--workers", "-1"], "choose a number"),
        (["--timeout", "-5"], "--timeout -5: choose a number of seconds"),
        (["--gradebook", "nowhere/gradebook.sqlite"], "nowhere"),
        (["--assignment", "nowhere.toml"], "nowhere.toml"),
        (["--roster", "nowhere.csv"], "nowhere.csv"),
        (["--output", "class/ada/answers.py"], "is a file"),
        (["--scheduler", "tcp://127.0.0.1:9", "--cluster", "local"], "choose one"),
        (["--isolation", "bubblewrap", "--problem", "nothing"], "nothing"),
        (["--earlier", "."], "--similarity"),
    ],
)
def test_what_does_not_exist_is_refused_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert main(batch(folder, *more)) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("more", "said"),
    [([], "the same command goes on from there."), (["--regrade"], "without --regrade only what has changed.")],
)
def test_an_interrupt_while_pages_are_written_says_how_to_go_on(
    folder: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    leave_only_what_needs_no_worker(folder)
    monkeypatch.setattr("grader.commands.batch.write_output", interrupted)
    assert main(batch(folder, *more)) == ExitCode.INTERRUPTED
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("grader: interrupted. What was graded is in the gradebook; ")
    assert told.endswith(said)


def test_a_gradebook_that_was_of_another_assignment_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Gradebook.open("gradebook.sqlite") as gradebook:
        gradebook.describe(ClassFacts("Part 0", (("layer_norm", "Layer norm", 12, 10.0),)))
    leave_only_what_needs_no_worker(folder)
    main(batch(folder))
    assert "Note: The gradebook was of `Part 0` and is of " in capsys.readouterr().out
    assert "Part 0" in (tmp_path / "grades" / "class.html").read_text(encoding="utf-8")


def test_reports_are_written_anew_from_the_gradebook_alone(folder: Path, tmp_path: Path) -> None:
    main(batch(folder))
    page = next((tmp_path / "grades" / "students").glob("ada*.html")).name
    first = (tmp_path / "grades" / "students" / page).read_text(encoding="utf-8")
    assert "next_values" in first  # the code stands beside the verdicts
    folder.rename(tmp_path / "gone")
    main(["grade", "ada", "td_error", "1.5", "--comment", "copied from <bea>", "--author", "me"])
    assert main(["reports", "--output", "again"]) == ExitCode.PASSED
    again = (tmp_path / "again" / "students" / page).read_text(encoding="utf-8")
    assert "copied from &lt;bea&gt;" in again
    assert "next_values" in again


def test_an_empty_folder_has_nothing_to_grade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    gradebook = str(tmp_path / "gradebook.sqlite")
    arguments = ["batch", str(tmp_path / "empty"), "--gradebook", gradebook, "--output", str(tmp_path / "grades")]
    assert main(arguments) == ExitCode.NOTHING_TO_GRADE
    assert "nothing to grade" in capsys.readouterr().err


def test_a_run_that_is_interrupted_is_taken_up_where_it_ended(folder: Path) -> None:
    undisturbed, disturbed = Path("undisturbed.sqlite"), Path("disturbed.sqlite")
    with_the_same_seed(str(undisturbed), str(disturbed))
    main(batch(folder, "--gradebook", str(undisturbed)))
    command = [sys.executable, "-m", "grader", *batch(folder, "--gradebook", str(disturbed), "--workers", "2")]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    while not any(grade.state is State.GRADED for grade in standings(str(disturbed))) and running.poll() is None:
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert b"the same command goes on from there" in told
    assert main(batch(folder, "--gradebook", str(disturbed))) == ExitCode.PASSED
    assert standings(str(disturbed)) == standings(str(undisturbed))


def test_what_the_assignment_has_outdated_is_not_exported_though_its_submission_is_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    main(batch(folder))
    assignment = tmp_path / "assignment.toml"
    text = (EXAMPLES / "nine.toml").read_text(encoding="utf-8")
    assignment.write_text(f"{text}\n[problem.td_error]\npoints = 20\n", encoding="utf-8")
    (folder / "ada").rename(tmp_path / "ada")
    main(batch(folder, "--assignment", str(assignment)))
    grades = {grade.student.key: grade for grade in standings("gradebook.sqlite")}
    assert grades["<b>cy<b>"].points == 20
    assert grades["ada"].state is State.WAITING
    with (tmp_path / "grades" / "left-out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert ["all", "ada", "", "not graded yet"] in list(csv.reader(file))


def test_a_run_that_ends_while_it_reads_the_class_counts_nobody_as_missing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended_at_bea(entry: Entry) -> str:
        if entry.student.key == "bea":
            raise KeyboardInterrupt
        return content_hash(entry)

    monkeypatch.setattr(planning, "content_hash", ended_at_bea)
    assert main(batch(folder)) == ExitCode.INTERRUPTED
    assert main(["reports"]) == ExitCode.PASSED
    with (tmp_path / "grades" / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["state"] for row in csv.DictReader(file)] == []
