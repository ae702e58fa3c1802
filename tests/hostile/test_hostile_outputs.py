"""One submission whose every text is hostile, through every output, beside the same submission with harmless text.

The outputs are parsed with what reads them in earnest. They may differ in escaped text and in nothing else.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from markdown_it import MarkdownIt

from grader.cli import main
from grader.commands.check import Request, _rendered
from grader.exit_codes import ExitCode
from grader.model.verdict import Report
from grader.report.formats import Format
from grader.run.backend import Isolation
from grader.session import check_submission
from tests.forking import completed
from tests.pages.html_reading import read

ROOT = Path(__file__).resolve().parents[2]
PROBLEMS = ("discounted_returns", "td_error", "categorical_entropy", "layer_norm")

TEXT = (
    "=cmd|' /C calc'!A0 \x1b[31m\x1b]8;;https://evil.example\x07x\x1b]8;;\x07\x9b2J\x07\b\r\n\t@SUM(1) +1 -1 "
    "<script>alert(1)</script><img src=x onerror=alert(1)></code></style>]]><![CDATA[ &amp; &#x3c; <!-- \" onclick='x' "
    "[red]r[/red] [link=https://evil.example]l[/link] :boom: [a](https://evil.example) ![x](https://evil.example/x) "
    "`` ``` | a | b |\n# heading\n***\n{{ 7 * 7 }} {% raw %} ${x} %s %n \\frac{1}{2} $x$ <math><mi>x</mi></math> "
    "\u202egnp.exe\u2066\u200b\u2028\u2029\ufeff\x00\x7f\x85\ud800\udfff\ufffe \"}\n{\"score\": 100} @everyone\u00a0"
)  # fmt: skip
"""What acts on a terminal, a browser, a spreadsheet, or the parser of some format."""

NAME = "=1+1 <img src=x onerror=alert(1)>&[red] {{7*7}} \x1b[31m\r\n\u202e`x`,;\"' @a |*_"
"""What of it a file or a folder can be called."""

PLAIN = " ".join(f"harmless{number}" for number in range(80)) + " `text`"
"""As much text as the hostile one."""

SUBMISSION = """
{text!r}
import torch
import warnings

print({text!r})
warnings.warn({text!r})
TEXT = {text!r}


def discounted_returns(rewards, dones, gamma):
    {text!r}
    print(TEXT)
    raise type(TEXT.replace(chr(0), ""), (ValueError,), {{}})({text!r})  # {comment}


def td_error(rewards, values, next_values, dones, gamma):
    label = {text!r}  # {comment}
    errors, previous = [], None
    for step, (reward, value) in enumerate(zip(rewards, values)):
        discounted = gamma ** step * reward - value
        if previous is not None and bool((discounted > previous).any()):
            discounted = torch.maximum(discounted, previous) + 0.25 * next_values[step]
        while len(errors) < step:
            errors.append(torch.zeros_like(discounted))
        previous = discounted if step % 2 else -discounted
        errors.append((discounted * 3 + previous).clamp(min=-1) * (1 - dones[step]))
    print(label, len(errors))
    return torch.stack(errors)


def categorical_entropy(logits):
    {text!r}
    return type(TEXT.replace(chr(0), "").encode("utf-8", "replace").decode(), (), {{}})()


def layer_norms(x, gamma, beta, eps=1e-5):
    return {text!r}
"""


def one_line(text: str) -> str:
    """The text as a comment may hold it."""
    return re.sub(r"[\x00\r\n\f\ud800-\udfff]+", " ", text)


def handed_in(folder: Path, text: str, name: str) -> Path:
    """A submission of which every text and every name is this."""
    folder.mkdir(parents=True)
    source = SUBMISSION.format(text=text, comment=one_line(text)).encode()
    (folder / "answers.py").write_bytes(source)
    (folder / f"{name}.py").write_bytes(b"def broken(:  # " + one_line(text).encode() + b"\n")
    cells = [
        {"cell_type": "code", "source": f"%%{'bash'} {text}\nx", "metadata": {text: text}, "outputs": []},
        {"cell_type": "code", "source": "def (" + one_line(text), "metadata": {}, "outputs": [text]},
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": text}}, "cells": cells}
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    (folder / f"{name}.zip").write_bytes(b"PK")
    return folder


@dataclass(frozen=True)
class Outputs:
    """What was written of one submission."""

    folder: Path
    report: Report
    shown: dict[str, str]
    """By format, and with `history`, `history_json` and `batch` besides."""

    grades: Path
    """The folder that a batch wrote."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outputs, Outputs]:
    """Of the hostile submission, and of the harmless one."""
    return tuple(
        outputs(tmp_path_factory.mktemp(kind), text, name)
        for kind, text, name in (("hostile", TEXT, NAME), ("plain", PLAIN, "name"))
    )


