"""Four times as much to read is about four times the work: counted in steps of the interpreter, not in seconds."""

from __future__ import annotations

import io
import json
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from grader.guest import frames
from tests.fuzz.seeds import RETURNED, laid_out
from tests.fuzz.targets import NUMBER, TARGETS

MEMORY = 40
"""Bytes of memory that the parts of a header may take for each of its own: a dictionary takes 64, and two of `{},`."""

SIZE = 30
MOST = 4.8
"""Times the work for four times the size; twice the size of something quadratic would be four times the work."""


def steps(target: str, data: bytes) -> int:
    """Opcodes that reading takes, once whatever is made only once has been made."""
    counted = 0

    def count(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += event == "opcode"
        return count

    before = sys.gettrace()
    TARGETS[target](data)
    sys.settrace(count)
    try:
        TARGETS[target](data)
    finally:
        sys.settrace(before)
    return counted


def _headers(size: int) -> bytes:
    return b"\xff" + frames.frame({"x": [{}] * 10}, b"12") * size


def _value(size: int) -> bytes:
    items = [{"items": [{"number": "1", "type": "int"}] * 4}] * size
    return json.dumps({**RETURNED, "value": {"items": items}, "gradients": {}}).encode()


def _graph(size: int) -> bytes:
    nodes = [["aten.add.Tensor", [{"r": number}, [1, [2]]], {"alpha": 1.5}] for number in range(size)]
    told = {"id": NUMBER, "status": "traced", "nodes": nodes, "outputs": [{"r": size}], "calls": ["add"] * size}
    return b"\0" + json.dumps(told).encode()


def _decision(size: int) -> bytes:
    entries = [{"index": [0], "got": "a", "expected": "b", "result": None}] * size
    return b"\1" + json.dumps({"entries": entries, "definitions": [["a", "b"]] * size, "left_out": 0}).encode()


def _code(size: int) -> bytes:
    return b"".join(b"def f%d(a, b=1):\n    if a:\n        return [b]\n\n" % number for number in range(size))


def _cells(size: int) -> bytes:
    cells = [{"cell_type": "code", "source": f"%time f({n})\n!ls\nx{n} = [1,\n 2]\n"} for n in range(size)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}).encode()


def _zipped(size: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as target:
        for number in range(size // 8):
            target.writestr(zipfile.ZipInfo(f"hw/a{number}.txt"), b"x" * 100)
    return data.getvalue()


def _tarred(size: int) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as target:
        for number in range(size // 8):
            target.addfile(tarfile.TarInfo(f"hw/a{number}.txt"))
    return data.getvalue()


def _files(size: int) -> bytes:
    return laid_out(*(("f", f"d{number}/a.txt", b"x") for number in range(size // 8)))


def _students(size: int) -> bytes:
    return laid_out(*(("f", f"doejane{number}_{number}_10{number}_hw.py", b"x = 1\n") for number in range(size)))


def _submitters(size: int) -> bytes:
    one = "submission_{}:\n  :submitters:\n  - :name: Jane\n    :sid: '{}'\n  :created_at: 2026-01-02 03:04:05 +01:00\n"
    return "".join(one.format(number, number) for number in range(size)).encode()


def _rows(size: int) -> bytes:
    return b"key,name,email\n" + b"".join(b'%d,"Doe, Jane%d",j%d@example.org\n' % (n, n, n) for n in range(size))


GROWING: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "frames": ("frames", _headers),
    "parts of a value": ("reply", _value),
    "nodes of a graph": ("trace", _graph),
    "entries of an explanation": ("proof", _decision),
    "functions of a script": ("script", _code),
    "cells of a notebook": ("notebook", _cells),
    "members of a zip": ("archive", _zipped),
    "members of a tar": ("archive", _tarred),
    "files of a folder": ("folder", _files),
    "students of a folder": ("class", _students),
    "submitters": ("gradescope", _submitters),
    "rows of a roster": ("roster", _rows),
}


@pytest.mark.parametrize(("target", "make"), GROWING.values(), ids=GROWING)
def test_work_grows_with_what_there_is_to_read(target: str, make: Callable[[int], bytes]) -> None:
    assert steps(target, make(4 * SIZE)) <= MOST * steps(target, make(SIZE))


@pytest.mark.parametrize("part", [b"{},", b"[[],[]],", b'"\\ud800",', b'{"r":0},'])
@pytest.mark.parametrize(
    ("target", "begins"),
    [("reply", b'{"id":7,"status":"returned","value":['), ("trace", b'\0{"id":7,"status":"traced","nodes":[')],
)
def test_a_header_takes_memory_in_proportion(target: str, begins: bytes, part: bytes) -> None:
    data = begins + part * (frames.LARGEST_HEADER // 8 // len(part)) + b"0]}"
    tracemalloc.start()
    try:
        TARGETS[target](data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= MEMORY * len(data)
