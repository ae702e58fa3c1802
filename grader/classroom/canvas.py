"""The layout of Canvas's "Download Submissions": files named `name_id_attachment_file`, all in one folder.

As written by `lib/content_zipper.rb` of instructure/canvas-lms (`get_filename`, `add_upload_submission`): the name is
the sortable one in lower case with all but letters, digits and underscores removed, so it may be empty; a group that is
graded as one has its own name and the number of a member (`representatives`). `LATE` follows for what is late;
then the number of the user (`anon_` and a code where grading is anonymous), the number of the attachment, and the name
of the file. Text entries and links are `name_id_text.html` and `name_id_link.html`. A file that a student hands in anew
is renamed by Canvas: `hw.ipynb`, `hw-1.ipynb`, … (`Attachment.make_unique_filename`).

Canvas gives every file in the archive the time of the download, so it is not known when something was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.classroom.found import Found, Sightings, ids, joined
from grader.classroom.listing import MOST_NAMED, Item, Listing, named, storable
from grader.classroom.model import Student
from grader.intake.text import enumerated, quoted

_IDS = re.compile(r"(?:^|_)(?P<late>LATE_)?(?P<user>anon_[0-9A-Za-z]+|\d+)(?=_(?P<rest>.+)$)", re.DOTALL | re.ASCII)
_ATTACHED = re.compile(r"(?P<attachment>\d+)_(?P<file>.+)|(?P<text>(?:text|link)\.html)", re.DOTALL | re.ASCII)
_RENAMED = re.compile(r"(?P<stem>.+)-(?P<number>\d+)(?P<suffix>(?:\.[A-Za-z][A-Za-z0-9]*)*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Upload:
    """One file of a download."""

    item: Item
    name: str
    user: str
    late: bool
    attachment: int
    file: str
    """As Canvas calls it."""

    @property
    def original(self) -> str:
        """As the student called it, if Canvas renamed it."""
        renamed = _RENAMED.fullmatch(self.file)
        return renamed["stem"] + renamed["suffix"] if renamed else self.file


def is_canvas(item: Item) -> bool:
    """Whether the name is one that Canvas gives."""
    return next(_readings(item), None) is not None


def read_canvas(listing: Listing) -> Sightings:
    """What every student handed in; text entries and earlier uploads are named in notices."""
    readings = [list(_readings(item)) for item in listing.items]
    strangers = [item.name for item, own in zip(listing.items, readings, strict=True) if not own]
    notices = [f"{named(strangers)} not named as Canvas names submissions, so nobody's." if strangers else ""]
    students: dict[str, list[_Upload]] = {}
    for upload in _unmistaken([own for own in readings if own], notices):
        students.setdefault(upload.user, []).append(upload)
    found = [_found(uploads, notices) for uploads in students.values()]
    late = [uploads[-1].name or uploads[-1].user for uploads in students.values() if uploads[-1].late]
    if late:
        names = enumerated([quoted(name) for name in late], MOST_NAMED)
        notices.append(
            f"Canvas marks as late what {names} handed in. It doesn't tell when, so no late policy is applied to that."
        )
    return Sightings(tuple(found), joined(notices))


def _readings(item: Item) -> Iterator[_Upload]:
    """All ways to read the name of a file, the one with the shortest name of a student first."""
    name = storable(item.name)
    if item.is_folder:
        return
    for match in _IDS.finditer(name):
        attached = _ATTACHED.fullmatch(match["rest"])
        student = name[: match.start()]
        if attached is not None and (student or name.startswith("_") or match["user"].startswith("anon_")):
            file = attached["file"] or attached["text"]
            late = match["late"] is not None
            yield _Upload(item, student, match["user"], late, int(attached["attachment"] or 0), file)


def _unmistaken(readings: list[list[_Upload]], notices: list[str]) -> list[_Upload]:
    """One reading for every file: the first, unless that makes it another student's.

    A student who is called `x_12` would pass for the one with the number 12. All files of a student begin with the same
    name, so where a number comes with two names, what can be read in one way only tells whose number it is.
    """
    names: dict[str, set[str]] = {}
    certain: dict[str, set[str]] = {}
    for first, *others in readings:
        names.setdefault(first.user, set()).add(first.name)
        certain.setdefault(first.user, set()).update(() if others else (first.name,))
    chosen = []
    for first, *others in readings:
        upload = first
        if others and len(names[first.user]) > 1 and first.name not in certain[first.user]:
            upload = others[0] if certain[first.user] else replace(first, user=f"{first.user}-{first.name}")
            notices.append(
                f"The number {first.user} in {quoted(first.item.name)} comes with another name elsewhere; this file is "
                f"taken to be from {quoted(upload.user)}. Please check."
            )
        chosen.append(upload)
    return chosen


def _found(uploads: list[_Upload], notices: list[str]) -> Found:
    uploads.sort(key=lambda upload: (upload.late, upload.attachment))
    kept = _latest(uploads)
    earlier = [upload.item.name for upload in uploads if upload not in kept]
    if earlier:
        notices.append(f"{named(earlier)} from an earlier attempt of the same student; the later files are graded.")
    first = kept[0]
    student = Student(first.user, first.name, ids=ids(canvas=first.user if first.user.isdecimal() else ""))
    names = _names(kept)
    label = storable(kept[0].item.name) if len(kept) == 1 else "_".join((first.name, first.user)).strip("_")
    files = tuple((name, upload.item.path) for name, upload in zip(names, kept, strict=True))
    return Found(student, label, files, version=(max(upload.attachment for upload in kept),))


def _latest(uploads: list[_Upload]) -> list[_Upload]:
    """Without what comes from an earlier download: files on time beside late ones, and files that were handed in anew.

    All files of one attempt are late, or none is. `hw.ipynb` beside `hw-1.ipynb` is the same file, handed in twice;
    `part-1.ipynb` beside `part-2.ipynb` are two files.
    """
    attempt = [upload for upload in uploads if upload.late == uploads[-1].late]
    names = {upload.file for upload in attempt}
    latest: dict[str, _Upload] = {}
    for upload in attempt:
        same = upload.original if upload.original in names else upload.file
        latest[same] = upload
    return sorted(latest.values(), key=lambda upload: upload.attachment)


def _names(uploads: list[_Upload]) -> list[str]:
    """What the student called the files: without Canvas's number, unless two would be called the same."""
    originals = [upload.original for upload in uploads]
    alone = [originals.count(original) == 1 for original in originals]
    return [upload.original if one else upload.file for upload, one in zip(uploads, alone, strict=True)]
