"""A class on disk, compared, and what is written about it."""

from __future__ import annotations

import csv

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.classroom import read_class
from grader.errors import UsageError
from grader.report.starter import starter_script
from grader.similarity import write_similarity
from tests.similarity.samples import honest_answers

PLACES = bundled().choose(["conjugate_gradient", "ppo_loss"])


@pytest.fixture
def class_folder(tmp_path):
    """A student for every right answer to PPO's loss."""
    folder = tmp_path / "class"
    for student, text in honest_answers("ppo_loss").items():
        (folder / student).mkdir(parents=True)
        (folder / student / "ppo.py").write_text(text, encoding="utf-8")
    return folder


def _rows(folder):
    with (folder / "similarity.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _hand_in(folder, student, text, name="ppo.py"):
    (folder / student).mkdir(parents=True, exist_ok=True)
    (folder / student / name).write_text(text, encoding="utf-8")


def test_an_honest_class_has_an_empty_list(class_folder, tmp_path):
    write_similarity(read_class(class_folder).entries, tmp_path / "out", places=PLACES)
    assert _rows(tmp_path / "out") == []
    assert "No two answers share" in (tmp_path / "out" / "similarity.html").read_text(encoding="utf-8")


def test_copies_in_the_class_and_from_an_earlier_year_are_listed(class_folder, tmp_path):
    first, second, *_ = sorted(honest_answers("ppo_loss").items())
    _hand_in(class_folder, "copy", first[1])
    _hand_in(tmp_path / "2024", "somebody", second[1])
    write_similarity(read_class(class_folder).entries, tmp_path / "out", [tmp_path / "2024"], places=PLACES)
    found = {(row["student"], row["other_student"], row["other_folder"]) for row in _rows(tmp_path / "out")}
    assert found == {(first[0], "copy", "") if first[0] < "copy" else ("copy", first[0], ""),
                     (second[0], "somebody", str(tmp_path / "2024"))}  # fmt: skip


def test_students_who_left_the_starter_as_it_was_are_not_listed(tmp_path):
    starter = starter_script([load(place) for place in PLACES])
    for student in ("ada", "bob"):
        _hand_in(tmp_path / "class", student, starter)
    write_similarity(read_class(tmp_path / "class").entries, tmp_path / "out", places=PLACES)
    assert _rows(tmp_path / "out") == []


def test_what_can_not_be_read_is_named(class_folder, tmp_path):
    _hand_in(class_folder, "broken", "def ppo_loss(:\n")
    _hand_in(class_folder, "half", "def ppo_loss(:\n")
    _hand_in(class_folder, "half", "x = 1\n", "other.py")
    write_similarity(read_class(class_folder).entries, tmp_path / "out", places=PLACES)
    page = (tmp_path / "out" / "similarity.html").read_text(encoding="utf-8")
    assert "What <code>broken</code> handed in can't be read." in page
    assert "<code>ppo.py</code> of <code>half</code> can't be read as Python." in page


def test_a_folder_that_can_not_be_written_is_named(class_folder, tmp_path):
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    with pytest.raises(UsageError, match="can't be written"):
        write_similarity(read_class(class_folder).entries, tmp_path / "out", places=PLACES)


def test_a_page_that_can_not_take_its_place_leaves_nothing_behind(class_folder, tmp_path):
    for name in ("similarity.html", "similarity.csv"):
        (tmp_path / "out" / name).mkdir(parents=True)
    with pytest.raises(UsageError, match="can't be written"):
        write_similarity(read_class(class_folder).entries, tmp_path / "out", places=PLACES)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["similarity.csv", "similarity.html"]


def test_an_earlier_folder_that_is_not_there_is_named(class_folder, tmp_path):
    with pytest.raises(UsageError):
        write_similarity(read_class(class_folder).entries, tmp_path / "out", [tmp_path / "2023"], places=PLACES)
