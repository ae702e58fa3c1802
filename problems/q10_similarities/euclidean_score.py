"""How far a key lies from a query can be a score too: attention then looks at what is near, wherever that is, and not
at what is long. A score has to be larger where the match is better, so it is the *negative* Euclidean distance: 0 where
key and query are equal, and below 0 everywhere else.

`queries` and `keys` may have any number of batch dimensions, the same for both. The result holds one row for each query
and one column for each key: (..., L_q, L_k). Both `queries` and `keys` are differentiated. At equal points the distance
has a kink; the gradient that is asked for there is 0, one of its subgradients. No ε is asked for: it would make equal
points different. Points may lie far from the origin and close together: digits are not to be lost by that.

The result has the inputs' dtype and device. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 10 lists the distance itself among the similarities, "by
converting distances into scores via a suitable transformation". Taken as it is printed, the distance ranks keys the
wrong way round: the farthest would get the largest weight. The transformation here is the minus sign.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import sqrt
from reference.similarity import euclidean_score


def _differences(queries, keys):
    return queries[..., :, None, :] - keys[..., None, :, :]


def positive_distance(queries, keys):
    """You return the distance. As a score it would prefer the key that is farthest away: take the negative, so that
    closer is larger.
    """
    return -euclidean_score(queries, keys)


def squared_distance(queries, keys):
    """You leave out the root: that is the negative *squared* distance. Take the square root of the sum of squares."""
    return -_differences(queries, keys).square().sum(dim=-1)


def sum_of_absolute_differences(queries, keys):
    """You add up the absolute differences of the features, the distance along the axes. The Euclidean distance is along
    a straight line: the root of the sum of their squares.
    """
    return -_differences(queries, keys).abs().sum(dim=-1)


def mean_of_the_squares(queries, keys):
    """You take the mean of the squared differences under the root. The distance takes their sum: it grows with the
    dimension.
    """
    return euclidean_score(queries, keys) / queries.shape[-1] ** 0.5


def difference_of_the_lengths(queries, keys):
    """You subtract the lengths of the two vectors. Vectors of one length may still lie far apart: take the length of
    their *difference*, ‖q − k‖.
    """
    return -(queries.norm(dim=-1)[..., :, None] - keys.norm(dim=-1)[..., None, :]).abs()


def inverse_of_one_plus_the_distance(queries, keys):
    """You return 1 / (1 + distance). That too is larger where points are closer, but another score; here it is the
    negative distance itself.
    """
    return 1 / (1 - euclidean_score(queries, keys))


def transposed(queries, keys):
    """Your result has one row for each key. It is to have one row for each query and one column for each key: put the
    axis of the queries before that of the keys.
    """
    return euclidean_score(queries, keys).transpose(-2, -1)


def eps_under_the_root(queries, keys):
    """You add a small number under the root. That keeps the gradient finite, but equal points get a distance that they
    don't have. `torch.linalg.vector_norm` has the gradient 0 there by itself.
    """
    return -torch.sqrt(_differences(queries, keys).square().sum(dim=-1) + 1e-8)


def library_distance_of_pairs(queries, keys):
    """You use `torch.nn.functional.pairwise_distance`. It adds 10⁻⁶ to every difference, so the distance of equal
    points is not 0, and its gradient there is not 0 either. Take `torch.linalg.vector_norm` of the differences.
    """
    return -(_differences(queries, keys) + 1e-6).norm(dim=-1)


def root_of_the_sum_of_squares(queries, keys):
    """You take the square root of a sum of squares. The value is right, but the derivative of √ at 0 is infinite, and
    at equal points the gradient becomes 0 · ∞ = NaN. `torch.linalg.vector_norm` has the gradient 0 there.
    """
    return -_differences(queries, keys).square().sum(dim=-1).sqrt()


def squares_multiplied_out(queries, keys):
    """You compute ‖q‖² + ‖k‖² − 2 q·k under the root, as `torch.cdist` does where there are many points. In exact
    arithmetic that is the squared distance; where points lie far from the origin and close together, large numbers
    cancel and few digits are left. Subtract the vectors first.
    """
    return -torch.cdist(queries, keys, compute_mode="use_mm_for_euclid_dist")


def _moved(vectors):
    return vectors + torch.arange(1, vectors.shape[-1] + 1, dtype=vectors.dtype)


def formula(queries, keys):
    """score_ij = −‖q_i − k_j‖."""
    return [[-sqrt(((q - k) ** 2).sum()) for k in keys] for q in queries]


PROBLEM = Problem(
    title="Euclidean score",
    source="Assignment question 10",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{score}(Q, K)_{ij} = -\|q_i - k_j\|",
        formula,
        (Instance({"L_q": 1, "L_k": 2, "d": 3}, batch=(2,)), Instance({"L_q": 3, "L_k": 2, "d": 1})),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L_q d", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L_k d", "one key for each column of it", gradient=Gradient.GRADED),
        },
        returns="... L_q L_k",
        usual_batch=1,
    ),
    reference=euclidean_score,
    examples=(
        Example("vectors of dimension 64", {"L_q": 5, "L_k": 7, "d": 64}),
        Example("as many queries as keys", {"L_q": 5, "L_k": 5, "d": 3}),
    ),
    edges=(
        Example(
            "queries equal to keys", values={"queries": [[1.0, -2.0], [0.5, 3.0]], "keys": [[0.5, 3.0], [1.0, -2.0]]}
        ),
        Example("all points are 0", values={"queries": [[0.0, 0.0, 0.0]], "keys": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}),
        Example(
            "far from the origin and close together",
            {"L_q": 3, "L_k": 5, "d": 7},
            {"queries": Normal(4096.0, 1.0), "keys": Normal(4096.0, 1.0)},
        ),
        Example("a single query and a single key", {"L_q": 1, "L_k": 1, "d": 5}),
        Example("vectors of dimension 1", {"d": 1}, batch=(2,)),
        Example("a hundred positions", {"L_q": 101, "L_k": 103, "d": 8}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(1),
        Edges(1),
        Invariance(
            "translation_invariance",
            1,
            "moving all queries and keys by one vector changes nothing",
            change=lambda inputs: {name: _moved(inputs[name]) for name in ("queries", "keys")},
        ),
        Contract(1),
    ),
    misconceptions=(
        positive_distance,
        squared_distance,
        sum_of_absolute_differences,
        mean_of_the_squares,
        difference_of_the_lengths,
        inverse_of_one_plus_the_distance,
        transposed,
        eps_under_the_root,
        library_distance_of_pairs,
        root_of_the_sum_of_squares,
        squares_multiplied_out,
    ),
    numerical=(root_of_the_sum_of_squares, squares_multiplied_out),
)