def outputs(folder: Path, text: str, name: str) -> Outputs:
    """Check the submission, and grade a class of its author, somebody who copied it, and somebody honest."""
    submission = handed_in(folder / "class" / name, text, name)
    handed_in(folder / "class" / f"{name} 2", text, name)
    honest = (ROOT / "examples" / "good").glob("*.py")
    (folder / "class" / "honest").mkdir()
    for path in honest:
        (folder / "class" / "honest" / path.name).write_bytes(path.read_bytes())
    request = Request(submission, Format.TERMINAL, None, PROBLEMS, "cpu", 1, Isolation.AUTO, None, verbose=True)
    report = check_submission(submission, request.options())
    shown = {each.value: _rendered(_as(request, each), report, width=100, color=False) for each in Format}
    shown["color"] = _rendered(request, report, width=100, color=True)
    with chdir(folder):
        chosen = [argument for problem in PROBLEMS for argument in ("--problem", problem)]
        assert run(folder, "batch", "class", *chosen, "--workers", "1", "--similarity") == ExitCode.PASSED
        shown["batch"] = said(folder)
        shown["history"] = told("history", name)
        shown["history_json"] = told("history", name, "--format", "json")
    return Outputs(submission, report, shown, folder / "grades")


def _as(request: Request, wanted: Format) -> Request:
    return Request(
        request.path, wanted, None, PROBLEMS, request.device, request.seed, request.isolation, None, verbose=True
    )


def told(*arguments: str) -> str:
    """What a command says, in this process."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(stream), redirect_stderr(stream):
        main(list(arguments))
    return stream.buffer.getvalue().decode()


def run(folder: Path, *arguments: str) -> int:
    """A command in a process of its own; what it says on both streams is kept."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "100"}
    done = completed(*arguments, cwd=folder, env=environment, timeout=300)
    (folder / "said").write_text(done.stdout, encoding="utf-8", newline="")
    (folder / "said.err").write_text(done.stderr, encoding="utf-8", newline="")
    return done.returncode


def said(folder: Path) -> str:
    """What the last command said."""
    return (folder / "said").read_bytes().decode() + (folder / "said.err").read_bytes().decode()


def hidden(text: str) -> set[str]:
    """Characters that act on whoever shows the text, or can't be shown."""
    shown = {"\n", "\u2061", "\u2062"}  # line breaks, and MathML's invisible operators
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")} - shown


def structure(value: Any) -> Any:
    """A value of JSON without its texts and numbers."""
    if isinstance(value, dict):
        return {key: structure(each) for key, each in value.items()}
    if isinstance(value, list):
        return [structure(each) for each in value]
    return type(value).__name__


def test_both_submissions_are_graded_alike(both: tuple[Outputs, Outputs]) -> None:
    hostile, plain = (each.report for each in both)
    assert [[v.outcome for v in p.verdicts] for p in hostile.problems] == [
        [v.outcome for v in p.verdicts] for p in plain.problems
    ]
    assert (hostile.score, len(hostile.notices)) == (plain.score, len(plain.notices))


@pytest.mark.parametrize("wanted", [*(each.value for each in Format), "batch", "history", "history_json"])
def test_no_hidden_character_is_shown(both: tuple[Outputs, Outputs], wanted: str) -> None:
    assert hidden(both[0].shown[wanted]) == set()


def test_in_colour_there_are_the_same_styles_and_no_other_sequences(both: tuple[Outputs, Outputs]) -> None:
    hostile, plain = (set(re.findall(r"\x1b\[[0-9;]*m", each.shown["color"])) for each in both)
    assert hostile <= plain
    assert hidden(re.sub(r"\x1b\[[0-9;]*m", "", both[0].shown["color"])) == set()


@pytest.mark.parametrize("wanted", ["json", "history_json"])
def test_json_differs_in_texts_alone(both: tuple[Outputs, Outputs], wanted: str) -> None:
    hostile, plain = (structure(json.loads(each.shown[wanted])) for each in both)
    assert hostile == plain


def test_junit_differs_in_texts_alone(both: tuple[Outputs, Outputs]) -> None:
    hostile, plain = ([(e.tag, sorted(e.attrib)) for e in ET.fromstring(each.shown["junit"]).iter()] for each in both)
    assert hostile == plain


def test_markdown_has_the_same_blocks_and_no_markup_of_the_submission(both: tuple[Outputs, Outputs]) -> None:
    hostile, plain = (list(blocks(each.shown["markdown"])) for each in both)
    assert [block for block in hostile if block != "inline"] == [block for block in plain if block != "inline"]
    inline = [
        child
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(both[0].shown["markdown"])
        for child in token.children or ()
    ]
    assert not [each for each in inline if each.type in ("link_open", "image", "em_open", "s_open")]
    markup = {each.content for each in inline if each.type == "html_inline"}
    assert all(re.fullmatch(r"</?sub>|<!-- -->|<br>", each) for each in markup), markup


def blocks(text: str) -> Iterator[str]:
    """Types of a document's blocks."""
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        yield f"{token.type} {token.tag}"


def page_structure(html: str) -> tuple[set[str], set[tuple[str, str]], set[str]]:
    """Elements, their attributes, and where links lead."""
    page = read(html)
    addresses = {value for _, name, value in page.attributes if name in ("href", "src", "action", "style")}
    return set(page.tags), {(tag, name) for tag, name, _ in page.attributes}, addresses


