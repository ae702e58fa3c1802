"""Attention treats a sequence as a set: if the positions are shuffled, so is the result, and nothing else happens. So a
Transformer adds to the features of each position an encoding of where it is. The original one is made of waves: a pair
of features for each of d_model / 2 frequencies, from one radian per position down to nearly 1/10000 of that. Two
positions that are o apart differ by the same rotation of every pair wherever they are, which is easy to attend by.

Return the encoding of the positions p = 0 … `length` − 1 with `d_model` features each; `d_model` is even. With
i = 0 … d_model / 2 − 1, the feature 2i is the sine of p / 10000^(2i / d_model), and the feature 2i + 1, right beside
it, the cosine of the same angle.

The result has the dtype float32. You may compute the angles in float32 as well.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges
from grader.model.case import Example
from grader.model.problem import Problem
from grader.model.signature import Number, Signature
from reference.positions import sinusoidal_positional_encoding


def _angles(length, d_model, base=10000.0):
    return torch.arange(length)[:, None] / base ** (torch.arange(0, d_model, 2) / d_model)


def _interleaved(even, odd):
    return torch.stack((even, odd), dim=-1).flatten(-2).float()


def sines_first_then_cosines(length, d_model):
    """You put all sines into the first half of the features and all cosines into the second. Here they alternate: the
    sine of a frequency in the column 2i, its cosine in the column 2i + 1.
    """
    angles = _angles(length, d_model)
    return torch.cat((angles.sin(), angles.cos()), dim=-1).float()


def exponent_without_the_two(length, d_model):
    """You take 10000 to the power i / d_model. Then only half of the range of wavelengths is used: the exponent is
    2i / d_model, with i counting pairs.
    """
    angles = _angles(length, d_model, 100.0)  # whose powers 2i / d_model are those of 10000 at i / d_model
    return _interleaved(angles.sin(), angles.cos())


def own_frequency_for_each_column(length, d_model):
    """You give each column a frequency of its own. Sine and cosine of one frequency belong together, in the columns 2i
    and 2i + 1: only then is a shift by some positions a rotation. Use the exponent 2i / d_model for both.
    """
    columns = torch.arange(d_model)
    angles = torch.arange(length)[:, None] / 10000.0 ** (columns / d_model)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos()).float()


def natural_base(length, d_model):
    """You use e to the power −2i / d_model for the frequencies. The base is 10000; if you write it with `exp`, the
    exponent is −log(10000) · 2i / d_model.
    """
    angles = _angles(length, d_model, math.e)
    return _interleaved(angles.sin(), angles.cos())


def sine_for_both(length, d_model):
    """You take the sine in all columns. A sine alone doesn't tell where on the wave a position is, since it takes each
    value twice in a period: the odd columns hold the cosine.
    """
    angles = _angles(length, d_model)
    return _interleaved(angles.sin(), angles.sin())


def sine_and_cosine_swapped(length, d_model):
    """You put the cosine into the even columns and the sine into the odd ones. It is the other way round: column 0 is
    the sine, column 1 the cosine.
    """
    angles = _angles(length, d_model)
    return _interleaved(angles.cos(), angles.sin())


def counted_from_one(length, d_model):
    """You count the positions from 1. They start at 0, so that the first row is 0, 1, 0, 1, …: use `arange(length)`."""
    return sinusoidal_positional_encoding(length + 1, d_model)[1:]


PROBLEM = Problem(
    title="Sinusoidal positional encoding",
    source="Assignment question 9; Vaswani et al. 2017, §3.5",
    statement=__doc__,
    formula=r"\mathrm{PE}_{p, 2i} = \sin\left(\frac{p}{10000^{2i / d_{\mathrm{model}}}}\right), \quad "
    r"\mathrm{PE}_{p, 2i + 1} = \cos\left(\frac{p}{10000^{2i / d_{\mathrm{model}}}}\right)",
    signature=Signature(
        {
            "length": Number("number of positions", size="L"),
            "d_model": Number("number of features, even", size="d_model"),
        },
        returns="L d_model",
        multiples={"d_model": 2},
        dtype="float32",
    ),
    reference=sinusoidal_positional_encoding,
    examples=(
        Example("three positions of four features", {"L": 3, "d_model": 4}),
        Example("more positions than features", {"L": 7, "d_model": 6}),
    ),
    edges=(
        Example("a single position", {"L": 1, "d_model": 4}),
        Example("a single frequency", {"L": 4, "d_model": 2}),
        Example("a long sequence", {"L": 512, "d_model": 16}),
        Example("many features", {"L": 3, "d_model": 512}),
    ),
    checks=(Agreement(3), Edges(1), Contract(1)),
    misconceptions=(
        sines_first_then_cosines,
        exponent_without_the_two,
        own_frequency_for_each_column,
        natural_base,
        sine_for_both,
        sine_and_cosine_swapped,
        counted_from_one,
    ),
)
