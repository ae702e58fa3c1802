"""Questions 10 to 12 where their text and the field differ: ε, pre-norm and post-norm, R_{i−j}, the sign of a distance.

The numbers are those of docs/differences.md, sections 2 to 5.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import sympy
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.model.formula import Expressions, symbols
from grader.model.problem import Problem
from problems.notation import mean, sqrt
from reference.normalization import layer_norm, post_norm_residual, pre_norm_residual
from reference.relative import relative_attention_scores
from reference.similarity import cosine_score, dot_product_score, euclidean_score

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"

PLAIN = {"gamma": torch.ones(2, dtype=torch.float64), "beta": torch.zeros(2, dtype=torch.float64)}
X = torch.tensor([3.0, 1.0], dtype=torch.float64)
"""μ = 2 and σ = 1."""

W = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)


def problem(name: str) -> Problem:
    """A bundled problem."""
    (place,) = bundled().choose([name])
    return load(place).problem


def formula(name: str, **arguments: Expressions) -> Expressions:
    """The printed formula of a problem for these expressions."""
    return problem(name).formula.values(**arguments)


def assert_numbers(result: torch.Tensor, *expected: float) -> None:
    """They are equal to the last digits."""
    torch.testing.assert_close(result, torch.tensor(expected, dtype=torch.float64), rtol=1e-14, atol=1e-14)


def table_of(section: int) -> list[list[str]]:
    """The cells of the table in a section of the page, without its head."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {section}. ")[2].partition("\n## ")[0].replace("−", "-")
    rows = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def assert_shown(cell: str, result: torch.Tensor) -> None:
    """A cell such as (1/√2, -1/√2) has the numbers of the result."""
    assert_numbers(result, *(float(each) for each in sympy.sympify(re.sub(r"√(\d)", r"sqrt(\1)", cell))))


@pytest.mark.parametrize(
    "name",
    ["layer_norm", "post_norm_residual", "pre_norm_residual", "relative_position_index",
     "relative_attention_scores", "relative_attention", "euclidean_score"],
)  # fmt: skip
def test_the_statement_says_where_the_text_differs(name: str) -> None:
    assert "**Where the assignment's text" in problem(name).statement


def test_without_epsilon_layer_norm_is_what_question_12_prints() -> None:
    x, gamma, beta = symbols("x", (3,)), symbols("gamma", (3,)), symbols("beta", (3,))
    sigma = sqrt(mean((x - mean(x)) ** 2))
    printed = gamma * (x - mean(x)) / sigma + beta

    with_epsilon = formula("layer_norm", x=x, gamma=gamma, beta=beta, eps=sympy.Symbol("epsilon"))

    assert [
        sympy.simplify(each.subs("epsilon", 0) - other) for each, other in zip(with_epsilon, printed, strict=True)
    ] == [0] * 3


def test_where_all_features_are_equal_what_is_printed_has_no_value_and_epsilon_gives_it_one() -> None:
    x = torch.full((2,), 5.0, dtype=torch.float64)

    assert layer_norm(x, **PLAIN, eps=0.0).isnan().all()
    assert_numbers(layer_norm(x, **PLAIN, eps=1e-5), 0.0, 0.0)


def test_epsilon_inside_the_root_is_not_epsilon_outside_and_neither_is_the_unbiased_variance() -> None:
    assert_numbers(layer_norm(X, **PLAIN, eps=0.0), 1.0, -1.0)
    assert_numbers(layer_norm(X, **PLAIN, eps=3.0), 1 / 2, -1 / 2)
    assert_numbers((X - X.mean()) / (X.std(correction=0) + 3.0), 1 / 4, -1 / 4)
    assert_numbers((X - X.mean()) / X.std(correction=1), math.sqrt(1 / 2), -math.sqrt(1 / 2))


def test_pre_norm_and_post_norm_give_different_numbers_and_so_does_a_norm_on_the_sublayer_s_output() -> None:
    assert_numbers(post_norm_residual(X, X @ W, **PLAIN, eps=0.0), 1.0, -1.0)
    assert_numbers(pre_norm_residual(X, W, **PLAIN, eps=0.0), 4.0, -1.0)
    assert_numbers(X + layer_norm(X @ W, **PLAIN, eps=0.0), 4.0, 0.0)