INSIDE = re.compile(r"#[\w-]+|data:,|(students/|\.\./)?[\w~-]+\.html(#[\w-]+)?")
"""Where a link may lead."""


def pages(each: Outputs) -> dict[str, str]:
    """Every page: the one of `check`, and those of the class."""
    found = {"check": each.shown["html"]}
    for path in sorted(each.grades.rglob("*.html")):
        kind = f"student {len(found)}" if path.parent.name == "students" else path.stem
        found[kind] = path.read_text(encoding="utf-8")
    return found


def test_pages_have_the_same_elements_and_attributes_and_lead_nowhere(both: tuple[Outputs, Outputs]) -> None:
    hostile, plain = (pages(each) for each in both)
    assert len(hostile) == len(plain) == 6
    own = [page_structure(html) for html in plain.values()]
    tags, attributes = set().union(*(each[0] for each in own)), set().union(*(each[1] for each in own))
    for kind, html in hostile.items():
        found = page_structure(html)
        assert found[0] - tags == set(), kind
        assert found[1] - attributes == set(), kind
        assert all(INSIDE.fullmatch(address) for address in found[2]), kind
        assert hidden(html) == set(), kind
    assert all(re.fullmatch(r"[\w~.-]+", path.name) for path in both[0].grades.rglob("*"))


def rows(path: Path) -> list[list[str]]:
    """The lines of a CSV file."""
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("name", ["gradebook.csv", "canvas.csv", "moodle.csv", "left-out.csv", "similarity.csv"])
def test_tables_have_the_same_cells_and_none_is_a_formula(both: tuple[Outputs, Outputs], name: str) -> None:
    hostile, plain = (rows(each.grades / name) for each in both)
    assert [len(row) for row in hostile] == [len(row) for row in plain]
    for cell in (cell for row in hostile for cell in row):
        assert not re.match(r"\s*[=+@\t\r\uff1d\uff0b\uff20]|-\D", cell), cell
        assert hidden(cell) | ({"\n"} & set(cell)) == set()


def test_the_workbook_has_neither_formulas_nor_links(both: tuple[Outputs, Outputs]) -> None:
    hostile, plain = (openpyxl.load_workbook(each.grades / "gradebook.xlsx") for each in both)
    assert hostile.sheetnames == plain.sheetnames
    for sheet in hostile.worksheets:
        assert (sheet.max_row, sheet.max_column) == (plain[sheet.title].max_row, plain[sheet.title].max_column)
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
        assert not [cell for cell in cells if cell.hyperlink or hidden(str(cell.value or ""))]
    with zipfile.ZipFile(both[0].grades / "gradebook.xlsx") as archive:
        assert not [name for name in archive.namelist() if "external" in name or "macro" in name.lower()]


def test_lines_of_json_stay_lines(both: tuple[Outputs, Outputs]) -> None:
    texts = [(each.grades / "gradebook.jsonl").read_bytes().decode() for each in both]
    assert all(text.splitlines() == text.split("\n")[:-1] for text in texts)
    hostile, plain = ([structure(json.loads(line)) for line in text.splitlines()] for text in texts)
    assert len(hostile) == len(plain) == 3
    assert sorted(map(repr, map(sorted, hostile))) == sorted(map(repr, map(sorted, plain)))


def test_results_for_gradescope_differ_in_texts_alone(both: tuple[Outputs, Outputs]) -> None:
    found = []
    for each in both:
        files = [path.read_text() for path in (each.grades / "gradescope").glob("*.json")]
        assert all(text.isascii() for text in files)
        found.append(sorted(json.dumps(structure(json.loads(text))) for text in files))
    assert found[0] == found[1]


def test_pytest_shows_and_writes_it_escaped(both: tuple[Outputs, Outputs], tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"}
    chosen = [argument for problem in PROBLEMS for argument in ("--grader-problem", problem)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "grader.pytest_plugin", "-p", "no:cacheprovider", "--submission",
         str(both[0].folder), *chosen, "--junitxml", "out.xml", "-rA", "-c", os.devnull, "--rootdir", "."],
        capture_output=True, cwd=tmp_path, env=environment, timeout=300,
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout.decode()[-2000:]
    assert hidden(done.stdout.decode() + done.stderr.decode()) == set()
    root = ET.parse(tmp_path / "out.xml").getroot()
    verdicts = sum(len(problem.verdicts) for problem in both[0].report.problems)
    assert len(list(root.iter("testcase"))) == verdicts
    assert {element.tag for element in root.iter()} <= {"testsuites", "testsuite", "testcase", "failure", "skipped"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", NAME],
        ["batch", NAME],
        ["check", ".", "--problem", NAME],
        ["check", ".", "--assignment", NAME],
        ["history", NAME],
    ],
    ids=lambda arguments: arguments[-2],
)
def test_the_command_line_names_what_is_not_there_escaped(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    with chdir(tmp_path):
        shown = told(*arguments)
    assert shown
    assert hidden(shown) == set()
    assert "Traceback" not in shown
