"""`grader verify`: problems that hold, problems that don't, and what is said about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.catalog.fingerprint import fingerprint_of
from grader.cli import main
from grader.commands.verify_cache import Cache
from grader.exit_codes import ExitCode
from grader.verification import Kind, Result, Verified

PROBLEM = '''
"""Twice x, for every element of `x`."""

import torch

from grader.checks import Agreement, Contract, Gradients, full_precision
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.signature import Gradient, Signature, Tensor


def doubled(x):
    return 2 * x


def squared(x):
    """You square x. Twice x is x + x."""
    return x * x


def detached(x):
    """You cut the gradient off. Leave out the detach."""
    return 2 * x.detach() + (x - x.detach()) * 0


def overflowing(x):
    """You overflow for large x. Add instead of multiplying."""
    return x * 4 / 2


def branching(x):
    """You look at values. Compute the same for all."""
    return x * 2 if x.sum() > 0 else x + x


def formula(x):
    """y = 2 x"""
    return FORMULA


PROBLEM = Problem(
    title="Doubling",
    source="made up",
    statement=__doc__,
    formula=WHOLE,
    signature=Signature({"x": Tensor("... n", "any numbers", gradient=Gradient.GRADED)}, "... n"),
    reference=doubled,
    checks=(Agreement(2), full_precision(1), Gradients(1), Contract(1)),
    misconceptions=(MISCONCEPTIONS,),
    numerical=(NUMERICAL),
)
'''


FORMULAS = ("verify", "--formulas", "--verbose", "--problems")


def problems(
    folder: Path,
    formula: str = "2 * x",
    whole: str = 'Formula("y = 2 x", formula, (Instance({"n": 2}),))',
    misconceptions: str = "squared, detached, overflowing",
    numerical: str = "overflowing,",
) -> Path:
    """A folder with one problem."""
    (folder / "q21_arithmetic").mkdir(parents=True)
    text = PROBLEM.replace("WHOLE", whole).replace("FORMULA", formula)
    text = text.replace("MISCONCEPTIONS", misconceptions).replace("NUMERICAL", numerical)
    (folder / "q21_arithmetic" / "doubled.py").write_text(text, encoding="utf-8")
    return folder


def checks(capsys, *arguments: object) -> dict[str, tuple[str, str, str | None]]:
    """Kind, outcome and method of every check of a single problem, from the JSON report."""
    main(["verify", "--formulas", "--format", "json", *map(str, arguments)])
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    return {check["name"]: (check["kind"], check["outcome"], check["method"]) for check in problem["checks"]}


def test_a_bundled_problem_holds_and_its_table_says_so(capsys) -> None:
    assert main(["verify", "--formulas", "--verbose", "policy_gradient_loss"]) == ExitCode.PASSED
    shown = " ".join(capsys.readouterr().out.split())
    assert "✓ formula: values proved exact" in shown
    assert "✓ formula: gradients proved exact" in shown
    assert "gradient_through_the_returns" in shown
    assert "✓ misconception: logarithm_of_the_softmax proved exact" in shown
    assert shown.endswith("everything holds.")


def test_the_table_has_one_line_for_each_problem_with_counts(capsys) -> None:
    assert main(["verify", "--formulas", "td_error"]) == ExitCode.PASSED
    shown = " ".join(capsys.readouterr().out.split())
    assert "✓ td_error proved, exact 9 – – –" in shown


def _must_not_run(*_: object) -> None:
    raise AssertionError("it was verified again")


def test_a_bundled_problem_proves_itself_whole(capsys, tmp_path: Path, monkeypatch) -> None:
    """References, starters, misconceptions, checks and trivial answers; the second time from the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["verify", "td_error", "--format", "json"]) == ExitCode.PASSED
    first = json.loads(capsys.readouterr().out)
    kinds = {check["kind"] for check in first["problems"][0]["checks"]}
    of_formula, of_runs = {"formula", "misconception"}, {"reference", "starter", "diagnosis", "check", "answer"}
    assert kinds == of_formula | of_runs | {"region", "speed"}
    assert (tmp_path / "rl-transformer-grader" / "verified.json").exists()
    monkeypatch.setattr("grader.commands.verify.verify", _must_not_run)
    assert main(["verify", "td_error", "--format", "json"]) == ExitCode.PASSED
    assert json.loads(capsys.readouterr().out) == first


