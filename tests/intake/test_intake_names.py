"""Names that may have been meant, and which file answers for a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.intake import find_answers, near_misses, read_submission


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("layer_norm", "layernorm"),
        ("layer_norm", "LayerNorm"),
        ("layer_norm", "layerNorm"),
        ("layer_norm", "LAYER_NORM"),
        ("layer_norm", "layer_normalization"),
        ("layer_norm", "layer_nrom"),
        ("layer_norm", "_layer_norm"),
        ("layer_norm", "my_layer_norm"),
        ("gae", "GAE"),
        ("gae", "compute_gae"),
        ("scaled_dot_product_attention", "scaled_dot_product_atention"),
        ("positional_encoding", "pos_encoding"),
        ("td_error", "td_errors"),
    ],
)
def test_a_name_that_looks_like_the_wanted_one_is_suggested(wanted: str, name: str) -> None:
    assert near_misses(wanted, ["torch", name, "main"]) == (name,)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("layer_norm", "layer_cost"),
        ("layer_norm", "batch_norm"),
        ("layer_norm", "layer_norm_backward"),
        ("layer_norm", "__layer_norm__"),
        ("layer_norm", "layer_norm"),
        ("q_loss", "v_loss"),
        ("actor_loss", "critic_loss"),
        ("policy_gradient_loss", "policy_gradient_cost"),
        ("encode_q", "encode_k"),
        ("gae", "gan"),
        ("gae", "gae" + "x" * 100),
    ],
)
def test_a_name_that_clearly_differs_is_not_suggested(wanted: str, name: str) -> None:
    assert near_misses(wanted, [name]) == ()


def test_at_most_three_suggestions_come_best_first() -> None:
    bound = ["layer_nrom", "layer_normalization", "LayerNorm", "layernorm", "layer_norms"]
    assert near_misses("layer_norm", bound) == ("LayerNorm", "layernorm", "layer_normalization")


def files(folder: Path, **contents: str) -> Path:
    for name, content in contents.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def test_a_definition_comes_before_an_import_of_it_without_a_notice(tmp_path: Path) -> None:
    folder = files(tmp_path, a="from z import f\n", z="def f(): pass\n")
    answers = find_answers(read_submission(folder), ["f"])
    assert [(name, source.path) for name, source in answers.found] == [("f", "z.py")]
    assert (answers.missing, answers.notices) == ((), ())


def test_an_import_answers_where_nothing_defines_the_name(tmp_path: Path) -> None:
    folder = files(tmp_path, a="from torch import f\n", b="from torch import f\n")
    answers = find_answers(read_submission(folder), ["f"])
    assert [(name, source.path) for name, source in answers.found] == [("f", "a.py")]
    assert answers.notices == ()


@pytest.mark.parametrize(
    ("chosen", "other"),
    [
        ("z", "a__b"),
        ("z", "old__f"),
        ("src__deep__f", "old__f"),
        ("src__f", "my backup 2__f"),
        ("src__f", "Tests__f"),
        ("golden__f", "older__f"),
        ("a", "b"),
    ],
)
def test_one_of_two_definitions_is_graded_and_both_are_told(tmp_path: Path, chosen: str, other: str) -> None:
    folder = files(tmp_path, **{chosen: "f = 1\n", other: "f = 2\n"})
    answers = find_answers(read_submission(folder), ["f"])
    graded = chosen.replace("__", "/") + ".py"
    assert [(name, source.path) for name, source in answers.found] == [("f", graded)]
    (notice,) = answers.notices
    assert notice.message.startswith("`f` is defined in ")
    assert f": `{graded}` is graded." in notice.message
    assert f"`{other.replace('__', '/')}.py`" in notice.message


def test_names_defined_in_the_same_files_share_a_notice(tmp_path: Path) -> None:
    folder = files(tmp_path, a="f = g = 1\n", b="g = f = 2\n")
    answers = find_answers(read_submission(folder), ["f", "g", "f"])
    assert [str(notice) for notice in answers.notices] == [
        "`f` and `g` are defined in `a.py` and `b.py`: `a.py` is graded. Keep one definition to be sure."
    ]


def test_a_missing_name_comes_with_what_may_have_been_meant(tmp_path: Path) -> None:
    folder = files(tmp_path, a="def LayerNorm(): pass\n", b="import torch\n")
    answers = find_answers(read_submission(folder), ["layer_norm", "gae"])
    assert answers.missing == (("layer_norm", ("LayerNorm",)), ("gae", ()))
    assert answers.found == ()
