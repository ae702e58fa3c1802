"""The plain layout: one folder, archive, notebook or `.py` file for each student, and its name says whose it is.

When something was handed in is not known: copying and unpacking change the times of files. They decide one thing only:
which of two entries of one student is the later one, and that is told in a notice.
"""

from __future__ import annotations

from grader.classroom.found import Found, Sightings
from grader.classroom.listing import Item, Listing, named, storable
from grader.classroom.model import Student
from grader.intake.archive import stem
from grader.intake.paths import is_nested_archive, is_source


def read_plain(listing: Listing) -> Sightings:
    """What every student handed in; files that are no submission are named in a notice."""
    wanted = [item for item in listing.items if _is_entry(item)]
    others = [item.name for item in listing.items if not _is_entry(item)]
    notices = (f"{named(others)} no folder, archive, notebook or .py file, so nothing is graded there.",)
    return Sightings(tuple(_found(item) for item in wanted), notices if others else ())


def _is_entry(item: Item) -> bool:
    return item.is_folder or is_source(item.name) or is_nested_archive(item.name)


def _found(item: Item) -> Found:
    key = storable(item.name) if item.is_folder else _without_suffix(storable(item.name))
    modified = item.path.lstat().st_mtime
    return Found(Student(key), storable(item.name), ((item.name, item.path),), version=(modified,))


def _without_suffix(name: str) -> str:
    """`anna.tar.gz` and `anna.ipynb` are from anna."""
    shorter = stem(name)
    if shorter != name:
        return shorter or name
    return name.rpartition(".")[0] or name
