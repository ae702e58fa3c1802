"""The page and the table: what they say, and that nothing of a submission acts in them."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

from grader.similarity import Likeness, Pair, Piece, Side, similarity_csv, similarity_page
from grader.similarity.page import MOST_SHOWN

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e\ud800=1+1"
SOURCE = f"def answer(x):\n    # {HOSTILE}\n    return '{HOSTILE}'"


def _side(student, folder=None, source=SOURCE, place="a.py"):
    return Side(student, folder, (Piece(place, source, 7, ((8, 9),)),))


def _pair(score=40.0, one="ada", other="bob", folder=None, problem="answer"):
    return Pair(problem, _side(one), _side(other, folder), Likeness.WORDING, score, 0.75)


class _Page(HTMLParser):
    """The tags of a page, the lines of code that are marked, and all its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.marked = 0
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.links += [given[name] for name in ("href", "src") if name in given]
        self.marked += given.get("class") == "line shared"

    def handle_data(self, data):
        self.text += data


def test_the_page_says_that_it_is_a_hint_and_what_it_cannot_tell():
    for pairs in ((), (_pair(),)):
        text = _Page(similarity_page(pairs, {})).text
        assert "This list is a hint for a person." in text
        assert "It can't tell who copied from\nwhom" in text


def test_the_shared_lines_of_both_sides_are_marked():
    page = _Page(similarity_page([_pair()], {}))
    assert page.marked == 4


def test_students_are_shown_by_name_and_those_of_earlier_years_by_key_and_folder():
    text = _Page(similarity_page([_pair(folder="2024")], {"ada": "Ada Lovelace", "bob": "Bob of this year"})).text
    assert "Ada Lovelace (ada)" in text
    assert "bob from 2024" in text
    assert "Bob of this year" not in text


def test_a_pair_that_is_listed_for_several_problems_says_so():
    pairs = [_pair(problem="first"), _pair(problem="second", one="bob", other="ada"), _pair(other="cyd")]
    assert _Page(similarity_page(pairs, {})).text.count("These two are listed for 2 problems.") == 2


def test_nothing_of_a_submission_becomes_markup():
    hostile = Pair(HOSTILE, _side(HOSTILE, place=HOSTILE), _side("bob", HOSTILE), Likeness.STRUCTURE, 40.0, 0.75)
    html = similarity_page([hostile], {HOSTILE: HOSTILE}, [HOSTILE], {HOSTILE: 2})
    page = _Page(html)
    assert "script" not in page.tags
    assert page.text.count("<script>alert(1)</script>") >= 8
    assert not {"\x1b", "\u202e"} & set(html)
    html.encode("utf-8")


def test_the_page_asks_for_nothing_from_elsewhere():
    links = _Page(similarity_page([_pair()], {})).links
    assert {link.split(":")[0] for link in links if not link.startswith("#")} == {"data"}


def test_pairs_beyond_the_most_are_counted_and_left_to_the_table():
    pairs = [_pair(other=f"s{number}") for number in range(MOST_SHOWN + 3)]
    page = _Page(similarity_page(pairs, {}))
    assert page.tags.count("details") == MOST_SHOWN
    assert "3 more with lower scores" in page.text
    assert len(similarity_csv(pairs).splitlines()) == len(pairs) + 1


def test_the_table_has_a_line_for_each_pair():
    rows = list(csv.DictReader(io.StringIO(similarity_csv([_pair(folder="2024")]))))
    assert rows == [
        {
            "problem": "answer", "student": "ada", "other_student": "bob", "other_folder": "2024",
            "alike_in": "wording", "score": "40", "share": "0.75", "lines": "a.py: 8-9", "other_lines": "a.py: 8-9",
        }
    ]  # fmt: skip


def test_no_cell_of_the_table_begins_with_what_acts_in_a_spreadsheet():
    hostile = Pair("=p", _side("=1+1", place="@a.py"), _side("+1", "-2024", place="\t=a"), Likeness.WORDING, 40.0, 1.0)
    (_, cells) = csv.reader(io.StringIO(similarity_csv([hostile])))
    assert not {cell[:1] for cell in cells} & set("=+-@\t\r")