def test_the_page_shows_these_norms() -> None:
    centred = X - X.mean()
    norms = [
        centred / X.std(correction=0),
        layer_norm(X, **PLAIN, eps=0.0),
        layer_norm(X, **PLAIN, eps=3.0),
        centred / (X.std(correction=0) + 3.0),
        centred / X.std(correction=1),
    ]
    blocks = [
        post_norm_residual(X, X @ W, **PLAIN, eps=0.0),
        pre_norm_residual(X, W, **PLAIN, eps=0.0),
        X + layer_norm(X @ W, **PLAIN, eps=0.0),
    ]

    for section, results in ((2, norms), (3, blocks)):
        for row, result in zip(table_of(section)[1:], results, strict=True):
            assert_shown(row[-1], result)


def test_no_sublayer_makes_a_post_norm_block_let_x_pass() -> None:
    """LN(x + f) has variance 1, whatever f is; x + LN(x) W is x where W is 0."""
    for f in torch.randn(5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3)):
        assert post_norm_residual(X, f, **PLAIN, eps=0.0).var(correction=0) == pytest.approx(1.0)

    assert_numbers(5 * X, *pre_norm_residual(5 * X, torch.zeros_like(W), **PLAIN, eps=0.0).tolist())


def scores_of_distances_alone(embeddings: Expressions) -> sympy.Matrix:
    """e_ij for d_k = 1, where all queries are 1 and all keys are 0: R_{i−j} itself."""
    length = (len(embeddings) + 1) // 2
    ones, zeros = symbols("one", (length, 1)) ** 0, symbols("zero", (length, 1)) * 0
    return sympy.Matrix(formula("relative_attention_scores", queries=ones, keys=zeros, embeddings=embeddings))


def test_indexing_by_j_minus_i_reverses_the_embeddings_and_transposes_what_they_add() -> None:
    embeddings = symbols("R", (5, 1))

    as_printed, as_by_shaw = scores_of_distances_alone(embeddings), scores_of_distances_alone(embeddings[::-1])

    assert as_by_shaw == as_printed.T
    assert as_by_shaw != as_printed


def test_both_conventions_agree_where_and_only_where_a_distance_counts_as_much_in_both_directions() -> None:
    embeddings = symbols("R", (5, 1))
    r = [embeddings[row, 0] for row in range(5)]

    gap = scores_of_distances_alone(embeddings) - scores_of_distances_alone(embeddings[::-1])

    assert sympy.solve(list(gap), r, dict=True) == [{r[0]: r[4], r[1]: r[3]}]


def test_a_key_before_its_query_has_a_positive_distance() -> None:
    distances = torch.arange(-2.0, 3.0)[:, None]

    scores = relative_attention_scores(torch.ones(3, 1), torch.zeros(3, 1), distances)

    by_shaw = relative_attention_scores(torch.ones(3, 1), torch.zeros(3, 1), distances.flip(0))

    assert scores.tolist() == [[0, -1, -2], [1, 0, -1], [2, 1, 0]]
    shown = [[[int(cell) for cell in row[:3]], [int(cell) for cell in row[4:]]] for row in table_of(4)[1:]]
    assert shown == [list(rows) for rows in zip(scores.tolist(), by_shaw.tolist(), strict=True)]


def test_the_negative_distance_prefers_the_nearest_key_and_the_distance_the_farthest() -> None:
    query, keys = torch.zeros(1, 1, dtype=torch.float64), torch.tensor([[1.0], [3.0]], dtype=torch.float64)
    score = euclidean_score(query, keys)[0]

    assert score.tolist() == [-1, -3]
    assert torch.softmax(score, dim=0).tolist() == pytest.approx([0.8808, 0.1192], abs=5e-5)
    assert torch.softmax(-score, dim=0).tolist() == pytest.approx([0.1192, 0.8808], abs=5e-5)


def test_between_vectors_of_length_one_the_negative_distance_ranks_as_the_other_similarities_do() -> None:
    angles = torch.arange(1.0, 8.0, dtype=torch.float64)[torch.randperm(7, generator=torch.Generator().manual_seed(5))]
    keys = torch.stack([torch.cos(angles * 0.4), torch.sin(angles * 0.4)], dim=-1)
    query = torch.tensor([[1.0, 0.0]], dtype=torch.float64)

    def ranking(scores: torch.Tensor) -> list[int]:
        return scores[0].argsort(descending=True).tolist()

    by_distance = ranking(euclidean_score(query, keys))
    assert by_distance == ranking(dot_product_score(query, keys)) == ranking(cosine_score(query, keys, 1e-8))
    assert ranking(-euclidean_score(query, keys)) == by_distance[::-1]


def test_that_is_because_the_squared_distance_falls_as_the_dot_product_grows() -> None:
    q, k = symbols("q", (3,)), symbols("k", (3,))

    ((score,),) = formula("euclidean_score", queries=q[None], keys=k[None])

    assert sympy.expand(score**2 - (q @ q + k @ k - 2 * q @ k)) == 0
