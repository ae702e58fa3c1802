"""Reads the list of a class, as a course's system exports it or as somebody typed it: a CSV file with headings.

Known by their headings: Canvas's gradebook and lists of groups, Moodle's grading worksheet and participants,
Gradescope's and GitHub Classroom's rosters, the grades of GitHub Classroom, and any table with some of the headings in
`HEADINGS`. Separated by commas, semicolons or tabs; UTF-8, or UTF-16 as Excel writes its "Unicode text".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grader.classroom.found import ids, joined
from grader.classroom.model import Student
from grader.errors import UsageError
from grader.intake.bounds import MIB
from grader.intake.gathered import read_at_most
from grader.intake.text import enumerated, printable, quoted

LONGEST_ROSTER = 16 * MIB

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "key": ("key",),
    "name": ("name", "student", "full name", "student name"),
    "first": ("first name", "firstname", "first_name", "given name"),
    "last": ("last name", "lastname", "last_name", "surname", "family name"),
    "email": ("email", "email address", "e-mail", "mail"),
    "canvas": ("canvas", "canvas id", "canvas user id", "canvas_user_id"),
    "sis": ("sis", "sis user id", "sis id", "id number", "student id", "sid", "user_id"),
    "login": ("login", "sis login id", "login id", "login_id", "username", "user name"),
    "moodle": ("moodle", "moodle id"),
    "gradescope": ("gradescope",),
    "github": ("github", "github_username", "github username"),
    "identifier": ("identifier", "roster_identifier"),
    "section": ("section", "sections"),
    "group": ("group", "groups", "group_name", "group name"),
    "role": ("role", "roles"),
    "submitted": ("submission_timestamp",),
}
"""What a column holds, by its heading in lower case."""

SYSTEMS = ("canvas", "sis", "login", "moodle", "gradescope", "github")

_IDENTITIES = ("key", "name", "last", "email", "identifier", *SYSTEMS)
_TEST_STUDENT = "Student, Test"
_POINTS_POSSIBLE = "Points Possible"
_GUARDED = re.compile(r'="(.*)"', re.DOTALL)
_PARTICIPANT = re.compile(r"\D*(\d+)")


@dataclass(frozen=True, slots=True)
class Listed:
    """A student on the roster."""

    student: Student
    """The key is empty where the roster has no column for it."""

    line: int
    identifier: str = ""
    """What GitHub Classroom calls the student."""

    names: tuple[str, ...] = ()
    """The ways in which the roster writes the name."""

    group: str = ""
    """With whom the student hands in, if in a group."""

    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """A class as its list has it."""

    students: tuple[Listed, ...]
    notices: tuple[str, ...] = ()

    @property
    def usernames(self) -> tuple[str, ...]:
        """What repositories on GitHub are called after: students, and groups where students have names there."""
        students = [name for listed in self.students if (name := listed.student.ids.get("github"))]
        groups = {_slug(listed.group) for listed in self.students if students}
        return (*students, *sorted(groups - {""}))


@dataclass(slots=True)
class _Table:
    """The rows of a file under their headings."""

    headings: list[str]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """With the line where each ends, by what the column holds."""


def read_roster(path: Path) -> Roster:
    """Read the list of a class.

    Raises:
        UsageError: it can't be read, isn't a table with headings, tells nobody apart, or has a key twice.
    """
    table = _table(path)
    is_canvas = "student" in table.headings or ("id" in table.headings and "lastname" in table.headings)
    rows = [(line, row) for line, row in table.rows if not (is_canvas and _is_no_student(row))]
    tests = [row for _, row in rows if is_canvas and _is_test(row)]
    listed = [_listed(line, row) for line, row in rows if not (is_canvas and _is_test(row))]
    students = [each for each in listed if each is not None]
    others = len(listed) - len(students)
    untimed = [str(line) for line, row in rows if row.get("submitted") and _time(row["submitted"]) is None]
    notices = joined((
        "Canvas's test student is left out." if tests else "",
        f"{others} rows of the roster aren't students (teachers, assistants, or empty)." if others else "",
        f"The roster's times of handing in can't be read in line {enumerated(untimed)}. Write them like "
        "2026-12-01 23:59:00 UTC." if untimed else "",
    ))  # fmt: skip
    if not students:
        raise UsageError(f"The roster {printable(str(path))} names no students.")
    unique, repeated = _without_repetitions(students, path)
    return Roster(unique, (*notices, *repeated))


def _without_repetitions(students: list[Listed], path: Path) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    """Rows that say the same of a student count once; two students of one key are a mistake in the roster."""
    unique: dict[tuple[object, ...], Listed] = {}
    keys: dict[str, Listed] = {}
    repeated = []
    for listed in students:
        student = listed.student
        same = (student.key, listed.names, student.email, tuple(student.ids.items()), listed.identifier)
        if same in unique and (student.key or student.email or student.ids or listed.identifier):
            repeated.append(f"{quoted(student.shown)} is on the roster more than once, which counts as once.")
            continue
        if student.key and student.key in keys:
            lines = f"{keys[student.key].line} and {listed.line}"
            raise UsageError(f"{printable(str(path))}: lines {lines} have the same key {quoted(student.key)}.")
        keys[student.key] = unique[(*same, listed.line) if same in unique else same] = listed
    return tuple(unique.values()), tuple(repeated)


def _listed(line: int, row: Mapping[str, str]) -> Listed | None:
    """The student of a row; None for teachers, and for rows that name nobody."""
    role = row.get("role", "").lower()
    if (role and "student" not in role) or not any(row.get(column) for column in ("first", *_IDENTITIES)):
        return None
    first, last = row.get("first", ""), row.get("last", "")
    written = row.get("name", "")
    names = [name for name in (written, _turned(written), f"{first} {last}".strip()) if name]
    shown = (f"{first} {last}".strip() or _turned(written)) if first or last or written else ""
    student = Student(
        row.get("key", ""),
        shown,
        row.get("email", ""),
        ids(**{system: row.get(system, "") for system in SYSTEMS}),
        row.get("section") or row.get("group", ""),
    )
    submitted_at = _time(row.get("submitted", ""))
    identifier, group = row.get("identifier", ""), row.get("group", "")
    return Listed(student, line, identifier, tuple(dict.fromkeys(names)), group, submitted_at)


def _turned(name: str) -> str:
    """`Doe, Jane` as `Jane Doe`."""
    last, comma, first = name.partition(", ")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and ", " not in first else name


def _is_no_student(row: Mapping[str, str]) -> bool:
    """Canvas's rows under the headings: points possible, and which columns are hidden. Students have identities."""
    title = row.get("name") or row.get("last", "")
    known = [column for column in _IDENTITIES if column not in ("name", "last") and row.get(column)]
    return not known and (not title or _POINTS_POSSIBLE in title)


