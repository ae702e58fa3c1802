"""Whatever the bytes are, reading them ends in a submission or in an error of ours."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.intake import read_submission
from grader.intake.text import printable

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_or_refuse(name: str, content: bytes) -> None:
    """Read a file of that name; raise whatever isn't ours, and what breaks the promises of a Submission."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            submission = read_submission(path)
        except GraderError as error:
            str(error).encode()
            return
    for source in submission.sources:
        source.path.encode()
        assert source.units
        assert all(compile(unit.source, "", "exec", dont_inherit=True) for unit in source.units)
    assert all(str(notice).isprintable() for notice in submission.notices)


@pytest.mark.parametrize("name", ["a.py", "a.ipynb", "a.zip", "a.tar", "a.tar.gz"])
@FEW
@given(content=st.binary(max_size=300))
@example(content=b"\xff\xfe")
@example(content=b"#coding:utf-16\n")
@example(content=b"\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    read_or_refuse(name, content)


@FEW
@given(st.text(alphabet="abx=%!?'\"\\\n\r\t\0 ()[]#,:.é\u202e", max_size=80))
def test_any_text_is_read_or_refused_as_a_script(text: str) -> None:
    read_or_refuse("a.py", text.encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CELL = JSON | st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown"]) | JSON},
    optional={"source": st.text(alphabet="x=%!?\n '(", max_size=20) | JSON, "input": JSON, "id": JSON, "outputs": JSON},
)
NOTEBOOK = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([3, 4]) | JSON},
    optional={
        "cells": st.lists(CELL, max_size=4) | JSON,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(CELL, max_size=3)}), max_size=2) | JSON,
        "metadata": JSON,
        "nbformat_minor": JSON,
    },
)


@settings(FEW, max_examples=150)
@given(NOTEBOOK)
def test_any_notebook_is_read_or_refused(document: dict[str, Any]) -> None:
    read_or_refuse("a.ipynb", json.dumps(document).encode())


def a_zip() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("hw/a.py", "x = 1\n")
        target.writestr("hw/b.txt", "data" * 20)
    return data.getvalue()


def a_tar() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as target:
        info = tarfile.TarInfo("hw/é" + "a" * 120 + ".py")
        info.size = 6
        target.addfile(info, io.BytesIO(b"x = 1\n"))
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "make"), [("a.zip", a_zip), ("a.tar", a_tar), ("a.tgz", lambda: gzip.compress(a_tar()))]
)
@settings(FEW, max_examples=150)
@given(data=st.data())
def test_a_damaged_archive_is_read_or_refused(name: str, make: Callable[[], bytes], data: st.DataObject) -> None:
    content = bytearray(make())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(name, bytes(content[: data.draw(st.integers(1, len(content)))]))


@given(st.text(alphabet=st.characters()))
def test_any_text_is_printable_once_escaped(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 160
    shown.encode()
