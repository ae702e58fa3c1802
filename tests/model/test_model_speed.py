"""How a problem says at which sizes it is timed, and the least work that follows."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.errors import ProblemDefinitionError
from grader.model.problem import Problem
from grader.model.sampling import Normal, Simplex
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.speed import CausalMask, Scale, Speed, Work, least_work, recipes

SIGNATURE = Signature(
    {
        "x": Tensor("... d", "features", gradient=Gradient.GRADED),
        "gamma": Tensor("d", "scale", Normal(1.0, 0.5), Gradient.GRADED),
        "eps": Number("small", (1e-5, 1e-3)),
    },
    returns="... d",
    least={"d": 2},
)
SCALE = Scale({"d": 8}, (4,))
SPEED = Speed(SCALE, SCALE, operations=lambda n: n["d"] ** 2, shared_operations=lambda n: n["d"])


def bundled_problem(name: str) -> Problem:
    return load(bundled().choose((name,))[0]).problem


def test_each_input_is_read_once_and_each_result_written_once():
    assert least_work(SIGNATURE, SPEED, SCALE, 4, backward=False).bytes == 4 * (32 + 8 + 32)


def test_with_gradients_the_cotangent_is_read_and_every_graded_gradient_written():
    assert least_work(SIGNATURE, SPEED, SCALE, 4, backward=True).bytes == 4 * (32 + 8 + 32 + 32 + 32 + 8)


def test_operations_are_those_of_every_element_of_the_batch_and_the_shared_ones():
    assert least_work(SIGNATURE, SPEED, SCALE, 4, backward=False).operations == 4 * 64 + 8
    assert least_work(SIGNATURE, SPEED, SCALE, 4, backward=True).operations == 3 * (4 * 64 + 8)


def test_of_an_argument_that_is_partly_needed_only_that_part_is_counted():
    problem = bundled_problem("sarsa_td_error")
    assert problem.speed is not None
    n = problem.speed.cpu.sizes["N"]
    work = least_work(problem.signature, problem.speed, problem.speed.cpu, 4, backward=False)
    assert work.bytes == 4 * 5 * n + 8 * 2 * n  # rewards, dones, two values, the result; two int64 indices


def test_a_causal_mask_halves_the_products_that_are_needed():
    problem = bundled_problem("masked_attention")
    speed = problem.speed
    assert speed is not None
    sizes = speed.cpu.sizes
    pairs = sizes["L_q"] * (sizes["L_q"] + 1) // 2
    batch = torch.Size(speed.cpu.batch).numel()
    work = least_work(problem.signature, speed, speed.cpu, 4, backward=False)
    assert work.operations == batch * pairs * (sizes["d_k"] + sizes["d_v"])
    open_pairs = CausalMask().draw((sizes["L_q"], sizes["L_k"]), sizes, {}, torch.Generator()).isfinite().sum()
    assert int(open_pairs) == pairs


def test_recipes_are_plain_and_in_the_order_of_the_signature():
    x, gamma, eps = recipes(SIGNATURE, SPEED, SCALE)
    assert x == {"name": "x", "kind": "normal", "mean": 0.0, "std": 1.0, "shape": [4, 8]}
    assert gamma == {"name": "gamma", "kind": "normal", "mean": 1.0, "std": 0.5, "shape": [8]}
    assert eps == {"name": "eps", "kind": "number", "value": 1e-5}


def test_a_distribution_without_a_recipe_is_refused_by_name():
    signature = replace(SIGNATURE, arguments={**SIGNATURE.arguments, "x": Tensor("... d", "", Simplex())})
    with pytest.raises(ProblemDefinitionError, match="no recipe to draw `x` from Simplex"):
        recipes(signature, SPEED, SCALE)


@pytest.mark.parametrize(
    ("speed", "said"),
    [
        (Speed(Scale({}, (4,)), SCALE), "`gpu` gives sizes for"),
        (Speed(SCALE, Scale({"d": 8, "e": 2}, (4,))), "`cpu` gives sizes for"),
        (Speed(SCALE, Scale({"d": 1}, (4,))), "at least 2"),
        (Speed(SCALE, Scale({"d": 8})), "has the batch"),
        (Speed(SCALE, SCALE, values={"y": Normal()}), "no argument `y`"),
        (Speed(SCALE, SCALE, partly_read={"x": "n"}), "no axis"),
        (Speed(SCALE, SCALE, operations=lambda n: -n["d"]), "negative"),
    ],
)
def test_what_does_not_fit_the_signature_is_refused_when_the_problem_is_made(speed: Speed, said: str):
    problem = bundled_problem("layer_norm")
    with pytest.raises(ProblemDefinitionError, match=said):
        replace(problem, signature=SIGNATURE, formula="", speed=speed)


def test_every_timed_problem_has_work_that_takes_bytes_and_fits_both_scales():
    timed = [load(place).problem for place in bundled().places]
    for problem in (each for each in timed if each.speed is not None):
        assert problem.speed is not None
        for scale in (problem.speed.gpu, problem.speed.cpu):
            work = least_work(problem.signature, problem.speed, scale, 4, backward=True)
            assert isinstance(work, Work)
            assert work.bytes > 0
