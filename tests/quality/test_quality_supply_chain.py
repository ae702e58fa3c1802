"""What is installed is pinned and hashed, what is built holds nothing else, and no data is run as a program."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2]
PINNED = PROJECT / "requirements"
PARTS = ("grader", "reference", "problems")

Nodes = list[ast.AST]

RUNS_DATA = {
    "eval", "exec", "compile", "__import__",
    "pickle.load", "pickle.loads", "pickle.Unpickler", "_pickle.loads", "marshal.load", "marshal.loads",
    "shelve.open", "torch.load", "torch.jit.load", "numpy.load", "joblib.load", "dill.loads", "cloudpickle.loads",
    "pandas.read_pickle", "yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load",
    "xml.etree.ElementTree.parse", "xml.etree.ElementTree.iterparse", "xml.etree.ElementTree.fromstring",
    "xml.etree.ElementTree.XML", "xml.etree.ElementTree.XMLParser", "xml.etree.ElementTree.XMLPullParser",
    "os.system", "os.popen", "asyncio.create_subprocess_shell", "subprocess.getoutput", "subprocess.getstatusoutput",
    "importlib.import_module", "importlib.util.module_from_spec", "runpy.run_path", "runpy.run_module",
    "code.InteractiveInterpreter", "sympy.sympify", "sympy.S()", "sympy.lambdify", "sympy.parsing", "shell=True",
}  # fmt: skip
"""What can run a program that stands in its input; `shell=True` in a call counts as a name."""

NEVER_IMPORTED = {"xml.sax", "xml.dom", "xml.parsers", "lxml", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
SPEAKS_TO_OTHERS = {"urllib.request", "http.client", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib"}

ALLOWED = {
    ("catalog/load.py", "importlib.util.module_from_spec"): "a problem is a program: its author is trusted",
    ("batch/cluster.py", "importlib.import_module"): "two modules, named in the code",
    ("run/prover_process.py", "pickle.loads"): "the host writes it to the process's standard input; no student's bytes",
    ("classroom/gradescope.py", "yaml.load"): "with a loader of its own, made from SafeLoader",
    ("commands/interrupts.py", "exec"): "the empty string, which clears a note that CPython keeps",
    ("intake/code.py", "compile"): "to find what Python itself refuses; what comes out is thrown away",
    ("model/instances.py", "sympy.sympify"): "the numbers and symbols of an author's instance",
    ("model/formula.py", "sympy.sympify"): "what an author's formula returned",
    ("symbolic/ops/integers.py", "sympy.sympify"): "a number that a function of ours returned",
}


def _nodes(source: str) -> Nodes:
    return list(ast.walk(ast.parse(source)))


def _imported(nodes: Nodes) -> dict[str, str]:
    """What each name stands for, wherever in the module it is imported."""
    names = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names |= {alias.asname: alias.name} if alias.asname else {top: top}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _modules(nodes: Nodes) -> set[str]:
    """The modules that are imported, those that hold them, and the names taken from them."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found | {name[:end] for name in found for end, letter in enumerate(name) if letter == "."}


def _dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        left = _dotted(node.value, names)
        return left and f"{left}.{node.attr}"
    return None


def runs_data(nodes: Nodes) -> set[str]:
    """The names in a module that can run a program from its input."""
    names = _imported(nodes)
    found = {_dotted(node, names) for node in nodes if isinstance(node, ast.Name | ast.Attribute)}
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    found |= {f"{_dotted(call.func, names)}()" for call in calls}
    given = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "shell"]
    if any(not (isinstance(value, ast.Constant) and value.value is False) for value in given):
        found.add("shell=True")
    return (found | _modules(nodes)) & RUNS_DATA


@functools.cache
def _parsed() -> dict[str, Nodes]:
    """Every module of the project that is installed, by its path."""
    paths = sorted(path for part in PARTS for path in (PROJECT / part).rglob("*.py"))
    return {path.relative_to(PROJECT).as_posix(): _nodes(path.read_text(encoding="utf-8")) for path in paths}


