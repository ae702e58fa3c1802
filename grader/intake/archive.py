"""Gathers the files of a submission that was handed in as an archive, without unpacking it to disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UnreadableSubmission
from grader.intake.bounds import KIB, Bounds, size_text
from grader.intake.folder import oversize
from grader.intake.gathered import Gathered, read_at_most, unreadable
from grader.intake.members import (
    ARCHIVE_ERRORS,
    Member,
    MemberKind,
    RefusedArchive,
    archive_members,
    check_growth,
    damaged,
    too_large,
)
from grader.intake.paths import (
    ARCHIVE_SUFFIXES,
    environment_folders,
    is_clutter,
    parents,
    refusal,
    tidy,
)
from grader.intake.text import printable, quoted
from grader.model.submission import Notice, SubmittedFile

_CHUNK = 32 * KIB


def read_archive(path: Path, bounds: Bounds, name: str) -> Gathered:
    """Read the files of a `.zip`, `.tar`, `.tar.gz` or `.tgz` within the bounds; a single top folder is unwrapped.

    Args:
        path: where it lies.
        bounds: how much of it is read.
        name: what the student called it.

    Raises:
        UnreadableSubmission: it can't be opened, is damaged or protected, or unpacks to too much.
    """
    intake = _ArchiveIntake(bounds)
    try:
        data = _archive_bytes(path, bounds)
        members = intake.wanted(archive_members(data, bounds))
        files = [file for member_path, member in members.items() for file in intake.unpacked(member_path, member)]
    except RefusedArchive as refused:
        raise UnreadableSubmission(f"{quoted(name)} {refused.reason}. {refused.remedy}") from refused
    return _unwrapped(Gathered(stem(name), tuple(sorted(files, key=_by_path)), tuple(intake.notices)))


def _archive_bytes(path: Path, bounds: Bounds) -> bytes:
    try:
        data = read_at_most(path, bounds.total_bytes)
    except OSError as error:
        raise unreadable(path, error) from error
    if data is None:
        raise too_large(f"is larger than {size_text(bounds.total_bytes)}")
    if not data:
        raise damaged("is empty")
    return data


def _by_path(file: SubmittedFile) -> str:
    return file.path


def stem(name: str) -> str:
    """The name of an archive without its suffix: `hw.tar.gz` is `hw`; any other name as it is."""
    suffixes = sorted(ARCHIVE_SUFFIXES, key=len, reverse=True)
    suffix = next((suffix for suffix in suffixes if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


@dataclass(slots=True)
class _ArchiveIntake:
    """Chooses members and unpacks them one by one, counting as it goes."""

    bounds: Bounds
    notices: list[Notice] = field(default_factory=list)
    total: int = 0

    def wanted(self, members: Iterable[Member]) -> dict[str, Member]:
        """Return the files that are worth unpacking by their tidied paths."""
        chosen: dict[str, Member] = {}
        for path, member in self._safe(members):
            if path in chosen:
                self._notice(path, "This name is in your archive more than once; the last one is used.")
            chosen[path] = member
        environments = environment_folders(chosen)
        kept = {path: chosen[path] for path in chosen if not environments.intersection(parents(path))}
        if len(kept) > self.bounds.files:
            raise too_large(f"has more than {self.bounds.files:,} files")
        return {path: member for path, member in kept.items() if self._fits(path, kept)}

    def _safe(self, members: Iterable[Member]) -> Iterator[tuple[str, Member]]:
        for member in members:
            path = tidy(member.name)
            if member.kind is MemberKind.FOLDER or any(is_clutter(part) for part in path.split("/") if part != ".."):
                continue
            reason = refusal(member.name) or _refused_kind(member.kind) or ("" if path else "has no name")
            if reason:
                self._notice(member.name, f"This entry of your archive {reason}, so it is left out.")
            else:
                yield path, member

    def _fits(self, path: str, kept: dict[str, Member]) -> bool:
        clash = next((parent for parent in parents(path) if parent in kept), None)
        if clash is not None:
            self._notice(path, f"Your archive has {quoted(clash)} both as a file and as a folder; the file is used.")
        return clash is None

    def unpacked(self, path: str, member: Member) -> Iterator[SubmittedFile]:
        """Yield the member as a file, or nothing (and a notice) where it is too large or damaged."""
        if member.size > self.bounds.file_bytes:
            check_growth(member.size, member.packed, member.size, self.bounds)
            self._notice(path, oversize(path, self.bounds))
            return
        try:
            content = self._content(member)
        except ARCHIVE_ERRORS:
            self._notice(path, "This file is damaged or packed in an unusual way, so it is left out. Pack it again.")
            return
        self.total += len(content)
        yield SubmittedFile(path, content)

    def _content(self, member: Member) -> bytes:
        content = bytearray()
        limit = min(self.bounds.total_bytes - self.total, self.bounds.file_bytes)
        with member.open() as stream:
            while chunk := stream.read(_CHUNK):
                content += chunk
                check_growth(len(content), member.packed, limit, self.bounds)
        return bytes(content)

    def _notice(self, path: str, message: str) -> None:
        self.notices.append(Notice(message, printable(path) or None))


def _refused_kind(kind: MemberKind) -> str | None:
    if kind is MemberKind.LINK:
        return "is a link, and links aren't followed"
    return "is a special file, not a regular one" if kind is MemberKind.SPECIAL else None


def _unwrapped(gathered: Gathered) -> Gathered:
    """Take the files out of the one folder that most archives wrap around them."""
    tops = {file.path.partition("/")[0] for file in gathered.files}
    if len(tops) != 1 or any("/" not in file.path for file in gathered.files):
        return gathered
    top = tops.pop()
    files = tuple(SubmittedFile(file.path.removeprefix(top + "/"), file.content) for file in gathered.files)
    prefix = printable(top) + "/"
    notices = tuple(
        Notice(notice.message, notice.path and notice.path.removeprefix(prefix), notice.line)
        for notice in gathered.notices
    )
    return Gathered(top, files, notices)