def _is_test(row: Mapping[str, str]) -> bool:
    return _TEST_STUDENT in (row.get("name"), f"{row.get('last')}, {row.get('first')}")


def _slug(group: str) -> str:
    """A group's name as GitHub writes it."""
    return re.sub(r"[^a-z0-9]+", "-", group.lower()).strip("-")


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _table(path: Path) -> _Table:
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        headings = [heading.strip().lower() for heading in next(reader, [])]
        columns = _columns(headings, path)
        table = _Table(headings)
        for cells in reader:
            table.rows.append((reader.line_num, _row(columns, cells)))
    except csv.Error as error:
        raise UsageError(f"{printable(str(path))}, line {reader.line_num}: it is no CSV ({error}).") from error
    return table


def _row(columns: Mapping[int, str], cells: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for number, column in columns.items():
        cell = cells[number].strip() if number < len(cells) else ""
        guarded = _GUARDED.fullmatch(cell)
        row.setdefault(column, guarded[1] if guarded else cell)
    if "moodle" in row:
        number_of = _PARTICIPANT.fullmatch(row["moodle"])
        row["moodle"] = number_of[1] if number_of else row["moodle"]
    return row


def _columns(headings: list[str], path: Path) -> dict[int, str]:
    """What each column holds; columns with other headings, such as grades, are passed over."""
    known = {heading: column for column, all_headings in HEADINGS.items() for heading in all_headings}
    if "student" in headings or "lastname" in headings:
        known["id"] = "canvas"
    if "identifier" in headings and "full name" in headings:
        known["identifier"] = "moodle"
    columns = {number: known[heading] for number, heading in enumerate(headings) if heading in known}
    if not set(_IDENTITIES).intersection(columns.values()):
        found = enumerated([quoted(heading) for heading in headings if heading]) or "nothing"
        raise UsageError(
            f"{printable(str(path))}: the first line has {found}, and none of it tells students apart. Expected "
            f"headings such as `key`, `name` and `email`, or a list of the class as Canvas, Moodle, Gradescope or "
            f"GitHub Classroom exports it."
        )
    return columns


def _delimiter(text: str) -> str:
    """What separates the headings: commas, semicolons or tabs outside quotes."""
    line = re.sub(r'"[^"]*"', "", text[: 64 * 1024]).partition("\n")[0]
    return max(",;\t", key=line.count)


def _text(path: Path) -> str:
    shown = printable(str(path))
    try:
        content = read_at_most(path, LONGEST_ROSTER)
    except OSError as error:
        raise UsageError(f"The roster {shown} can't be read: {error.strerror}.") from error
    if content is None:
        raise UsageError(f"The roster {shown} is larger than {LONGEST_ROSTER // MIB} MiB. Is it the right file?")
    try:
        utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{shown}, line {line}: it isn't UTF-8. Save it as “CSV UTF-8” and try again.") from error
