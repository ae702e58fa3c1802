"""Magics become plain Python, and what only looks like a magic stays."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.magics import plain

PYTHON = [
    "x = 1",
    "y = 7 % 3",
    "z = (x\n  % y)",
    "z = [x\n% y\n]",
    "w = x \\\n  % y",
    'text = """\n%matplotlib inline\n!ls\nwhat?\n"""',
    "text = '''\n%%bash\n'''",
    "s = 'what?'  # really?",
    "s = 1  # it's (open",
    "s = 1  # not continued \\",
    "s = 'it\\'s [open'",
    "s = 'one \\\n%two'",
    's = "it\'s %d" % 3',
    "b = rb'\\\\'",
    "if x != y:\n    pass",
    "def f(a):\n    '''Say\n    %this?\n    '''\n    return a % 2",
]
MAGICS = [
    "%matplotlib inline",
    "%load_ext autoreload",
    "!pip install 'torch>=2",
    "!ls \\\n   -la \\\n   (",
    "files = !ls [",
    "a, b = !echo",
    "t = %timeit -o f()",
    "%time q = 1",
    "%timeit f(",
    "?print",
    "torch.nn?",
    "torch.nn??",
    "pip install torch",
    "cd ..",
    "for i in x:\n    !echo {i}",
    "if x:\n    %pwd\nelse:\n    d = !pwd",
    "!!ls",
    "%%time",
]


@pytest.mark.parametrize("magic", MAGICS)
def test_a_magic_becomes_python_of_as_many_lines(magic: str) -> None:
    cell = plain(f"before = 1\n{magic}\nafter = 2")
    ast.parse(cell.source)
    assert cell.source.count("\n") == magic.count("\n") + 2
    assert cell.source.startswith("before = 1\n")
    assert cell.source.endswith("\nafter = 2")


@pytest.mark.parametrize(
    ("cell", "count"), [("x = 1", 0), ("%%time\n%time x = 1", 0), ("!ls \\\n  -l\n%pwd\nx?\ny = !ls", 4)]
)
def test_only_lines_that_no_longer_do_anything_are_counted(cell: str, count: int) -> None:
    assert plain(cell).neutralised == count


@pytest.mark.parametrize("code", PYTHON)
def test_python_beside_a_magic_is_not_touched(code: str) -> None:
    cell = plain(f"{code}\n!ls\n{code}")
    assert cell.source == f"{code}\n# !ls\n{code}"


@given(st.lists(st.sampled_from([*PYTHON, *MAGICS]), min_size=1, max_size=12))
def test_any_mixture_parses_and_keeps_its_lines(pieces: list[str]) -> None:
    source = "x = 1\n" + "\n".join(pieces)
    cell = plain(source)
    ast.parse(cell.source)
    assert cell.source.count("\n") == source.count("\n")


@given(st.text(alphabet="ab=%!?'\"\\\n ()[]#,:", max_size=60))
def test_any_text_keeps_its_lines(text: str) -> None:
    assert plain(text).source.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("magic", "python"),
    [
        ("files = !ls", "files = None"),
        ("a, b = !ls", "a, b = None, None,"),
        ("a, = !ls", "a, = None,"),
        ("x[0] = %pwd", "x[0] = None"),
        ("%time x = f()", "x = f()"),
        ("    %pwd", "# %pwd"),
    ],
)
def test_an_assignment_keeps_its_targets(magic: str, python: str) -> None:
    assert plain(magic).source == python


def test_a_magic_may_stand_before_a_future_import() -> None:
    source = plain("%matplotlib inline\nfrom __future__ import annotations").source
    compile(source, "cell", "exec", dont_inherit=True)


def test_a_cell_indented_as_a_whole_is_moved_to_the_margin() -> None:
    assert plain("    x = 1\n    if x:\n        !ls").source == "x = 1\nif x:\n    pass"


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%timeit -n 10", "%%prun", "\n%%capture\n%%time"])
def test_a_cell_magic_around_python_leaves_the_python(magic: str) -> None:
    cell = plain(f"{magic}\nx = 1\n!ls")
    assert cell.source.endswith("\nx = 1\n# !ls")
    assert cell.foreign == ""


@pytest.mark.parametrize(
    ("magic", "foreign", "arguments"),
    [
        ("%%bash", "%%bash", ""),
        ("%%html", "%%html", ""),
        ("%%writefile my net.py", "%%writefile", "my net.py"),
        ("%%capture\n%%bash -s", "%%bash", "-s"),
    ],
)
def test_a_cell_of_another_language_becomes_blank_lines(magic: str, foreign: str, arguments: str) -> None:
    cell = plain(f"{magic}\nls -la\necho")
    assert (cell.foreign, cell.arguments) == (foreign, arguments)
    assert cell.source == "\n" * (magic.count("\n") + 2)


def test_long_lines_are_read_in_linear_time() -> None:
    assert plain("a" * 200_000 + " = " + "a ," * 50_000 + "\n%x").neutralised == 1
