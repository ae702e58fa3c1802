"""Problems are found by their place, chosen by name or question, and refused with the name of their file."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from grader.catalog.find import Catalog, Place, bundled, find
from grader.catalog.load import load
from grader.errors import ProblemDefinitionError, UsageError
from grader.model.problem import Problem


@pytest.fixture
def write(tmp_path):
    def written(path, text="PROBLEM = None"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    return written


@pytest.fixture
def catalog(write, tmp_path):
    for path in (
        "q10_b/two.py",
        "q02_a/three.py",
        "q02_a/one.py",
        "q02_a/_shared.py",
        "other/four.py",
        "q02_a/notes.txt",
    ):
        write(path)
    return find(tmp_path)


def ids(places):
    return [place.id for place in places]


def test_problems_are_in_order_of_question_then_name(catalog):
    assert [(p.question, p.topic, p.id) for p in catalog.places] == [
        (2, "a", "one"),
        (2, "a", "three"),
        (10, "b", "two"),
    ]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ([], ["one", "three", "two"]),
        (["two"], ["two"]),
        (["2"], ["one", "three"]),
        (["q2"], ["one", "three"]),
        (["Q02"], ["one", "three"]),
        (["two", "one"], ["one", "two"]),
        (["q2", "one", "10"], ["one", "three", "two"]),
    ],
)
def test_problems_are_chosen_by_name_or_question_in_the_catalogs_order(catalog, wanted, chosen):
    assert ids(catalog.choose(wanted)) == chosen


def test_an_unknown_name_suggests_a_near_one(catalog):
    with pytest.raises(UsageError, match=r"no problem or question `thre`\. Did you mean `three`"):
        catalog.choose(["thre"])


@pytest.mark.parametrize("name", ["something else entirely", "q7", "", "2a"])
def test_an_unknown_name_with_nothing_near_points_to_the_list(catalog, name):
    with pytest.raises(UsageError, match="grader problems"):
        catalog.choose(["one", name])


def test_a_folder_without_problems_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no problems"):
        find(tmp_path / "nothing")


BROKEN = {
    "a syntax error": "def broken(:\n",
    "an exception": "raise ValueError('at import')\n",
    "an unknown import": "import nothing_of_this_name\n",
    "no problem": "x = 1\n",
    "another thing of that name": "PROBLEM = 'layer norm'\n",
    "an incomplete problem": "from grader.model.problem import Problem\nPROBLEM = Problem(title='x')\n",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_problem_is_refused_with_its_file(kind, write):
    path = write(f"q01_x/broken_{list(BROKEN).index(kind)}.py", BROKEN[kind])
    with pytest.raises(ProblemDefinitionError) as refused:
        load(Place(path.stem, 1, "x", path))
    assert str(path) in str(refused.value)


def test_a_problem_that_contradicts_itself_is_refused_with_its_file(write):
    path = write(
        "q01_x/contradictory.py",
        """
        from grader.checks import Contract
        from grader.model.problem import Problem
        from grader.model.signature import Signature, Tensor

        PROBLEM = Problem(title="", source="", statement="", formula="", reference=abs, checks=(Contract(1),),
                          signature=Signature({"x": Tensor("N", "x")}, "N"), misconceptions=())
        """,
    )
    with pytest.raises(ProblemDefinitionError, match=r"contradictory\.py.*requires `agreement`"):
        load(Place(path.stem, 1, "x", path))


def test_a_broken_problem_is_refused_every_time(write):
    path = write("q01_x/always.py", "raise ValueError('at import')\n")
    for _ in range(2):
        with pytest.raises(ProblemDefinitionError, match="at import"):
            load(Place(path.stem, 1, "x", path))


def test_every_bundled_problem_loads_once():
    for place in bundled().places:
        entry = load(place)
        assert isinstance(entry.problem, Problem)
        assert (entry.id, entry.question) == (place.id, place.question)
        assert load(place).problem is entry.problem


def test_no_two_bundled_problems_share_a_name():
    names = ids(bundled().places)
    assert len(set(names)) == len(names)


def test_an_empty_choice_of_an_empty_catalog_is_empty():
    assert Catalog(()).choose([]) == ()


def test_listing_the_catalog_does_not_import_torch():
    code = "import sys; from grader.catalog.find import bundled; bundled(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
