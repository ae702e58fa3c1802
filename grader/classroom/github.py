"""The layout of GitHub Classroom: one clone for each student, called `assignment-username`.

`gh classroom clone student-repos` puts them into a folder `assignment-submissions`, whose name tells where the username
begins. Elsewhere the usernames of a roster tell it, or else what all names begin with.
"""

from __future__ import annotations

from collections.abc import Collection

from grader.classroom.found import Found, Sightings, ids, joined
from grader.classroom.git_time import git_is_here, last_commit_at
from grader.classroom.listing import Item, Listing, named, storable
from grader.classroom.model import Student
from grader.intake.text import quoted

_SUFFIX = "-submissions"


def is_github(listing: Listing, usernames: Collection[str] = ()) -> bool:
    """Whether there are clones of one assignment: by the folder's name, the roster, or their `.git` folders."""
    folders = [item for item in listing.items if item.is_folder]
    if not folders:
        return False
    if _by_folder(listing) or _by_roster(folders, usernames):
        return True
    clones = [item for item in folders if (item.path / ".git").is_dir()]
    return 2 * len(clones) > len(listing.items) and bool(_by_names(clones))


def read_github(listing: Listing, usernames: Collection[str] = ()) -> Sightings:
    """What every student handed in, with the time of the last commit where there is one."""
    folders = [item for item in listing.items if item.is_folder]
    others = [item.name for item in listing.items if not item.is_folder]
    prefix = _by_folder(listing) or _by_roster(folders, usernames) or _by_names(folders)
    clones = [item for item in folders if item.name.startswith(prefix)]
    strangers = [item for item in folders if not item.name.startswith(prefix)]
    certain = not prefix or _by_folder(listing) or _by_roster(folders, usernames)
    with_git = any((item.path / ".git").exists() for item in clones)
    notices = (
        f"{named(others)} no repository, so nothing is graded there." if others else "",
        f"{named([item.name for item in strangers])} not named {quoted(prefix + '…')}; whose it is, is not known."
        if strangers
        else "",
        "" if certain else f"All repositories begin with {quoted(prefix)}; what follows is taken to be the username.",
        "git is not installed, so the times of the last commits are not known."
        if with_git and not git_is_here()
        else "",
    )
    found = [_found(item, len(prefix)) for item in clones] + [_found(item, 0) for item in strangers]
    return Sightings(tuple(found), joined(notices))


def _found(item: Item, prefix: int) -> Found:
    username = storable(item.name[prefix:])
    committed_at = last_commit_at(item.path)
    version = (committed_at.timestamp(),) if committed_at else ()
    student = Student(username, ids=ids(github=username if prefix else ""))
    return Found(student, storable(item.name), ((item.name, item.path),), committed_at, version)


def _by_folder(listing: Listing) -> str:
    """`hw1-` in a folder `hw1-submissions` that holds `hw1-anna`."""
    name = listing.folder.resolve().name
    prefix = name.removesuffix(_SUFFIX) + "-"
    fits = name.endswith(_SUFFIX) and any(
        item.is_folder and item.name.startswith(prefix) and item.name != prefix for item in listing.items
    )
    return prefix if fits else ""


def _by_roster(folders: list[Item], usernames: Collection[str]) -> str:
    """What comes before the usernames of most of the repositories."""
    prefixes: dict[str, int] = {}
    for item in folders:
        endings = [name for name in usernames if item.name.lower().endswith("-" + name.lower())]
        if endings:
            prefix = item.name[: -max(map(len, endings))]
            prefixes[prefix] = prefixes.get(prefix, 0) + 1
    best = max(prefixes, key=lambda prefix: prefixes[prefix], default="")
    return best if best and 2 * prefixes[best] >= len(folders) else ""


def _by_names(folders: list[Item]) -> str:
    """What all names begin with, up to a hyphen; one name alone tells nothing."""
    if len(folders) < 2:
        return ""
    first, last = min(item.name for item in folders), max(item.name for item in folders)
    shared = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[: first.rfind("-", 0, shared) + 1]
