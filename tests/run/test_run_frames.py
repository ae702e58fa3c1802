"""The frames between host and guest: whole, bounded, and refused in every other case."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.guest import frames


def _from(data: bytes):
    position = 0

    def read(count: int) -> bytes:
        nonlocal position
        part = data[position : position + count]
        position += count
        if len(part) < count:
            raise EOFError
        return part

    return read


HEADERS = st.dictionaries(
    st.text(max_size=5), st.integers() | st.text(max_size=5) | st.lists(st.integers()), max_size=4
)


@given(HEADERS, st.binary(max_size=200))
def test_a_frame_comes_back_as_it_was(header: dict, payload: bytes) -> None:
    assert frames.read_frame(_from(frames.frame(header, payload))) == (header, payload)


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=50)), max_size=4), st.integers(1, 17))
def test_frames_come_out_whole_however_the_bytes_arrive(sent: list, step: int) -> None:
    stream = b"".join(frames.frame(*each) for each in sent)
    buffer, received = frames.FrameBuffer(), []
    for start in range(0, len(stream), step):
        buffer.feed(stream[start : start + step])
        while (taken := buffer.take()) is not None:
            received.append(taken)
    assert received == sent


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_frame_incomplete_or_refused(data: bytes) -> None:
    buffer = frames.FrameBuffer()
    buffer.feed(data)
    try:
        taken = buffer.take()
    except frames.MalformedFrameError:
        return
    assert taken is None or isinstance(taken[0], dict)


@pytest.mark.parametrize(
    "lengths", [(frames.LARGEST_HEADER + 1, 0), (2, frames.LARGEST_PAYLOAD + 1), (2**32 - 1, 2**64 - 1)]
)
def test_lengths_beyond_the_bounds_are_refused_before_the_bytes_come(lengths: tuple[int, int]) -> None:
    buffer = frames.FrameBuffer()
    buffer.feed(frames.FRAME.pack(*lengths))
    with pytest.raises(frames.MalformedFrameError, match="larger than allowed"):
        buffer.take()


@pytest.mark.parametrize("text", [b"[]", b"3", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN'])
def test_headers_that_are_no_objects_are_refused(text: bytes) -> None:
    with pytest.raises(frames.MalformedFrameError):
        frames.parse_header(text)


def test_a_message_longer_than_any_is_refused() -> None:
    with pytest.raises(frames.MalformedFrameError):
        frames.read_message(_from(struct.pack(">cI", b"D", frames.LARGEST_MESSAGE + 1)))


def test_a_long_stream_is_cut_into_messages_within_the_bounds() -> None:
    stream = bytes(range(256)) * (frames.LARGEST_MESSAGE // 100)
    read, joined = _from(frames.data_messages(stream)), b""
    while len(joined) < len(stream):
        kind, body = frames.read_message(read)
        assert kind == frames.DATA
        joined += body
    assert joined == stream
