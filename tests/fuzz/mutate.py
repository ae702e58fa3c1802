"""Mutations that know the format: valid examples with parts exchanged, and lengths and checksums put right again.

Changing bytes at random rarely gets past a JSON parser or the checksum of a tar's header. Both engines use these.
"""

from __future__ import annotations

import gzip
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.fuzz.words import ANYWHERE, WORDS

Mutation = Callable[[bytes, Random], bytes]

LONGEST = 1 << 15
"""Bytes of an input; a longer one is cut."""

LONGEST_LAID_OUT = 1 << 12
"""Of one that tells of a folder: every few bytes of it may be a file."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 1 << 31, 1 << 63, -(1 << 63), 10**30, 0.5, -0.0, 1e308, float("inf"),
    float("nan"), "", "x", "v", "nan", "1e999", "9" * 30, "\ud800", "\0", "\u202e", "é", "x" * 300, [], {}, [[]],
    [0, 0], [0, 1 << 62], {"r": 0}, {"r": [0, 0]}, {"f": "nan"}, {"opaque": "A"}, {"tensor": "v"},
    {"number": "1", "type": "int"}, {"items": []},
    "BOOL", "U8", "U64", "F16", "BF16", "F8_E4M3", "F8_E8M0", "F4", "C64",
)  # fmt: skip

_BLOCK = 512
_CHECKSUM = slice(148, 156)


def json_mutation(prefix: int = 0) -> Mutation:
    """Mutates the JSON between `prefix` bytes and the first NUL, and the safetensors behind that."""

    def mutate(data: bytes, random: Random) -> bytes:
        start, rest = data[:prefix], data[prefix:]
        text, nul, payload = rest.partition(b"\0")
        if payload and random.random() < 0.4:
            payload = _mutated_tensors(payload, random)
        else:
            text = _mutated_text(text, random)
        if prefix and random.random() < 0.1:
            start = bytes(random.randrange(256) for _ in range(prefix))
        return (start + text + nul + payload)[:LONGEST]

    return mutate


def _mutated_text(text: bytes, random: Random) -> bytes:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return byte_mutation(text, random)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        document = mutated_json(document, random)
        text = json.dumps(document).encode()
        if len(text) > LONGEST:
            break
    return text


def _mutated_tensors(payload: bytes, random: Random) -> bytes:
    """The header is changed and its length put right; or the bytes are changed."""
    if len(payload) < 8 or random.random() < 0.3:
        return byte_mutation(payload, random)
    (length,) = struct.unpack("<Q", payload[:8])
    text = _mutated_text(payload[8 : 8 + length], random)
    return struct.pack("<Q", len(text)) + text + payload[8 + length :]


def report_mutation(data: bytes, random: Random) -> bytes:
    """Changes the JSON up to the first NUL, or the text behind that."""
    text, nul, printed = data.partition(b"\0")
    if random.random() < 0.5:
        return _mutated_text(text, random) + nul + printed
    return text + nul + _PRINTED(printed, random)


def mutated_json(document: Any, random: Random) -> Any:
    """The document with one part of it exchanged, left out, repeated, wrapped or given another name."""
    ways = list(_ways(document))
    way = random.choice(ways)
    change = random.choice((_exchanged, _exchanged, _moved, _repeated, _wrapped, _left_out, _renamed))
    return _rebuilt(document, way, lambda part: change(part, document, ways, random))


def _ways(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield from _ways(value, (*way, key))


def _at(part: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        part = part[key]
    return part


def _rebuilt(part: Any, way: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not way:
        return change(part)
    copy = dict(part) if isinstance(part, dict) else list(part)
    copy[way[0]] = _rebuilt(copy[way[0]], way[1:], change)
    return copy


def _exchanged(part: Any, document: Any, ways: list[Any], random: Random) -> Any:
    if type(part) is int and random.random() < 0.3:
        return part + random.choice((-1, 1))
    return random.choice(VALUES)


def _moved(part: Any, document: Any, ways: list[Any], random: Random) -> Any:
    return _at(document, random.choice(ways))


def _repeated(part: Any, document: Any, ways: list[Any], random: Random) -> Any:
    if isinstance(part, list | str) and part:
        return part * random.choice((2, 3, 30))
    return [part] * random.choice((1, 2, 3, 70))


def _wrapped(part: Any, document: Any, ways: list[Any], random: Random) -> Any:
    for _ in range(random.choice((1, 1, 2, 8, 70))):
        part = random.choice(([part], {"items": [part]}))
    return part


def _left_out(part: Any, document: Any, ways: list[Any], random: Random) -> Any:
    if isinstance(part, dict | list) and part:
        at = random.randrange(len(part))
        return dict(_without(list(part.items()), at)) if isinstance(part, dict) else _without(part, at)
    return None


def _without(items: list[Any], at: int) -> list[Any]:
    return items[:at] + items[at + 1 :]


def _renamed(part: Any, document: Any, ways: list[Any], random: Random) -> Any:
    if not isinstance(part, dict) or not part:
        return random.choice(VALUES)
    keys = [key for way in ways for key in way if isinstance(key, str)] + ["x", "", "\ud800"]
    old, new = random.choice(list(part)), random.choice(keys)
    return {new if key == old else key: value for key, value in part.items()}


def byte_mutation(data: bytes, random: Random) -> bytes:
    """A few bytes changed, left out or repeated."""
    changed = bytearray(data or b"\0")
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(len(changed))
        match random.randrange(4):
            case 0:
                changed[at] = random.randrange(256)
            case 1:
                changed[at] ^= 1 << random.randrange(8)
            case 2:
                del changed[at : at + random.choice((1, 4, 64))]
            case _:
                piece = changed[at : at + random.choice((1, 8, 600))]
                changed[at:at] = piece * random.choice((1, 2, 20))
        changed = changed[:LONGEST] or bytearray(1)
    return bytes(changed)


def text_mutation(words: tuple[str, ...]) -> Mutation:
    """Changes lines and fields of a text, and puts words of its language in."""
    known = [word.encode("utf-8", "surrogateescape") for word in (*words, *ANYWHERE)]

    def mutate(data: bytes, random: Random) -> bytes:
        for _ in range(random.choice((1, 1, 2, 4))):
            data = _changed_text(data, known, random)[:LONGEST]
        return data

    return mutate


def _changed_text(data: bytes, words: list[bytes], random: Random) -> bytes:
    pieces = re.split(random.choice((rb"(\n)", rb"(\0)", rb"([\s,;:\0]+)", rb"(\d+)", rb"(\w+)")), data)
    at = random.randrange(len(pieces))
    match random.randrange(6):
        case 0:
            pieces[at] = random.choice(words)
        case 1:
            pieces[at] = random.choice(words) + pieces[at]
        case 2:
            pieces[at] = random.choice(pieces)
        case 3:
            pieces.insert(at, pieces[at] * random.choice((1, 2, 50)))
        case 4:
            del pieces[at]
        case _:
            return byte_mutation(data, random)
    return b"".join(pieces)


def archive_mutation(data: bytes, random: Random) -> bytes:
    """Bytes of an archive changed; the checksums of a tar's headers are right afterwards, as is what gzip adds."""
    if data.startswith(b"\x1f\x8b"):
        try:
            inner = zlib.decompressobj(31).decompress(data, 1 << 20)
        except zlib.error:
            return byte_mutation(data, random)
        return gzip.compress(archive_mutation(inner, random), 1, mtime=0)[:LONGEST]
    if data[257:262] != b"ustar":
        return byte_mutation(data, random)
    changed = byte_mutation(data, random) if random.random() < 0.5 else _changed_header(data, random)
    return _with_checksums(changed)[:LONGEST]


