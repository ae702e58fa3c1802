"""The layout of Gradescope's "Download Submissions": folders `submission_123` and `submission_metadata.yml`.

The metadata names for every folder its `:submitters:` (several for a group, each with `:name:`, `:email:` and `:sid:`),
the time `:created_at:`, and much else that is passed over. It is written by Ruby, hence the colons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from grader.classroom.found import Found, Sightings, ids, joined
from grader.classroom.listing import MOST_NAMED, Item, Listing, named, storable
from grader.classroom.model import Student
from grader.errors import UsageError
from grader.intake.bounds import MIB
from grader.intake.gathered import read_at_most
from grader.intake.text import enumerated, printable, quoted

METADATA = "submission_metadata.yml"
LONGEST_METADATA = 64 * MIB
"""It repeats the results of every earlier attempt."""

DEEPEST = 100

LONGEST_NUMBER = 100
"""Characters; what YAML takes for a number may take long to compute (`1:00:00:…`), or be too long to write out."""

METADATA_ERRORS = (
    yaml.YAMLError,
    ValueError,
    OverflowError,
    RecursionError,
    MemoryError,
    IndexError,
    KeyError,
    AttributeError,
    TypeError,
)
"""What PyYAML raises on what is no YAML or has tags that don't fit: each was met by feeding it such bytes."""

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]  # which of the two it is depends on how PyYAML was built
    """Plain data only, with times in UTC; merge keys (`<<`), by which few bytes become many, mean nothing."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leave merge keys as they are."""


_Loader.yaml_constructors = {**_BASE.yaml_constructors}
_Loader.add_constructor("tag:yaml.org,2002:merge", _BASE.construct_yaml_str)


def _short(construct: Callable[[Any, yaml.ScalarNode], Any]) -> Callable[[Any, yaml.ScalarNode], Any]:
    def read(loader: Any, node: yaml.ScalarNode) -> Any:
        if len(node.value) > LONGEST_NUMBER:
            raise ValueError(f"it has a number of more than {LONGEST_NUMBER} characters")
        return construct(loader, node)

    return read


_Loader.add_constructor("tag:yaml.org,2002:int", _short(_BASE.construct_yaml_int))
_Loader.add_constructor("tag:yaml.org,2002:float", _short(_BASE.construct_yaml_float))


def _refuse_deep(content: bytes) -> None:
    """Refuse what is nested so deeply that libyaml, which composes by recursion in C, would crash the process."""
    depth = 0
    for event in yaml.parse(content, Loader=_BASE):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} levels deep")


def is_gradescope(listing: Listing) -> bool:
    """Whether the metadata is there."""
    return any(item.name == METADATA and not item.is_folder for item in listing.items)


def read_gradescope(listing: Listing) -> Sightings:
    """What every student handed in; each submitter of a group has it.

    Raises:
        UsageError: the metadata is not there, too large, or isn't what Gradescope writes.
    """
    metadata = _metadata(listing.folder / METADATA)
    items = {item.name: item for item in listing.items if item.name != METADATA}
    absent = sorted(name for name in metadata if name not in items)
    unknown = [item for name, item in items.items() if name not in metadata]
    found = [each for name, item in items.items() if name in metadata for each in _found(item, metadata[name])]
    strangers = [
        Found(Student(storable(item.name)), storable(item.name), ((item.name, item.path),)) for item in unknown
    ]
    notices = (
        f"{METADATA} has {_who(absent, metadata)}, but what they handed in isn't in the folder." if absent else "",
        f"{named([item.name for item in unknown])} not in {METADATA}; whose it is, is not known." if unknown else "",
    )
    return Sightings((*found, *strangers), joined(notices))


def _found(item: Item, metadata: Mapping[str, Any]) -> Iterator[Found]:
    submitted_at = _time(metadata.get(":created_at"))
    label = storable(item.name)
    version = (submitted_at.timestamp(),) if submitted_at else ()
    students = [_student(each, label) for each in _submitters(metadata)] or [Student(label)]
    for student in students:
        yield Found(student, label, ((item.name, item.path),), submitted_at, version)


def _student(submitter: Mapping[str, Any], label: str) -> Student:
    """A submitter; one who is known by name only has the submission in the key, since names are not unique."""
    name, email, sid = (_text(submitter.get(key)) for key in (":name", ":email", ":sid"))
    return Student(sid or email or f"{name} ({label})", name, email, ids(gradescope=sid))


def _submitters(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    submitters = metadata.get(":submitters")
    known = [each for each in submitters if isinstance(each, dict)] if isinstance(submitters, list) else []
    return [each for each in known if any(_text(each.get(key)) for key in (":name", ":email", ":sid"))]


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else storable_text(str(value).strip())


def storable_text(text: str) -> str:
    """A text without unpaired surrogates, which few files and databases can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _time(value: object) -> datetime | None:
    """The time with its offset; what has none is in UTC, as Gradescope means it."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace(" UTC", "+00:00"))
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def _who(names: list[str], metadata: Mapping[str, Mapping[str, Any]]) -> str:
    who = [
        f"{quoted(name)} ({', '.join(_student(each, name).shown for each in _submitters(metadata[name]))})"
        for name in names
    ]
    return enumerated([printable(each) for each in who], MOST_NAMED)


def _metadata(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = read_at_most(path, LONGEST_METADATA)
    except OSError as error:
        raise UsageError(f"{printable(str(path))} can't be read: {error.strerror}.") from error
    if content is None:
        raise UsageError(f"{printable(str(path))} is larger than {LONGEST_METADATA // MIB} MiB; it can't be right.")
    try:
        _refuse_deep(content)
        document = yaml.load(content, Loader=_Loader)  # noqa: S506 -- a safe loader
    except METADATA_ERRORS as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise UsageError(f"{printable(str(path))} isn't what Gradescope writes: {printable(first)}.") from error
    if not isinstance(document, dict):
        raise UsageError(f"{printable(str(path))} isn't what Gradescope writes: it names no submissions.")
    return {str(name): value for name, value in document.items() if isinstance(value, dict)}
