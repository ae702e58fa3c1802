"""Root folders, import roots and module names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.intake import read_submission
from grader.intake.layout import root_name
from grader.model.submission import SourceFile, Submission

CODE = "x = 1\n"


def submission(folder: Path, contents: dict[str, str]) -> Submission:
    for name, content in contents.items():
        path = folder / "hw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return read_submission(folder / "hw")


def places(sources: tuple[SourceFile, ...]) -> dict[str, tuple[str, str]]:
    return {source.path: (source.import_root, source.module) for source in sources}


@pytest.mark.parametrize(
    ("folder", "root"),
    [
        ("hw3", "hw3"),
        ("hw-3 (final)", "hw_3_final"),
        ("2024", "submission_2024"),
        ("torch", "torch_submission"),
        ("random", "random_submission"),
        ("class", "class_"),
        ("grader", "grader_submission"),
        ("...", "submission"),
        ("作业", "作业"),
        ("x" * 300, "x" * 64),
    ],
)
def test_the_root_is_an_identifier_that_hides_no_library(folder: str, root: str) -> None:
    assert root_name(folder) == root
    assert root_name(folder).isidentifier()


def test_a_file_outside_packages_is_imported_from_its_own_folder(tmp_path: Path) -> None:
    sources = submission(tmp_path, {"a.py": CODE, "src/b.py": CODE}).sources
    assert places(sources) == {"a.py": ("hw", "a"), "src/b.py": ("hw/src", "b")}


def test_a_package_is_imported_from_the_folder_above_it(tmp_path: Path) -> None:
    contents = {"src/answers/__init__.py": CODE, "src/answers/deep/__init__.py": "", "src/answers/deep/a.py": CODE}
    assert places(submission(tmp_path, contents).sources) == {
        "src/answers/__init__.py": ("hw/src", "answers"),
        "src/answers/deep/a.py": ("hw/src", "answers.deep.a"),
    }


def test_a_root_that_is_a_package_is_imported_from_the_folder_above_the_submission(tmp_path: Path) -> None:
    contents = {"__init__.py": CODE, "a.py": CODE, "sub/__init__.py": "", "sub/b.py": CODE}
    assert places(submission(tmp_path, contents).sources) == {
        "__init__.py": ("", "hw"),
        "a.py": ("", "hw.a"),
        "sub/b.py": ("", "hw.sub.b"),
    }


def test_a_package_ends_at_a_folder_without_init(tmp_path: Path) -> None:
    contents = {"__init__.py": "", "gap/inner/__init__.py": "", "gap/inner/a.py": CODE}
    assert places(submission(tmp_path, contents).sources) == {"gap/inner/a.py": ("hw/gap", "inner.a")}


@pytest.mark.parametrize(
    ("path", "imports", "place"),
    [
        ("src/a.py", "from .b import x", ("hw", "src.a")),
        ("src/deep/a.py", "from ..b import x", ("hw", "src.deep.a")),
        ("src/deep/a.py", "from .b import x", ("hw/src", "deep.a")),
        ("a.py", "from .b import x", ("", "hw.a")),
        ("a.py", "from ...b import x", ("", "hw.a")),
        ("src/a.py", "from ...b import x", ("", "hw.src.a")),
    ],
)
def test_relative_imports_without_init_make_a_namespace_package(
    tmp_path: Path, path: str, imports: str, place: tuple[str, str]
) -> None:
    assert places(submission(tmp_path, {path: imports}).sources)[path] == place


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("my answer.py", "my_answer"),
        ("hw-3.ipynb", "hw_3"),
        ("01_attention.py", "_01_attention"),
        ("(1).py", "_1"),
        ("class.py", "class_"),
        ("random.py", "random_2"),
        ("torch.py", "torch_2"),
        ("__main__.py", "__main___2"),
    ],
)
def test_a_stem_that_can_not_be_a_module_is_given_another_name(tmp_path: Path, path: str, module: str) -> None:
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "x = 1"}]}
    content = json.dumps(notebook) if path.endswith("ipynb") else CODE
    assert places(submission(tmp_path, {path: content}).sources) == {path: ("hw", module)}


def test_modules_are_unique_and_the_script_keeps_its_name(tmp_path: Path) -> None:
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "x = 1"}]}
    contents = {"a.ipynb": json.dumps(notebook), "a.py": CODE, "b c.py": CODE, "b-c.py": CODE, "b_c.py": CODE}
    assert places(submission(tmp_path, contents).sources) == {
        "a.ipynb": ("hw", "a_2"),
        "a.py": ("hw", "a"),
        "b c.py": ("hw", "b_c_2"),
        "b-c.py": ("hw", "b_c_3"),
        "b_c.py": ("hw", "b_c"),
    }


def test_a_package_keeps_its_name_before_a_script_of_the_same_name(tmp_path: Path) -> None:
    sources = submission(tmp_path, {"a.py": CODE, "a/__init__.py": CODE}).sources
    assert places(sources) == {"a.py": ("hw", "a_2"), "a/__init__.py": ("hw", "a")}


def test_the_same_stem_in_two_folders_needs_no_change(tmp_path: Path) -> None:
    sources = submission(tmp_path, {"p/a.py": CODE, "q/a.py": CODE}).sources
    assert places(sources) == {"p/a.py": ("hw/p", "a"), "q/a.py": ("hw/q", "a")}


@pytest.mark.parametrize(
    "contents",
    [
        {"__init__.py": "", "b.py": "y = 2\n", "a.py": "from .b import y\n"},
        {"src/b.py": "y = 2\n", "src/a.py": "from .b import y\n"},
        {"my-code/__init__.py": "", "my-code/b.py": "y = 2\n", "my-code/a.py": "from .b import y\n"},
        {
            "pkg/__init__.py": "",
            "pkg/b.py": "y = 2\n",
            "pkg/sub/__init__.py": "",
            "pkg/sub/a.py": "from ..b import y\n",
        },
        {"b.py": "y = 2\n", "a.py": "from b import y\n"},
    ],
)
def test_python_can_import_what_is_laid_out_so(tmp_path: Path, contents: dict[str, str]) -> None:
    read = submission(tmp_path, contents)
    for file in read.files:
        path = tmp_path / "sandbox" / read.root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    source = next(source for source in read.sources if source.path.endswith("a.py"))
    program = f"import importlib; assert importlib.import_module({source.module!r}).y == 2"
    root = tmp_path / "sandbox" / source.import_root
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)