def _changed_header(data: bytes, random: Random) -> bytes:
    """One field of one header changed: name, mode, size, time, type, link or what follows them."""
    blocks = [at for at in range(0, len(data), _BLOCK) if data[at + 257 : at + 262] == b"ustar"]
    at = random.choice(blocks)
    start, length = random.choice(
        ((0, 100), (100, 8), (124, 12), (136, 12), (156, 1), (157, 100), (257, 8), (345, 155))
    )
    options = (
        b"\0" * length, b"7" * length, b"\x80" + b"\xff" * (length - 1), b"../" * length, b"a/" * length,
        bytes([random.choice(b"01234567gxLKSDNV")]) * length, bytes(random.randrange(256) for _ in range(length)),
    )  # fmt: skip
    field = random.choice(options)[:length].ljust(length, b"\0")
    return data[: at + start] + field + data[at + start + length :]


def _with_checksums(data: bytes) -> bytes:
    fixed = bytearray(data)
    for at in range(0, len(fixed) - _BLOCK + 1, _BLOCK):
        header = fixed[at : at + _BLOCK]
        if header[257:262] == b"ustar":
            header[_CHECKSUM] = b" " * 8
            fixed[at + 148 : at + 156] = b"%06o\0 " % sum(header)
    return bytes(fixed)


_PRINTED = text_mutation(WORDS["report"])

MUTATIONS: dict[str, Mutation] = {
    "reply": json_mutation(),
    "report": report_mutation,
    "session": json_mutation(),
    "trace": json_mutation(1),
    "training": json_mutation(1),
    "timing": json_mutation(1),
    "proof": json_mutation(1),
    "notebook": json_mutation(),
    "archive": archive_mutation,
    **{target: text_mutation(words) for target, words in WORDS.items() if target != "report"},
}
"""By target; the others are changed byte by byte."""


def longest(target: str) -> int:
    """Bytes that an input of the target may have."""
    return LONGEST_LAID_OUT if target in ("folder", "class") else LONGEST


def mutated(target: str, data: bytes, random: Random) -> bytes:
    """An input of the target, changed."""
    return MUTATIONS.get(target, byte_mutation)(data, random)[: longest(target)]