def test_verifying_one_problem_forgets_no_other(tmp_path: Path) -> None:
    rows = [Verified(Kind.FORMULA, "values", Result.PROVED, Result.PROVED)]
    first = Cache(tmp_path)
    first.put(Path("one.py"), "a", rows)
    first.save()
    second = Cache(tmp_path)
    second.put(Path("two.py"), "b", rows)
    second.save()
    third = Cache(tmp_path)
    assert (third.get(Path("one.py"), "a"), third.get(Path("two.py"), "b")) == (rows, rows)
    assert third.get(Path("one.py"), "changed") is None


@pytest.mark.parametrize("held", ["", "[]", "{", '{"schema": 1, "verified": 7}'])
def test_an_unreadable_cache_is_begun_anew(capsys, tmp_path: Path, monkeypatch, held: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "rl-transformer-grader").mkdir()
    (tmp_path / "rl-transformer-grader" / "verified.json").write_text(held)
    folder = problems(tmp_path / "own")
    main(["verify", "--problems", str(folder)])
    assert "doubled" in capsys.readouterr().out


def test_a_key_changes_with_what_a_problem_imports(tmp_path: Path) -> None:
    own = tmp_path / "one.py"
    own.write_text("from reference.returns import td_error\n")
    first = fingerprint_of(own)
    assert fingerprint_of(own) == first
    own.write_text("from reference.returns import discounted_returns\n")
    second = fingerprint_of(own)
    own.write_text("from reference.ppo import discounted_returns\n")
    assert len({first, second, fingerprint_of(own)}) == 3


@pytest.mark.parametrize(
    "line",
    [
        "from reference import td",
        "from reference import returns, td",
        "import reference.td",
        "from reference.td import *",
    ],
)
def test_a_key_changes_with_the_content_of_what_is_imported_in_any_way(tmp_path: Path, monkeypatch, line: str) -> None:
    monkeypatch.setattr("grader.catalog.fingerprint.PROJECT", tmp_path)
    module, own = tmp_path / "reference" / "td.py", tmp_path / "one.py"
    module.parent.mkdir()
    module.write_text("")
    own.write_text(line)
    before = fingerprint_of(own)
    module.write_text("LAMBDA = 0.95\n")
    assert fingerprint_of(own) != before


def test_a_check_that_nothing_fails_and_an_answer_that_gets_points_are_found(capsys, tmp_path: Path) -> None:
    folder = problems(tmp_path, misconceptions="detached", numerical="")
    assert main(["verify", "--problems", str(folder)]) == ExitCode.FAILED
    shown = " ".join(capsys.readouterr().out.split())
    assert "✗ doubled, check agreement: no misconception fails it" in shown
    assert "✗ doubled, check contract: no misconception fails it" in shown


def test_an_assignment_chooses_among_the_bundled_problems_and_its_own(capsys, tmp_path: Path) -> None:
    problems(tmp_path / "own")
    file = tmp_path / "assignment.toml"
    file.write_text("title = 'Two'\nproblems = ['own']\nchoose = ['doubled', 'td_error']\n", encoding="utf-8")
    main(["verify", "--formulas", "--format", "json", "--assignment", str(file)])
    assert [problem["id"] for problem in json.loads(capsys.readouterr().out)["problems"]] == ["td_error", "doubled"]


def test_what_an_assignment_says_of_checks_that_are_not_there_is_told(capsys, tmp_path: Path) -> None:
    file = tmp_path / "assignment.toml"
    file.write_text("title = 'One'\nchoose = ['td_error']\nhidden = ['float46']\n", encoding="utf-8")
    assert main(["verify", "--formulas", "--assignment", str(file)]) == ExitCode.USAGE
    assert "line 3, `hidden[0]`" in capsys.readouterr().err


