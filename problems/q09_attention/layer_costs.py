"""Why attention, and not a recurrent or a convolutional layer? One reason is what they cost: which is cheaper depends
on whether the sequence is longer than its vectors are wide.

Return the number of multiplications of one layer, to leading order and without constant factors, for a sequence of `n`
positions with `d` features each:

- self-attention compares each position with each other one, d multiplications a pair;
- a recurrent layer multiplies each position's vector with a (d, d) matrix;
- a convolution with a kernel of width `k` does so once for each of its `k` places (not a separable convolution).

The three numbers come in this order, as one tensor of the shape (3,). `n`, `d` and `k` are 0-dimensional floating
tensors that hold positive numbers; these needn't be whole, so don't round them. The result has the inputs' dtype and
device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Uniform
from grader.model.signature import Signature, Tensor
from reference.costs import layer_costs


def attention_linear_in_the_length(n, d, k):
    """You count n · d for self-attention. There are n² pairs of query and key, and each of their dot products takes d
    multiplications: n² · d. That square is what makes long sequences expensive.
    """
    return torch.stack((n * d, n * d**2, k * n * d**2))


def attention_quadratic_in_both(n, d, k):
    """You count n² · d² for self-attention. A pair of query and key takes a dot product of d multiplications, and no
    (d, d) matrix: n² · d.
    """
    return torch.stack((n**2 * d**2, n * d**2, k * n * d**2))


def attention_without_the_width(n, d, k):
    """You count n² for self-attention. That is the number of pairs; each takes a dot product of d multiplications, so
    it is n² · d.
    """
    return torch.stack((n**2, n * d**2, k * n * d**2))


def kernel_left_out(n, d, k):
    """You leave the width of the kernel out. At each of the n positions a convolution multiplies k vectors with a
    (d, d) matrix each: k · n · d².
    """
    return torch.stack((n**2 * d, n * d**2, n * d**2))


def separable_convolution(n, d, k):
    """You count the convolution as k · n · d + n · d², which is right for a separable one. The ordinary convolution has
    a (d, d) matrix for each of the k places of its kernel: k · n · d².
    """
    return torch.stack((n**2 * d, n * d**2, k * n * d + n * d**2))


def recurrence_first(n, d, k):
    """You return the recurrent layer's cost first and that of self-attention second. The order is self-attention,
    recurrence, convolution.
    """
    return layer_costs(n, d, k)[[1, 0, 2]]


def convolution_before_recurrence(n, d, k):
    """You return the convolution's cost second and the recurrent layer's last. The order is self-attention, recurrence,
    convolution.
    """
    return layer_costs(n, d, k)[[0, 2, 1]]


def formula(n, d, k):
    """n² d for self-attention, n d² for recurrence, k n d² for convolution."""
    return [n**2 * d, n * d**2, k * n * d**2]


PROBLEM = Problem(
    title="Cost of a layer",
    source="Assignment question 9; Vaswani et al. 2017, table 1",
    statement=__doc__,
    formula=Formula(
        r"\left(n^2 d, \; n d^2, \; k n d^2\right)",
        formula,
        (Instance(),),
        positive=("n", "d", "k"),
    ),
    signature=Signature(
        {
            "n": Tensor("", "length of the sequence", Uniform(1.0, 200.0)),
            "d": Tensor("", "features of each position", Uniform(1.0, 100.0)),
            "k": Tensor("", "width of the convolution's kernel", Uniform(2.0, 9.0)),
        },
        returns="3",
    ),
    reference=layer_costs,
    examples=(
        Example("a sentence", values={"n": 40.0, "d": 512.0, "k": 3.0}),
        Example("a sequence that is longer than it is wide", values={"n": 50.0, "d": 4.0, "k": 5.0}),
    ),
    edges=(
        Example("a single position", values={"n": 1.0, "d": 8.0, "k": 3.0}),
        Example("a kernel of width 1", values={"n": 5.0, "d": 3.0, "k": 1.0}),
        Example("as long as it is wide", values={"n": 64.0, "d": 64.0, "k": 7.0}),
        Example("a whole book", values={"n": 100000.0, "d": 1024.0, "k": 31.0}),
    ),
    checks=(Agreement(2), Symbolic(1), full_precision(1), Edges(1), Contract(1)),
    misconceptions=(
        attention_linear_in_the_length,
        attention_quadratic_in_both,
        attention_without_the_width,
        kernel_left_out,
        separable_convolution,
        recurrence_first,
        convolution_before_recurrence,
    ),
)
