"""The signature of a problem that asks for a whole agent: an environment and a budget of steps to a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from grader.model.signature import Argument, Signature


@dataclass(frozen=True, slots=True)
class TrainingSignature(Signature):
    """A function `(make_env, total_steps, seed) -> policy`. It takes no tensors; what it returns is asked, not read."""

    arguments: Mapping[str, Argument] = field(default_factory=dict)
    returns: str | tuple[str, ...] = ""

    def parameters(self) -> Iterator[str]:
        """The arguments as they stand in the header."""
        return iter(("make_env", "total_steps", "seed"))

    def describe(self) -> Iterator[tuple[str, str, str]]:
        """Rows (name, kind, about), the policy last."""
        yield "make_env", "function", "without arguments, makes a new Gymnasium environment"
        yield "total_steps", "Python int", "what all environments together may be stepped"
        yield "seed", "Python int", "where your random numbers come from"
        yield "returns", "function", "the policy: an observation (features,) to the number of an action"