def test_the_json_report_has_the_agreed_keys(capsys) -> None:
    assert main(["verify", "--formulas", "td_error", "scaled_dot_product_score", "--format", "json"]) == ExitCode.PASSED
    report = json.loads(capsys.readouterr().out)
    assert (set(report), report["schema"]) == ({"schema", "problems"}, 1)
    assert [problem["id"] for problem in report["problems"]] == ["td_error", "scaled_dot_product_score"]
    for problem in report["problems"]:
        assert set(problem) == {"id", "checks"}
        for check in problem["checks"]:
            assert set(check) == {"kind", "name", "outcome", "method", "seconds"}
            assert check["kind"] in ("formula", "misconception")
            assert check["outcome"] in ("proved", "refuted")
            assert 0 <= check["seconds"] < 10


def test_what_differs_in_gradients_or_shape_alone_is_refuted_by_that(capsys, tmp_path: Path) -> None:
    assert checks(capsys, "--problems", problems(tmp_path)) == {
        "values": ("formula", "proved", "exact"),
        "gradients": ("formula", "proved", "exact"),
        "squared": ("misconception", "refuted", "counterexample"),
        "detached": ("misconception", "refuted", "gradient"),
        "overflowing": ("misconception", "proved", "exact"),
    }
    assert checks(capsys, "scaled_dot_product_score")["transposed"] == ("misconception", "refuted", "shape")


def test_a_wrong_formula_fails_and_is_shown_with_a_counterexample(capsys, tmp_path: Path) -> None:
    assert main([*FORMULAS, str(problems(tmp_path, formula="2 * x + x[0] / 7"))]) == ExitCode.FAILED
    shown = " ".join(capsys.readouterr().out.split())
    assert "✗ formula: values refuted counterexample" in shown
    assert "✗ doubled, formula values: refuted, and should be proved. n = 2: the result at index (" in shown
    assert ", for x = [" in shown


def test_a_formula_as_text_is_listed_and_is_no_failure(capsys, tmp_path: Path) -> None:
    folder = problems(tmp_path, whole='"y = 2 x"')
    assert main(["verify", "--formulas", "--verbose", "--problems", str(folder)]) == ExitCode.PASSED
    assert "no formula to prove" in capsys.readouterr().out
    assert checks(capsys, "--problems", folder) == {"values": ("formula", "none", None)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"numerical": ""}, "overflowing: proved, and should be refuted. It is the same mathematics: name it in"),
        ({"numerical": "overflowing, squared"}, "squared: refuted, and should be proved. n = 2: the result"),
        ({"misconceptions": "squared, overflowing, branching"}, "branching: undecided, and should be refuted. n = 2:"),
    ],
)
def test_a_misconception_that_is_not_what_it_should_be_fails(capsys, tmp_path: Path, changes, said) -> None:
    assert main([*FORMULAS, str(problems(tmp_path, **changes))]) == ExitCode.FAILED
    assert said in " ".join(capsys.readouterr().out.split())


def test_what_takes_too_long_fails(capsys, tmp_path: Path) -> None:
    arguments = ["verify", "--problems", str(problems(tmp_path)), "--timeout", "0.0001"]
    assert main(arguments) == ExitCode.FAILED
    assert ", slow" in capsys.readouterr().out


def test_a_formula_that_does_not_fit_is_our_fault_and_names_the_problem(capsys, tmp_path: Path) -> None:
    assert main([*FORMULAS, str(problems(tmp_path, formula="x[0]"))]) == ExitCode.GRADER_ERROR
    assert "the problem doubled can't be verified: at n = 2 the formula gives shape ()" in capsys.readouterr().err


def test_the_result_can_go_to_a_file(capsys, tmp_path: Path) -> None:
    path = tmp_path / "verified.json"
    assert main(["verify", "td_error", "--format", "json", "--output", str(path)]) == ExitCode.PASSED
    assert capsys.readouterr().out == ""
    assert json.loads(path.read_text(encoding="utf-8"))["problems"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing_like_it"], "There is no problem or question"),
        (["--timeout", "0"], "--timeout 0: choose a number of seconds"),
        (["--output", "no/such/folder.txt"], "there is no folder no/such"),
    ],
)
def test_wrong_use_is_told(capsys, arguments, said) -> None:
    assert main(["verify", *arguments]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
