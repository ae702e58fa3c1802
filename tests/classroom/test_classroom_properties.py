"""Whatever names a folder holds, everything in it is graded or named; any roster is read or refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.classroom import content_hash, read_class
from grader.classroom.listing import listing
from grader.classroom.model import Layout
from grader.classroom.roster import read_roster
from grader.errors import GraderError
from grader.intake.text import printable

FEW = settings(max_examples=60, deadline=None)
NAME = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=40)
CANVAS = st.builds("{}_{}_{}_{}".format, NAME, st.integers(0, 30), st.integers(0, 999), NAME)
MOODLE = st.builds("{}_{}_assignsubmission_file_{}".format, NAME, st.integers(0, 30), NAME)
NAMES = st.sets((NAME | CANVAS | MOODLE).filter(lambda name: len(name.encode()) < 200), min_size=1, max_size=6)


@FEW
@given(NAMES.map(sorted), st.none() | st.sampled_from(Layout))
@example(["=1\n.py", "-rf.py", '"'], None)
@example(["..a.py", "a..py", " .py"], None)
def test_everything_is_an_entry_or_named(names: list[str], layout: Layout | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if name not in (".", ".."):
                Path(folder, name).write_text("x = 1\n")
        try:
            classroom = read_class(Path(folder), layout)
        except GraderError as error:
            str(error).encode()
            return
        wanted = {item.path for item in listing(Path(folder)).items}
        assert [len(content_hash(entry)) for entry in classroom.entries] == [64] * len(classroom.entries)
    graded = {path for entry in classroom.entries for _, path in entry.files}
    told = "\n".join(classroom.notices)
    assert [path for path in wanted - graded if printable(path.name) not in told] == []
    keys = [entry.student.key for entry in classroom.entries]
    assert keys == sorted(set(keys))
    assert all(notice.isprintable() for notice in classroom.notices)


@pytest.mark.parametrize("start", [b"", b"key,name\n", b"\xff\xfe", b"Student,ID,Section\n", b"identifier,full name\n"])
@FEW
@given(st.binary(max_size=200) | st.text(alphabet='ab1",;\t\n\r=\0é', max_size=80).map(str.encode))
def test_any_roster_is_read_or_refused(start: bytes, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        Path(file.name).write_bytes(start + content)
        try:
            roster = read_roster(Path(file.name))
        except GraderError as error:
            str(error).encode()
            return
    assert roster.students
    assert all(notice.isprintable() for notice in roster.notices)


WRITTEN = NAME.filter(lambda name: name.strip() and not name.strip().startswith('="'))


@FEW
@given(st.lists(WRITTEN, min_size=1, max_size=5, unique_by=str.strip), WRITTEN)
def test_keys_and_names_of_a_roster_arrive_as_they_are(keys: list[str], name: str) -> None:
    cells = [f'"{text}"' for text in (text.replace('"', '""') for text in (*keys, name))]
    lines = [f"{key},{cells[-1]}" for key in cells[:-1]]
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        Path(file.name).write_bytes("\n".join(["key,first name", *lines]).encode())
        roster = read_roster(Path(file.name))
    assert [listed.student.key for listed in roster.students] == [key.strip() for key in keys]
    assert {listed.student.name for listed in roster.students} == {name.strip()}
