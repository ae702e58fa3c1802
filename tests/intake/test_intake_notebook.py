"""Notebooks: cells in order, magics neutralised, and every way a notebook can be broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.errors import NothingToGrade
from grader.intake import read_submission
from grader.model.submission import FileKind, Notice, SourceFile, Submission


def cell(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source, **more}


def notebook(*cells: Any, **more: Any) -> dict[str, Any]:
    listed = [cell(source) if isinstance(source, str) else source for source in cells]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed, **more}


def read(folder: Path, document: Any) -> Submission:
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "hw.ipynb").write_text(text)
    return read_submission(folder / "hw.ipynb")


def units(submission: Submission) -> list[tuple[str, str]]:
    (source,) = submission.sources
    return [(unit.label, unit.source) for unit in source.units]


def complaint(folder: Path, document: Any) -> str:
    with pytest.raises(NothingToGrade) as caught:
        read(folder, document)
    return str(caught.value).partition("\n  ")[2]


def test_code_cells_are_read_in_order_and_counted_as_the_student_sees_them(tmp_path: Path) -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    submission = read(tmp_path, notebook("import torch", markdown, "", "def f():\n    return 1", "# nothing"))
    assert units(submission) == [("cell 1", "import torch"), ("cell 3", "def f():\n    return 1")]
    (source,) = submission.sources
    assert (source.kind, source.module, source.binds) == (FileKind.NOTEBOOK, "hw", ("torch", "f"))
    assert (source.aliases, submission.notices) == (("torch",), ())


def test_a_notebook_that_nbformat_wrote_is_read(tmp_path: Path) -> None:
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell("y = x")])
    assert units(read(tmp_path, nbformat.writes(written))) == [("cell 1", "x = 1"), ("cell 2", "y = x")]


def test_a_notebook_of_format_3_is_upgraded(tmp_path: Path) -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[
            nbformat.v3.new_worksheet(cells=[nbformat.v3.new_text_cell("heading"), nbformat.v3.new_code_cell("x = 1")]),
            nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("%pylab\ny = 2")]),
        ]
    )
    submission = read(tmp_path, nbformat.v3.writes_json(old))
    assert units(submission) == [("cell 1", "x = 1"), ("cell 2", "# %pylab\ny = 2")]


def test_a_source_may_be_a_list_of_lines(tmp_path: Path) -> None:
    assert units(read(tmp_path, notebook(cell(["x = 1\n", "y = 2"])))) == [("cell 1", "x = 1\ny = 2")]


@pytest.mark.parametrize(
    "document",
    [
        notebook(cell("x = 1", id="same"), cell("y = 2", id="same")),
        notebook({"cell_type": "code", "source": "x = 1"}, {"cell_type": "code", "source": "y = 2"}),
        notebook("x = 1", "y = 2", metadata=None),
        notebook("x = 1", "y = 2", metadata={"kernelspec": [[]], "__proto__": {"a": "\ud800"}}),
        notebook(cell("x = 1", id={"not": "text"}, outputs="hostile", metadata=7), "y = 2", nbformat_minor="nine"),
        notebook("x = 1", "y = 2", nbformat_minor=99, extra=[1, 2]),
        notebook("x = 1", None, 3, [], {"cell_type": ["code"]}, "y = 2"),
    ],
)
def test_what_is_beside_the_code_may_be_anything(
    tmp_path: Path, document: Any, recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]
) -> None:
    assert [source for _, source in units(read(tmp_path, document))] == ["x = 1", "y = 2"]
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_outputs_are_ignored(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "z = 3\n"}
    assert units(read(tmp_path, notebook(cell("x = 1", outputs=[output])))) == [("cell 1", "x = 1")]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "hw.ipynb:1: This notebook isn't valid JSON"),
        ('{\n "cells": [\n', "hw.ipynb:3: This notebook isn't valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[1, 2]", "is JSON, but not a notebook"),
        ("{}", "is JSON, but not a notebook"),
        ('{"nbformat": 4, "big": ' + "9" * 5000 + "}", "isn't valid JSON"),
        ({"nbformat": 2, "worksheets": []}, "has format `2`; formats 3 and 4 are read"),
        (notebook("x = 1", nbformat=5), "has format `5`"),
        (notebook("x = 1", nbformat="4\x1b"), r"has format `4\x1b`"),
        (notebook("x = 1", nbformat=4.0), "has format `4.0`"),
        (notebook("x = 1", nbformat=True), "has format `True`"),
        (notebook("x = 1", nbformat=[[]]), "has format no number"),
        (notebook(nbformat=4, cells={}), "has no list of cells"),
        ({"nbformat": 4}, "has no list of cells"),
        ({"nbformat": 3, "worksheets": {}}, "has no list of worksheets"),
        ({"nbformat": 3, "worksheets": [1]}, "has no list of worksheets"),
        ({"nbformat": 3, "worksheets": [{}]}, "has no list of cells"),
        (notebook(), "This notebook has no code in it"),
        (notebook("x = 1", metadata={"kernelspec": {"language": "R"}}), "is written in `R`, and Python is expected"),
        (notebook("x = 1\n" * 50_000), "has more than 256 KiB of code"),
        (notebook(*["1"] * 5001), "5,000 cells"),
    ],
)
def test_a_notebook_that_can_not_be_read_says_why(tmp_path: Path, document: Any, reason: str) -> None:
    said = complaint(tmp_path, document)
    assert said.startswith("hw.ipynb:")
    assert reason in said


def test_a_notebook_that_is_not_utf8_is_located(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_bytes(b'{\n"nbformat": "\xe9"}')
    with pytest.raises(NothingToGrade, match=r"hw\.ipynb:2: This notebook isn't valid UTF-8"):
        read_submission(tmp_path / "hw.ipynb")


def test_a_notebook_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_bytes(b"\xef\xbb\xbf" + json.dumps(notebook("x = 1")).encode())
    assert units(read_submission(tmp_path / "hw.ipynb")) == [("cell 1", "x = 1")]


def left_out(submission: Submission) -> Notice:
    assert [label for label, _ in units(submission)] == ["cell 1", "cell 3"]
    (notice,) = submission.notices
    return notice


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("y = 2\nz = (", 2, "Cell 2 isn't valid Python: '(' was never closed."),
        ("y = 1\nawait f()", 2, "Cell 2 isn't valid Python: 'await' outside function."),
        ("-" * 100_000 + "1", None, "Cell 2 is nested too deeply to be read."),
        ("y = '\0'", 1, "Cell 2 has a NUL character"),
        ("a = 1\ny = '\ud800'", 2, "Cell 2 has half of a surrogate pair"),
        ({"x": 1}, None, "Cell 2 has a source that is neither text nor a list of lines."),
        (["x = 1", 2], None, "Cell 2 has a source that is neither text nor a list of lines."),
    ],
)
def test_a_cell_that_never_parses_is_left_out_and_named(
    tmp_path: Path, source: Any, line: int | None, reason: str
) -> None:
    notice = left_out(read(tmp_path, notebook("x = 1", cell(source), "w = 3")))
    assert (notice.path, notice.line) == ("hw.ipynb", line)
    assert notice.message.startswith(reason)
    assert notice.message.endswith("your other cells are still read.")


def test_an_error_after_a_magic_is_reported_on_its_own_line(tmp_path: Path) -> None:
    assert left_out(read(tmp_path, notebook("x = 1", "!ls \\\n  -l\ny = = 2", "w = 3"))).line == 3


def test_magics_are_neutralised_and_told_once(tmp_path: Path) -> None:
    submission = read(tmp_path, notebook("%matplotlib inline\nx = 1", "y = x % 2", "!ls\nfor i in y:\n    %pwd"))
    assert units(submission) == [
        ("cell 1", "# %matplotlib inline\nx = 1"),
        ("cell 2", "y = x % 2"),
        ("cell 3", "# !ls\nfor i in y:\n    pass"),
    ]
    assert [str(notice) for notice in submission.notices] == [
        "hw.ipynb: Notebook commands such as `%matplotlib` or `!pip` aren't run here (cell 1 and cell 3)."
    ]


def test_a_cell_in_another_language_is_left_out_with_a_notice(tmp_path: Path) -> None:
    notice = left_out(read(tmp_path, notebook("x = 1", "%%bash\nrm -rf /", "%%time\nw = 3")))
    assert str(notice) == "hw.ipynb:1: Cell 2 is a `%%bash` cell: it isn't run here."


def test_a_file_written_by_a_cell_is_asked_for(tmp_path: Path) -> None:
    notice = left_out(read(tmp_path, notebook("x = 1", "%%writefile net.py\ny = 2", "w = 3")))
    assert "the file `net.py` isn't written here" in notice.message


def test_windows_line_ends_in_cells_are_read_as_one(tmp_path: Path) -> None:
    assert units(read(tmp_path, notebook("if True:\r\n    x = 1\r\n"))) == [("cell 1", "if True:\n    x = 1\n")]


def test_names_are_collected_over_all_cells(tmp_path: Path) -> None:
    (source,) = read(tmp_path, notebook("from a import f, g", "def f(): pass\nh = 1", "del h")).sources
    assert isinstance(source, SourceFile)
    assert (source.binds, source.aliases) == (("f", "g"), ("g",))
