"""Right answers as source text, to be combined with whatever a test is about, and what grades them."""

from collections.abc import Callable

from grader.model.verdict import ProblemReport, Report

Grade = Callable[..., Report]
"""Grades source text (or files by name) in a slot, on the problems named."""

RETURNS = """
import torch

def discounted_returns(rewards, dones, gamma):
    {first}
    returns = torch.zeros_like(rewards)
    running = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        running = rewards[t] + gamma * (1 - dones[t]) * running
        returns[t] = running
    return returns
"""

TD_ERROR = """
def td_error(rewards, values, next_values, dones, gamma):
    return rewards + gamma * (1 - dones) * next_values - values
"""

LAYER_NORM = """
import torch

def layer_norm(x, gamma, beta, eps=1e-5):
    {first}
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, unbiased=False)
    return gamma * (x - mean) / torch.sqrt(variance + eps) + beta
"""


def returns(first: str = "pass") -> str:
    """`discounted_returns`, with a statement that it begins with."""
    return RETURNS.format(first=first)


def layer_norm(first: str = "pass") -> str:
    """`layer_norm`, with a statement that it begins with."""
    return LAYER_NORM.format(first=first)


def td_error() -> str:
    """`td_error`, which takes little time to grade."""
    return TD_ERROR


def both(first: str) -> str:
    """A `discounted_returns` that begins with `first`, and a right `layer_norm` after it."""
    return returns(first) + layer_norm()


def named(report: Report, problem: str) -> ProblemReport:
    """The report on one problem."""
    (found,) = (p for p in report.problems if p.id == problem)
    return found
