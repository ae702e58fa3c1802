"""Lists the members of a zip or tar that is held in memory; nothing is unpacked here."""

from __future__ import annotations

import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import IO

from grader.intake.bounds import KIB, Bounds, size_text

ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
)
"""What the standard library raises on damaged archives: each was met by feeding it damaged bytes."""

_ZIP_START = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_DIRECTORY_ENTRY = b"PK\x01\x02"
_GZIP_START = b"\x1f\x8b"
_ENCRYPTED = 0x1
_LONGEST_READ = 64 * KIB
"""Longer header records of a tar are refused: only names and times belong there."""

_PER_MEMBER_OVERHEAD = 2 * KIB
"""Bytes of tar headers that one member may add to the size of the contents."""


class MemberKind(Enum):
    """What an archive says a member is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special file"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive, not yet unpacked."""

    name: str
    """Path as the archive writes it; not to be trusted."""

    kind: MemberKind
    """What it claims to be."""

    size: int
    """Claimed size in bytes when unpacked."""

    packed: int
    """Bytes it takes in the archive."""

    open: Callable[[], IO[bytes]]
    """Open its unpacked bytes; raises one of `ARCHIVE_ERRORS` on damage."""


class RefusedArchive(Exception):
    """The archive as a whole can't be used; `reason` and `remedy` are the halves of the message."""

    def __init__(self, reason: str, remedy: str) -> None:
        """Keep the halves of the message."""
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def damaged(reason: str) -> RefusedArchive:
    """Say that the archive's own structure can't be read."""
    return RefusedArchive(reason, "Pack your files again, without a password, and hand in the new archive.")


def too_large(reason: str) -> RefusedArchive:
    """Say that the archive unpacks to far more than an assignment needs."""
    return RefusedArchive(reason, "Leave out data sets, checkpoints and environments, and hand in again.")


def archive_members(data: bytes, bounds: Bounds) -> list[Member]:
    """List the members of a zip, tar or gzipped tar, told apart by their first bytes.

    Raises:
        RefusedArchive: it is none of these, is truncated, damaged or protected with a password, has too many
            members or unpacks to too many bytes.
    """
    with damage_named():
        if data.startswith(_ZIP_START):
            return list(_zip_members(data, bounds))
        if data.startswith(_GZIP_START):
            data = _gunzipped(data, bounds)
        return list(_tar_members(data, bounds))


@contextmanager
def damage_named() -> Iterator[None]:
    """Turn the standard library's many complaints about damaged archives into one error."""
    try:
        yield
    except ARCHIVE_ERRORS as error:
        raise damaged("is damaged, was cut off on the way, or isn't a zip or tar at all") from error


def _zip_members(data: bytes, bounds: Bounds) -> Iterator[Member]:
    if data.count(_ZIP_DIRECTORY_ENTRY) > bounds.walked:
        raise _too_many(bounds)
    archive = zipfile.ZipFile(io.BytesIO(data))
    for info in archive.infolist():
        if info.flag_bits & _ENCRYPTED:
            raise damaged("is protected with a password")
        packed = min(info.compress_size, len(data))
        # Zips made on Windows may separate folders with backslashes.
        name = info.filename.replace("\\", "/")
        yield Member(name, _zip_kind(info, name), info.file_size, packed, partial(_open_zipped, archive, info))


def _zip_kind(info: zipfile.ZipInfo, name: str) -> MemberKind:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return MemberKind.LINK
    if name.endswith("/"):
        return MemberKind.FOLDER
    if stat.S_IFMT(mode) in (0, stat.S_IFREG):
        return MemberKind.FILE
    return MemberKind.SPECIAL


def _open_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    # zipfile unpacks bzip2 and lzma in steps of unbounded size.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"compression method {info.compress_type}")
    return archive.open(info)


def _gunzipped(data: bytes, bounds: Bounds) -> bytes:
    unpacked = bytearray()
    limit = bounds.total_bytes + bounds.files * _PER_MEMBER_OVERHEAD
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        while chunk := stream.read(_LONGEST_READ):
            unpacked += chunk
            check_growth(len(unpacked), len(data), limit, bounds)
    return bytes(unpacked)


def check_growth(unpacked: int, packed: int, limit: int, bounds: Bounds) -> None:
    """Stop as soon as unpacking has yielded too much.

    Raises:
        RefusedArchive: more than `limit` bytes, or too many times the packed size.
    """
    if unpacked > limit:
        raise too_large(f"unpacks to more than {size_text(bounds.total_bytes)}")
    if unpacked > max(bounds.ratio_floor, bounds.ratio * packed):
        raise too_large(f"unpacks to more than {bounds.ratio} times its own size")


class _TarBytes(io.BytesIO):
    """A tar in memory that refuses long reads, which only header records of absurd length need."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= _LONGEST_READ:
            raise tarfile.ReadError(f"header record of {size} bytes")
        return super().read(size)


def _tar_members(data: bytes, bounds: Bounds) -> Iterator[Member]:
    archive = tarfile.open(fileobj=_TarBytes(data), mode="r:")  # noqa: SIM115 - members are opened later
    for count, info in enumerate(archive):
        if count >= bounds.walked:
            raise _too_many(bounds)
        yield Member(info.name, _tar_kind(info), info.size, info.size, partial(_open_tarred, archive, info))


def _tar_kind(info: tarfile.TarInfo) -> MemberKind:
    if info.issym() or info.islnk():
        return MemberKind.LINK
    if info.isdir():
        return MemberKind.FOLDER
    # A sparse member of a few bytes may claim any size.
    return MemberKind.FILE if info.isreg() and not info.issparse() else MemberKind.SPECIAL


def _open_tarred(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    if stream is None:
        raise tarfile.ReadError("member without content")
    return stream


def _too_many(bounds: Bounds) -> RefusedArchive:
    return too_large(f"has more than {bounds.walked:,} entries")
