"""The checks a problem is made of; each is a generator that asks, observes and concludes."""

from grader.checks.agreement import Agreement, full_precision
from grader.checks.calls import WithoutCalls
from grader.checks.contract import Contract
from grader.checks.edges import Edges
from grader.checks.gradient import Gradients
from grader.checks.properties import Invariance, NoInfluence
from grader.checks.symbolic import Symbolic

__all__ = [
    "Agreement",
    "Contract",
    "Edges",
    "Gradients",
    "Invariance",
    "NoInfluence",
    "Symbolic",
    "WithoutCalls",
    "full_precision",
]