def _host() -> dict[str, Nodes]:
    return {
        path.removeprefix("grader/"): nodes
        for path, nodes in _parsed().items()
        if path.startswith("grader/") and not path.startswith("grader/guest/")
    }


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("eval(text)", "eval"),
        ("import pickle as p\np.loads(data)", "pickle.loads"),
        ("from pickle import loads\nread = loads", "pickle.loads"),
        ("def f():\n    import torch\n    return torch.load(path)", "torch.load"),
        ("import xml.etree.ElementTree as ET\nET.fromstring(text)", "xml.etree.ElementTree.fromstring"),
        ("from xml.etree import ElementTree\nElementTree.parse(path)", "xml.etree.ElementTree.parse"),
        ("import subprocess\nsubprocess.run(line, shell=quick)", "shell=True"),
        ("import yaml\nyaml.load(text, Loader=Mine)", "yaml.load"),
        ("from sympy import S\nS(text)", "sympy.S()"),
        ("import importlib.util\nimportlib.util.module_from_spec(spec)", "importlib.util.module_from_spec"),
    ],
)
def test_a_way_to_run_data_is_found(source, name):
    assert runs_data(_nodes(source)) == {name}


def test_the_host_runs_no_data_but_where_it_is_justified():
    found = {(file, name) for file, nodes in _host().items() for name in runs_data(nodes)}

    assert found == set(ALLOWED)


def test_the_host_imports_no_serialiser_or_parser_that_data_can_take_over():
    assert [file for file, nodes in _host().items() if _modules(nodes) & NEVER_IMPORTED] == []


def test_nothing_asks_another_machine_for_anything():
    assert [file for file, nodes in _parsed().items() if _modules(nodes) & SPEAKS_TO_OTHERS] == []


def test_no_page_loads_anything_from_elsewhere():
    kinds = {".j2", ".css", ".js"}
    templates = [path for path in (PROJECT / "grader").rglob("*") if path.suffix in kinds]
    loads = re.compile(
        r"""(?:src|href)=["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import|\bhttps?://(?!www\.w3\.org)"""
    )

    assert len(templates) > 10
    assert [str(path) for path in templates if loads.search(path.read_text(encoding="utf-8"))] == []


def _entries(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Each package of a pinned file, with its version and the hashes of its files."""
    text = (PINNED / name).read_text(encoding="utf-8")
    found = {}
    for entry in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        package, version = re.findall(r"^([\w.-]+)==([^\s;]+)", entry)[0]
        found[canonicalize_name(package)] = version, frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry))
    return found


FILES = sorted(path.name for path in PINNED.glob("*.txt"))


@pytest.mark.parametrize("name", FILES)
def test_every_entry_is_one_version_with_hashes(name):
    entries = _entries(name)

    assert entries
    assert [package for package, (_, hashes) in entries.items() if not hashes] == []


def _pins() -> dict[str, str]:
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {
        canonicalize_name(package): version
        for package, version in (line.split("==") for line in lines if line[0] != "#")
    }


@pytest.mark.parametrize("name", FILES)
def test_the_versions_are_those_of_the_constraints(name):
    versions = {package: version.removesuffix("+cpu") for package, (version, _) in _entries(name).items()}

    assert versions == versions | {package: version for package, version in _pins().items() if package in versions}


def _wanted(extras: bool) -> list[Requirement]:
    file = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [*file["build-system"]["requires"], *file["project"]["dependencies"]]
    if extras:
        lines += itertools.chain(*file["project"]["optional-dependencies"].values())
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(("name", "extras"), [("grader.txt", False), ("tests.txt", True)])
@pytest.mark.parametrize("torch", ["torch.txt", "torch-cpu.txt"])
def test_the_pins_are_what_the_project_asks_for(name, extras, torch):
    entries = _entries(name) | _entries(torch)
    missing = [
        str(wanted)
        for wanted in _wanted(extras)
        if entries.get(canonicalize_name(wanted.name), ("0", ""))[0] not in wanted.specifier
    ]

    assert missing == []


def test_both_environments_install_the_same_files():
    all_of_it = _entries("tests.txt")

    assert [package for package, entry in _entries("grader.txt").items() if all_of_it.get(package) != entry] == []


def _build(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_two_builds_are_the_same_to_the_byte_and_hold_nothing_but_the_program(tmp_path):
    first, second = _build(tmp_path / "first"), _build(tmp_path / "second")
    names = zipfile.ZipFile(first).namelist()
    tops = {name.split("/")[0] for name in names}

    assert first.read_bytes() == second.read_bytes()
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PARTS)
    assert [name for name in names if "__pycache__" in name or "/test_" in name] == []
    assert any(name.endswith("/licenses/LICENSE") for name in names)
