"""Scripts: encodings, line ends, and files that Python can't parse."""

from __future__ import annotations

import codecs
import time
from pathlib import Path

import pytest

from grader.errors import NothingToGrade
from grader.intake import read_submission
from grader.intake.bounds import DEFAULT_BOUNDS


def text_of(folder: Path, content: bytes) -> str:
    (folder / "a.py").write_bytes(content)
    return read_submission(folder / "a.py").sources[0].units[0].source


def complaint(folder: Path, content: bytes) -> str:
    (folder / "a.py").write_bytes(content)
    with pytest.raises(NothingToGrade) as caught:
        read_submission(folder / "a.py")
    return str(caught.value).partition("\n  ")[2]


@pytest.mark.parametrize(
    "content",
    [
        "name = 'é'\n".encode(),
        codecs.BOM_UTF8 + "name = 'é'\n".encode(),
        "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1"),
        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nname = 'é'\n".encode("cp1252"),
        "# coding: gbk\nname = 'é'\n".encode("gbk"),
        "# coding: latin-1\rname = 'é'\r".encode("latin-1"),
    ],
)
def test_byte_order_marks_and_coding_cookies_are_honoured(tmp_path: Path, content: bytes) -> None:
    assert "name = 'é'\n" in text_of(tmp_path, content)


@pytest.mark.parametrize("newline", [b"\r\n", b"\r", b"\n"])
def test_every_kind_of_line_end_is_read_as_one(tmp_path: Path, newline: bytes) -> None:
    assert text_of(tmp_path, b"if True:" + newline + b"    x = 1" + newline) == "if True:\n    x = 1\n"


def test_bytes_that_are_not_utf8_are_located(tmp_path: Path) -> None:
    said = complaint(tmp_path, b"x = 1\ny = 2\nz = 3\nname = '\xe9'\n")
    assert said.startswith("a.py:4: This file has a byte (0xe9) that isn't valid utf-8. Save it as UTF-8")


def test_bytes_that_are_not_utf8_are_located_on_the_first_line_too(tmp_path: Path) -> None:
    assert complaint(tmp_path, b"name = '\xe9'\n").startswith("a.py:1: This file has a byte (0xe9)")


def test_utf16_is_called_by_its_name(tmp_path: Path) -> None:
    assert "is saved as UTF-16" in complaint(tmp_path, "x = 1\n".encode("utf-16"))


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "zlib_codec", "unicode_escape", "utf-7", "punycode"])
def test_encodings_that_are_not_plain_text_are_refused(tmp_path: Path, encoding: str) -> None:
    said = complaint(tmp_path, f"# coding: {encoding}\nx = 1\n".encode())
    assert said.startswith("a.py:1: This file names")
    assert "Save it as UTF-8" in said


def test_a_mark_and_a_cookie_that_disagree_are_reported(tmp_path: Path) -> None:
    assert "names an encoding" in complaint(tmp_path, codecs.BOM_UTF8 + b"# coding: latin-1\nx = 1\n")


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"x = 1\nx = = 2\n", 2, "invalid syntax"),
        (b'print "hello"\n', 1, "Missing parentheses"),
        (b"if x:\n\ty = 1\n        z = 2\n", 3, "tabs"),
        (b"x = 1\nreturn x\n", 2, "'return' outside function"),
        (b"import asyncio\nawait f()\n", 2, "'await' outside function"),
        (b"def f(a, a): pass\n", 1, "duplicate argument"),
        (b"x = 1\0\n", 1, "NUL character"),
        (b"x = 1\n" + b"9" * 5000, 2, "integer string conversion"),
    ],
)
def test_code_that_does_not_parse_is_located(tmp_path: Path, content: bytes, line: int, reason: str) -> None:
    said = complaint(tmp_path, content)
    assert said.startswith(f"a.py:{line}: This file ")
    assert reason in said


@pytest.mark.parametrize(
    "content",
    [
        b"-" * 100_000 + b"1",
        b"x" + b".x" * 100_000,
        b"1" + b"+1" * 100_000,
        b"lambda:" * 30_000 + b"1",
        b"if x: pass\n" + b"elif x: pass\n" * 15_000,
        b"(" * 100_000,
        b"".join(b" " * depth + b"if x:\n" for depth in range(400)) + b" " * 400 + b"pass\n",
    ],
)
def test_absurd_nesting_is_a_notice(tmp_path: Path, content: bytes) -> None:
    assert complaint(tmp_path, content).startswith("a.py")


@pytest.mark.parametrize("content", ["import {}", "from {} import x", "x = 1; import a \\\n . {}"])
def test_a_dotted_name_without_end_is_refused_before_the_parser_multiplies_it(tmp_path: Path, content: str) -> None:
    said = complaint(tmp_path, content.format("a" + ".a" * 120_000).encode())
    assert "has a name of more than 100 parts joined by dots" in said


def test_a_dotted_name_of_a_hundred_parts_is_read(tmp_path: Path) -> None:
    assert text_of(tmp_path, b"import a" + b".a" * 99)


def test_finally_blocks_within_each_other_do_not_stall_the_reader(tmp_path: Path) -> None:
    nested = "".join(f"{' ' * depth}try: pass\n{' ' * depth}finally:\n" for depth in range(19))
    body = "".join(f"{' ' * 19}x{number} = 1\n" for number in range(1000))
    start = time.perf_counter()
    (tmp_path / "a.py").write_text(nested + body)
    (source,) = read_submission(tmp_path).sources
    assert time.perf_counter() - start < 5
    assert len(source.binds) == 1000


def test_an_enormous_script_is_a_notice(tmp_path: Path) -> None:
    said = complaint(tmp_path, b"x = 1\n" * (DEFAULT_BOUNDS.code_bytes // 6 + 1))
    assert "has more than 256 KiB of code" in said


def test_code_that_python_warns_about_is_read_in_silence(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    assert "\\d" in text_of(tmp_path, b"pattern = '\\d'\nflag = 1 is 1\nassert (1, 'x')\n")
    assert not recwarn.list


def test_an_error_message_cannot_smuggle_control_characters(tmp_path: Path) -> None:
    said = complaint(tmp_path, "x = '\x1b[31m' \u202e\n".encode())
    assert said.isprintable()
