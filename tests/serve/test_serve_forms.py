"""Points by hand: what a form has to hold, where it has to come from, and what comes of it."""

from __future__ import annotations

import html

import pytest

from grader.pages.names import safe_name
from tests.gradebook.samples import PROBLEMS
from tests.serve.conftest import HOSTILE, MULLER, Served

PROBLEM = PROBLEMS[2]
PAGE = "/students/ada"


def filled_in(served: Served, **changed: str) -> dict[str, str]:
    """A form as it should be, but for the changes; an empty one takes the field out."""
    right = {
        "form_key": served.access.form_key,
        "do": "give",
        "problem": PROBLEM,
        "points": "3.5",
        "comment": "A good idea",
        "author": "Grace",
    }
    return {name: value for name, value in {**right, **changed}.items() if value}


def given(served: Served, key: str = "ada") -> dict[str, float]:
    return {name: override.points for name, override in served.gradebook.grade(key).overrides.items()}


def test_points_count_at_once_and_the_page_is_shown_anew(served: Served) -> None:
    response = served.post(PAGE, filled_in(served))
    assert (response.status_code, response.headers["Location"]) == (303, "./ada#history")
    override = served.gradebook.grade("ada").overrides[PROBLEM]
    assert (override.points, override.comment, override.author) == (3.5, "A good idea", "Grace")
    page = served.get(PAGE).text
    assert "11.5</strong> of 12 points" in page
    assert "3.5 points for <code>layer_norm</code> by hand: A good idea" in page
    assert "11.5" in served.get("/students?by_hand=yes").text


def test_points_can_be_taken_back(served: Served) -> None:
    served.post(PAGE, filled_in(served))
    served.post(PAGE, filled_in(served, do="take_back", points="", comment="Wrong student"))
    assert given(served) == {}
    assert served.gradebook.history("ada")[-1].text.endswith("taken back: Wrong student")


def test_points_that_nobody_gave_can_not_be_taken_back(served: Served) -> None:
    response = served.post(PAGE, filled_in(served, do="take_back"))
    assert response.status_code == 422
    assert "there are none to take back" in response.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"points": ""}, "as a number from 0 up"),
        ({"points": "-1"}, "as a number from 0 up"),
        ({"points": "nan"}, "as a number from 0 up"),
        ({"points": "inf"}, "as a number from 0 up"),
        ({"points": "3,5"}, "as a number from 0 up"),
        ({"points": HOSTILE[:20]}, "as a number from 0 up"),
        ({"points": "40"}, "40 points are more than the 4 that the problem is worth"),
        ({"problem": ""}, "Choose the problem"),
        ({"problem": "no_such_problem"}, "Choose the problem"),
        ({"comment": ""}, "Say why"),
        ({"comment": " \r\n "}, "Say why"),
        ({"comment": "x" * 10_001}, "10000 characters at most"),
        ({"author": ""}, "Say who you are"),
        ({"author": "x" * 201}, "200 characters at most"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(served: Served, changed: dict[str, str], said: str) -> None:
    response = served.post(PAGE, filled_in(served, **changed))
    assert response.status_code == 422
    assert said in response.text
    assert given(served) == {}


def test_what_was_filled_in_is_not_lost_by_a_mistake(served: Served) -> None:
    page = served.post(PAGE, filled_in(served, points="many", comment="</textarea><b>why")).text
    assert '<option value="layer_norm" selected>' in page
    assert html.escape("</textarea><b>why") in page
    assert 'value="many"' in page
    assert 'value="Grace"' in page


def test_more_points_than_a_problem_is_worth_take_a_confirmation(served: Served) -> None:
    assert served.post(PAGE, filled_in(served, points="40", above="yes")).status_code == 303
    assert given(served) == {PROBLEM: 40}


@pytest.mark.parametrize("key", ["nobody", MULLER.key, HOSTILE])
def test_every_student_can_be_given_points(served: Served, key: str) -> None:
    assert served.post(f"/students/{safe_name(key)}", filled_in(served)).status_code == 303
    assert given(served, key) == {PROBLEM: 3.5}


@pytest.mark.parametrize("key", ["", "x" * 43])
def test_a_form_without_this_servers_key_is_refused(served: Served, key: str) -> None:
    response = served.post(PAGE, filled_in(served, form_key=key))
    assert response.status_code == 403
    assert "out of date" in response.text
    assert given(served) == {}


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_from_another_site_is_refused(served: Served, headers: dict[str, str]) -> None:
    response = served.post(PAGE, filled_in(served), headers=headers)
    assert response.status_code == 403
    assert given(served) == {}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"x" * 100_001, 413), (b"\xff\xfe", 400), (b"&".join([b"a=b"] * 21), 400), (b"form_key=%ff", 400)],
)
def test_what_is_no_form_is_refused(served: Served, body: bytes, status: int) -> None:
    assert served.client.post(served.url + PAGE, content=body).status_code == status
    assert given(served) == {}


def test_nobody_gives_points_to_a_student_that_there_is_not(served: Served) -> None:
    assert served.post("/students/nowhere", filled_in(served)).status_code == 404


def test_a_long_comment_with_signs_that_are_not_seen_is_not_changed_by_a_mistake(served: Served) -> None:
    comment = "\tWell done 👩\u200d🏫\n" + "why " * 2000 + "."
    page = served.post(PAGE, filled_in(served, points="many", comment=comment)).text
    assert f">\n{comment}</textarea>" in page
