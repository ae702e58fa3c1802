"""Code as highlighted lines."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.visible import visible
from grader.pages import Answer
from grader.pages.code import LONGEST_LINE, MOST_LINES, listing


def shown(source: str) -> list[str]:
    return [str(line.html) for line in listing(Answer("a.py", source, 1)).lines]


def test_kinds_of_tokens_are_set_off() -> None:
    (line,) = shown("def f(x): return len('a') + 1  # why")
    for kind, text in (("k", "def"), ("f", "f"), ("b", "len"), ("n", "1"), ("c", "# why")):
        assert f'<span class="{kind}">{text}</span>' in line
    assert '<span class="s">&#39;a&#39;</span>' in line


def test_lines_keep_their_numbers_and_one_is_marked() -> None:
    lines = listing(Answer("a.py", "def f():\n\n    '''a\n    b'''\n    return 1", 7, 11)).lines
    assert [(line.number, line.is_marked) for line in lines] == [
        (7, False),
        (8, False),
        (9, False),
        (10, False),
        (11, True),
    ]


@given(st.text(max_size=200))
def test_highlighting_changes_no_character_but_those_that_act_unseen(source) -> None:
    lines = [unescape(re.sub(r"</?span[^>]*>", "", line)) for line in shown(source)]
    assert lines == [visible(line.replace("\t", "    ")) for line in source.split("\n")]


@pytest.mark.parametrize(
    "source", ["</code></pre><script>alert(1)</script>", "'''</span><img src=x>", "x = '\u202e\x1b[31m\ud800'"]
)
def test_hostile_code_is_text(source) -> None:
    (line,) = shown(source)
    assert "<script" not in line
    assert "<img" not in line
    assert not {"\u202e", "\x1b", "\ud800"} & set(line)


def test_code_that_is_too_long_is_cut_and_says_so() -> None:
    long = listing(Answer("a.py", "\n".join(["x" * 10_000] * (MOST_LINES + 5)), 1))
    assert (len(long.lines), long.left_out) == (MOST_LINES, 5)
    assert len(str(long.lines[0].html)) <= LONGEST_LINE
