"""The layout of Moodle's "Download all submissions": `Full Name_12345_assignsubmission_file_`, a folder or a file.

As written by `mod/assign` of moodle/moodle (`classes/downloader.php`; `download_submissions` before 4.1): the full name
(`Participant` where marking is blind), the number of the participant in this assignment, and the plugin: `file` for
uploads, `onlinetext` for what was typed in. Where groups hand in, there is one folder for each, with the name and the
number of the group, or `Default group` without a number for everybody who is in none; before 4.1 there was one for each
member, `Group-Full Name_12345`. "Download submissions in folders" makes folders; without it the name of the file
follows, and all files lie in one folder. Names of people and groups have no underscores there; names of files may.

Moodle writes the archive as a stream, without the times of the files, so it is not known when something was handed in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.classroom.found import Found, Sightings, ids, joined
from grader.classroom.listing import Item, Listing, named, storable
from grader.classroom.model import Student

_NAME = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>[0-9]+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
_BLIND = "Participant"


@dataclass(frozen=True, slots=True)
class _Part:
    """A folder or file of one student, or of a group."""

    item: Item
    name: str
    participant: str
    """The number; empty for those who are in no group."""

    plugin: str
    file: str


def is_moodle(item: Item) -> bool:
    """Whether the name is one that Moodle gives."""
    return _part(item) is not None


def read_moodle(listing: Listing) -> Sightings:
    """What every student handed in; online texts beside files are named in a notice."""
    parts = [_part(item) for item in listing.items]
    strangers = [item.name for item, part in zip(listing.items, parts, strict=True) if part is None]
    students: dict[str, list[_Part]] = {}
    for part in parts:
        if part is not None:
            students.setdefault(part.participant or part.name, []).append(part)
    texts = [part.item.name for own in students.values() for part in own if _is_text_beside_files(part, own)]
    notices = (
        f"{named(strangers)} not named as Moodle names submissions, so nobody's." if strangers else "",
        f"Online text isn't graded where there are files: {named(texts)} left out." if texts else "",
    )
    return Sightings(tuple(_found(own) for own in students.values()), joined(notices))


def _part(item: Item) -> _Part | None:
    match = _NAME.fullmatch(storable(item.name))
    if match is None or (not item.is_folder and not match["file"]):
        return None
    return _Part(item, match["name"], match["id"] or "", match["plugin"], "" if item.is_folder else match["file"])


def _is_text_beside_files(part: _Part, own: list[_Part]) -> bool:
    return part.plugin != "file" and any(other.plugin == "file" for other in own)


def _found(own: list[_Part]) -> Found:
    kept = [part for part in own if not _is_text_beside_files(part, own)]
    first = kept[0]
    name = "" if first.name == _BLIND else first.name
    student = Student(first.participant or first.name, name, ids=ids(moodle=first.participant))
    label = storable(first.item.name) if len(kept) == 1 else "_".join(joined((first.name, first.participant)))
    files = tuple((part.file or part.item.name, part.item.path) for part in kept)
    return Found(student, label, files)
