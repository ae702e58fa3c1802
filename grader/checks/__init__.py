"""The checks a problem is made of; each is a generator that asks, observes and concludes."""

from grader.checks.agreement import Agreement, full_precision
from grader.checks.calls import WithoutCalls
from grader.checks.contract import Contract
from grader.checks.drawing import DrawnSets, Reproducible
from grader.checks.edges import Edges
from grader.checks.gradient import Gradients
from grader.checks.properties import Invariance, NoInfluence
from grader.checks.random_results import Drawn, Property
from grader.checks.stateful import AgainstModel
from grader.checks.statistical import MeanMatches, RowsOfOneCall, UniformChoice
from grader.checks.symbolic import Symbolic

__all__ = [
    "AgainstModel",
    "Agreement",
    "Contract",
    "Drawn",
    "DrawnSets",
    "Edges",
    "Gradients",
    "Invariance",
    "MeanMatches",
    "NoInfluence",
    "Property",
    "Reproducible",
    "RowsOfOneCall",
    "Symbolic",
    "UniformChoice",
    "WithoutCalls",
    "full_precision",
]
