"""What Gradescope's "Download Submissions" unpacks to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from grader.classroom import read_class
from grader.classroom.model import Layout
from grader.errors import UsageError

METADATA = """---
submission_1:
  :submitters:
  - :name: Jané "J" Doe
    :sid: '00100'
    :email: jane@uni.edu
  :created_at: &1 2026-01-09 10:28:53.723939711 Z
  :score: 3.0
  :history:
  - :created_at: *1
submission_2:
  :submitters:
  - :name: "=cmd()"
    :sid: 200
  - :name: Pair Two
    :email: two@uni.edu
  - :name: Only Name
  :created_at: 2026-01-09 10:28:53 +02:00
"""


@pytest.fixture
def download(put):
    put("assignment_9_export/submission_metadata.yml", METADATA)
    put("assignment_9_export/submission_1/hw.py")
    put("assignment_9_export/submission_2/hw.py")
    return put


def test_submitters_are_read_with_identities_and_times(folder, download):
    classroom = read_class(folder)
    assert classroom.layout is Layout.GRADESCOPE
    jane = classroom.entries[0]
    assert (jane.student.key, jane.student.name, jane.student.email) == ("00100", 'Jané "J" Doe', "jane@uni.edu")
    assert jane.submitted_at == datetime(2026, 1, 9, 10, 28, 53, 723939, UTC)
    assert (jane.label, jane.files[0][1].name) == ("submission_1", "submission_1")


def test_everybody_of_a_group_has_the_submission(folder, download):
    group = [entry for entry in read_class(folder).entries if entry.label == "submission_2"]
    assert [entry.student.key for entry in group] == ["200", "Only Name (submission_2)", "two@uni.edu"]
    assert {entry.submitted_at for entry in group} == {
        datetime(2026, 1, 9, 10, 28, 53, tzinfo=timezone(timedelta(hours=2)))
    }


def test_what_is_not_in_the_metadata_or_not_in_the_folder_is_named(folder, download):
    download("assignment_9_export/submission_3/hw.py")
    (folder / "assignment_9_export" / "submission_1" / "hw.py").unlink()
    (folder / "assignment_9_export" / "submission_1").rmdir()
    classroom = read_class(folder)
    assert "submission_3" in [entry.student.key for entry in classroom.entries]
    assert classroom.notices == (
        'submission_metadata.yml has `submission_1` (Jané "J" Doe), but what they handed in isn\'t in the folder.',
        "`submission_3` is not in submission_metadata.yml; whose it is, is not known.",
    )


def test_of_two_submissions_of_one_student_the_later_counts(folder, put):
    submitters = "[{':name': J, ':sid': '1'}]"
    days = {1: 5, 2: 4}
    put("submission_metadata.yml", "".join(
        f"submission_{number}: {{':submitters': {submitters}, ':created_at': 2026-01-0{day} 10:00:00 Z}}\n"
        for number, day in days.items()
    ))  # fmt: skip
    put("submission_1/hw.py")
    put("submission_2/hw.py")
    classroom = read_class(folder)
    assert [entry.label for entry in classroom.entries] == ["submission_1"]
    assert classroom.notices == ("`submission_2` is left out: `submission_1` is from `J` too, and is the later one.",)


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ("[" * 200_000, "nested more than 100 levels"),
        ("- " * 100_000, "nested more than 100 levels"),
        ("submission_1: !!python/object/apply:os.system [exit 1]", "could not determine a constructor"),
        ("submission_1: {", "while parsing a flow node"),
        ("submission_1:\n  :created_at: 2026-13-45", "month must be in 1..12"),
        ("- a list", "names no submissions"),
        ("\x00", "unacceptable character"),
        ("? [1]\n: 2", "while constructing a mapping"),
    ],
    ids=["brackets", "dashes", "object", "open", "date", "list", "nul", "key"],
)
def test_metadata_that_gradescope_did_not_write_is_refused(folder, put, metadata, why):
    put("submission_metadata.yml", metadata)
    put("submission_1/hw.py")
    with pytest.raises(UsageError, match=why):
        read_class(folder)


def test_merge_keys_do_not_multiply(folder, put):
    """Thirty levels of them would be a thousand million entries."""
    levels = ["a0: &a0 {x: 1}"] + [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)]
    put("submission_metadata.yml", "\n".join([*levels, "submission_1: {':submitters': [{':sid': '1'}]}"]))
    put("submission_1/hw.py")
    assert [entry.student.key for entry in read_class(folder).entries] == ["1"]


def test_without_metadata_the_layout_can_not_be_gradescope(folder, put):
    put("submission_1/hw.py")
    with pytest.raises(UsageError, match=r"submission_metadata\.yml can't be read: No such file"):
        read_class(folder, Layout.GRADESCOPE)
