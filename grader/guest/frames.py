"""Frames: how the two sides of the sandbox's door speak. Lengths first, bounds on everything, never pickle.

A *message* is a kind (one byte) and bytes: host and zygote exchange these. A *frame* is a JSON header and a safetensors
payload: host and child exchange these inside `DATA` messages, relayed by the zygote.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

READY = b"R"
"""Zygote to host: torch is imported, children can be spawned."""
SPAWN = b"S"
"""Host to zygote: fork a child; JSON limits."""
DATA = b"D"
"""Either way: bytes of the frames between host and child."""
START = b"C"
"""Host to zygote: a call begins; JSON with its limits in seconds."""
FINISH = b"F"
"""Host to zygote: the call has been answered; send what was printed."""
OUTPUT = b"O"
"""Zygote to host: CPU seconds that the child has used (SPENT), then what it printed since the last time, capped."""
OVER = b"V"
"""Zygote to host, in the place of OUTPUT: the call that was answered went over a limit, and its child is ended."""
KILL = b"K"
"""Host to zygote: end the child and everything it started."""
EXITED = b"X"
"""Zygote to host: the child is gone; JSON with the reason."""

MESSAGE = struct.Struct(">cI")
FRAME = struct.Struct(">IQ")
SPENT = struct.Struct(">d")

COTANGENT = "cotangent of the result"
"""Name of the weights among a request's tensors; no argument can be called that."""

PROGRESS = "progress"
"""Key of a frame that a child sends while it is at work, before its answer."""

DEEPEST = 4
"""How deeply tuples may be nested in a result."""

LARGEST_MESSAGE = 1 << 20
LARGEST_HEADER = 1 << 20
LARGEST_PAYLOAD = 1 << 28


class MalformedFrameError(Exception):
    """Bytes that are not a frame within the bounds."""


def message(kind: bytes, body: bytes = b"") -> bytes:
    """One message as bytes."""
    return MESSAGE.pack(kind, len(body)) + body


def data_messages(stream: bytes) -> bytes:
    """A stream of any length as consecutive DATA messages."""
    parts = (stream[i : i + LARGEST_MESSAGE] for i in range(0, len(stream), LARGEST_MESSAGE))
    return b"".join(message(DATA, part) for part in parts)


def frame(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """One frame as bytes."""
    text = json.dumps(header, allow_nan=False).encode()
    return FRAME.pack(len(text), len(payload)) + text + payload


def read_message(read: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Read one message; `read(n)` returns exactly n bytes.

    Raises:
        MalformedFrameError: the message is longer than any that either side sends.
    """
    kind, length = MESSAGE.unpack(read(MESSAGE.size))
    if length > LARGEST_MESSAGE:
        raise MalformedFrameError(f"a message of {length} bytes; at most {LARGEST_MESSAGE} are read")
    return kind, read(length)


def read_frame(read: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one frame; `read(n)` returns exactly n bytes.

    Raises:
        MalformedFrameError: too large, not JSON, or not an object.
    """
    header_length, payload_length = FRAME.unpack(read(FRAME.size))
    if header_length > LARGEST_HEADER or payload_length > LARGEST_PAYLOAD:
        raise MalformedFrameError(f"a frame of {header_length} + {payload_length} bytes is larger than allowed")
    return parse_header(read(header_length)), read(payload_length)


def parse_header(text: bytes) -> dict[str, Any]:
    """A header's JSON object.

    Raises:
        MalformedFrameError: not UTF-8, not JSON, nested too deeply, or not an object.
    """
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedFrameError(f"the header is not JSON ({type(error).__name__})") from None
    if not isinstance(header, dict):
        raise MalformedFrameError("the header is not a JSON object")
    return header


class FrameBuffer:
    """Collects bytes as they come and hands out whole frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            MalformedFrameError: more bytes than any frame can have.
        """
        self._bytes += data
        if len(self._bytes) > FRAME.size + LARGEST_HEADER + LARGEST_PAYLOAD:
            raise MalformedFrameError("more data than one answer can hold")

    def take(self) -> tuple[dict[str, Any], bytes] | None:
        """The next whole frame, or None until enough bytes have come.

        Raises:
            MalformedFrameError: what came is not a frame within the bounds.
        """
        if len(self._bytes) < FRAME.size:
            return None
        header_length, payload_length = FRAME.unpack(self._bytes[: FRAME.size])
        if header_length > LARGEST_HEADER or payload_length > LARGEST_PAYLOAD:
            raise MalformedFrameError(f"a frame of {header_length} + {payload_length} bytes is larger than allowed")
        end = FRAME.size + header_length + payload_length
        if len(self._bytes) < end:
            return None
        whole = bytes(self._bytes[FRAME.size : end])
        del self._bytes[:end]
        return parse_header(whole[:header_length]), whole[header_length:]
