"""Problems as an assignment wants them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment.apply import Applied, in_hundredths
from grader.assignment.choose import chosen
from grader.assignment.model import AssignedLimits, Assignment
from grader.catalog.find import bundled
from grader.errors import UsageError
from grader.model.problem import CatalogEntry
from grader.run.limits import GB, Limits
from grader.session import limits_of

BUNDLED = bundled()


def entries(assignment: Assignment, *, final: bool = True) -> dict[str, CatalogEntry]:
    catalog = chosen(assignment, BUNDLED)
    applied = Applied(assignment, catalog, final=final)
    return {place.id: applied.load(place) for place in catalog.places}


def checks(entry: CatalogEntry) -> dict[str, float]:
    return {check.name: check.points for check in entry.problem.checks}


def test_problems_and_questions_are_chosen_in_the_order_of_the_catalog(read) -> None:
    assert tuple(entries(read("choose = ['layer_norm', 1, 'td_error']")))[-2:] == ("td_error", "layer_norm")
    assert "discounted_returns" in entries(read("choose = ['q1']"))


def test_without_a_choice_every_problem_is_there(read) -> None:
    assert chosen(read(""), BUNDLED) == BUNDLED


def test_points_are_shared_in_the_proportions_of_the_author(read) -> None:
    both = "choose = ['layer_norm']\n[problem.layer_norm]\npoints = 25"
    (changed,) = entries(read(both)).values()
    (original,) = entries(read("choose = ['layer_norm']")).values()
    assert checks(changed) == {name: 2.5 * points for name, points in checks(original).items()}


def test_a_forbidden_call_is_a_check_of_its_own(read) -> None:
    (entry,) = entries(read("choose = ['layer_norm']\n[problem.layer_norm]\nforbidden = ['layer_norm']")).values()
    (*_, last) = entry.problem.checks
    assert (last.name, last.points, last.requires) == ("own_work", 1, "agreement")
    assert last.title == "is written without `layer_norm`"
    assert entry.problem.points == 11


def test_points_for_forbidden_calls_are_part_of_the_points_of_the_problem(read) -> None:
    lines = "choose = ['layer_norm']\n[problem.layer_norm]\npoints = 12\nforbidden = ['softmax']\nforbidden_points = 2"
    (entry,) = entries(read(lines)).values()
    assert checks(entry)["own_work"] == 2
    assert entry.problem.points == 12


def test_hidden_checks_are_run_for_the_final_grade_only(read) -> None:
    assignment = read("choose = ['layer_norm', 'td_error']\nhidden = ['float64']\n[problem.td_error]\nhidden = []")
    seen, every = entries(assignment, final=False), entries(assignment)
    assert set(checks(every["layer_norm"])) - set(checks(seen["layer_norm"])) == {"float64"}
    assert checks(every["td_error"]) == checks(seen["td_error"])


def test_the_report_says_what_is_still_to_be_graded_and_when_it_is_due(read) -> None:
    assignment = read("choose = ['layer_norm', 'td_error']\nhidden = ['float64']\ndue = 2026-12-01T23:59:00+01:00")
    catalog = chosen(assignment, BUNDLED)
    due, pending = Applied(assignment, catalog, final=False).announcements(catalog.places)
    assert due.message == "Part 1 is due on 2026-12-01 23:59+01:00."
    assert pending.message.startswith("2 more points are still to be graded, for the final grade,")
    assert pending.message.endswith(": float64.")
    assert Applied(assignment, catalog, final=True).announcements(catalog.places) == (due,)
    (single,) = Applied(read("choose = ['td_error']\nhidden = ['float64']"), catalog, final=False).announcements(
        catalog.choose(("td_error",))
    )
    assert single.message.startswith("1 more point is still to be graded,")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("choose = ['q1', 'layer_nrom']", "line 2, `choose[1]`: There is no problem or question `layer_nrom`. Did you"),
        ("problems = ['nowhere']", "line 2, `problems[0]`: "),
        ("[problem.layer_nrom]", "line 2, `problem.layer_nrom`: There is no problem or question `layer_nrom`."),
        ("[problem.q12]", "line 2, `problem.q12`: this is a question; name its problems one by one."),
        ("choose = ['q1']\n[problem.layer_norm]", "line 3, `problem.layer_norm`: this problem is not among those"),
        (
            "hidden = ['flaot64']",
            "line 2, `hidden[0]`: there is no check `flaot64` in any of these problems. Did you mean `float64`?",
        ),
        (
            "[problem.td_error]\nhidden = ['shift_invariance']",
            "line 3, `problem.td_error.hidden[0]`: there is no check",
        ),
        ("hidden = ['agreement']", "can't be hidden alone: `symbolic` waits for it."),
        (
            "[problem.layer_norm]\nforbidden = ['layer_nrom']",
            "line 3, `problem.layer_norm.forbidden[0]`: PyTorch has no function of the plain name `layer_nrom`. "
            "Did you mean `layer_norm`?",
        ),
        (
            "[problem.layer_norm]\nforbidden = ['torch.nn.functional.layer_norm']",
            "no function of the plain name `torch.nn.functional.layer_norm`. Did you mean `layer_norm`?",
        ),
        ("[problem.layer_norm]\nforbidden = ['softmax_']", "no function of the plain name `softmax_`."),
        ("[problem.layer_norm]\nforbidden = ['float32']", "no function of the plain name `float32`."),
    ],
)
def test_what_does_not_exist_is_told_with_its_key_and_line(read, lines, said) -> None:
    with pytest.raises(UsageError) as caught:
        entries(read(lines))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_check_of_a_problem_can_not_be_hidden(read) -> None:
    (entry,) = entries(read("choose = ['layer_norm']")).values()
    with pytest.raises(UsageError, match="every check of layer_norm is hidden"):
        entries(read(f"choose = ['layer_norm']\nhidden = {list(checks(entry))}"))


@pytest.mark.parametrize("name", ["layer_norm", "native_layer_norm", "softmax", "logsumexp", "matmul", "var", "bmm"])
def test_names_of_functions_and_of_operations_can_be_forbidden(read, name) -> None:
    entries(read(f"choose = ['layer_norm']\n[problem.layer_norm]\nforbidden = ['{name}']"))


def test_a_folder_beside_the_file_adds_its_problems_unless_their_names_are_taken(read, tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "q21_arithmetic"
    folder.mkdir(parents=True)
    (folder / "doubled.py").write_text("", encoding="utf-8")
    assignment = read("problems = ['mine']\nchoose = ['doubled', 'td_error']")
    assert [place.id for place in chosen(assignment, BUNDLED).places] == ["td_error", "doubled"]
    (folder / "td_error.py").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="has the name of another problem"):
        chosen(assignment, BUNDLED)


WEIGHTS = st.lists(st.integers(1, 20), min_size=1, max_size=12)


@given(WEIGHTS, st.integers(1, 100_000))
def test_shares_are_hundredths_that_add_up_and_lie_next_to_their_proportion(weights: list[int], cents: int) -> None:
    shares = in_hundredths(weights, cents / 100)
    whole = [round(100 * share) for share in shares]
    assert sum(whole) == cents
    for weight, got, share in zip(weights, whole, shares, strict=True):
        assert share == got / 100
        assert abs(got - weight * cents / sum(weights)) < 1


def test_limits_reach_the_sandbox_and_the_command_line_changes_that_of_a_call_alone() -> None:
    assigned = Assignment("Part 1", limits=AssignedLimits(timeout=2, training=30, memory=0.5))
    limits = limits_of(assigned)
    assert (limits.call_seconds, limits.training_seconds, limits.memory) == (2, 30, GB // 2)
    limits = limits_of(assigned, 5)
    assert (limits.call_seconds, limits.training_seconds, limits.memory) == (5, 30, GB // 2)
    assert limits_of(Assignment("Part 1")) == Limits()
