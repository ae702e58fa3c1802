"""Tests of what is left to chance: a hypothesis, the size of the test, and the smallest deviation that it finds.

The thresholds are bounds that hold for every sample size, so a right answer is rejected with a chance of at most SIZE.
The data are looked at twice, with half of that chance each: gross mistakes are found early.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from grader.checks.agreement import plain_call
from grader.checks.asking import observe
from grader.checks.judge import failure, outcome_of, setting, type_name
from grader.compare.chance import detectable_divergence, divergence, largest_deviation, largest_divergence
from grader.compare.returned import as_tensors
from grader.model.case import Case, rng_for
from grader.model.evidence import Evidence, Setting, ShapeMismatch, StatisticalMismatch, TypeMismatch
from grader.model.exchange import Answer, Call, Observed, Precision, Request, Returned
from grader.model.problem import Examination, Function, Trial
from grader.model.show import show
from grader.model.signature import written
from grader.model.verdict import Finding, Outcome
from grader.model.words import number

SIZE = 1e-6
"""Chance that a right answer is rejected by one check, at most."""

ALIKE = 1e-3
"""Size of the test whether a misconception draws like the answer at hand."""

ROUNDING = 1e-9
"""What an element that does not vary may be off by."""

Counts = Counter[Hashable]
Drawing = Generator[Request, Answer, Counts | Evidence]


class Experiment(Protocol):
    """Draws many times what is to be distributed uniformly."""

    @property
    def outcomes(self) -> int:
        """How many different outcomes there are."""

    def draw(self, trial: Trial, draws: int, rng: torch.Generator) -> Drawing:
        """Yield requests; how often each outcome came, or evidence that there is nothing to count."""

    def draw_own(self, function: Function, draws: int, rng: torch.Generator) -> Counts | None:
        """The same of a function of ours; None where it gives nothing to count."""

    def where(self) -> Setting:
        """What evidence says about it."""


@dataclass(frozen=True, slots=True)
class UniformChoice:
    """All outcomes of an experiment are equally likely: a likelihood-ratio test on the counts.

    A right answer is rejected with a chance below SIZE whatever the number of draws. A wrong one whose outcomes have
    the divergence KL(its distribution ‖ uniform) that the evidence tells is found with a chance of 99 %.
    """

    name: str
    points: float
    title: str
    experiment: Experiment
    looks: tuple[int, ...] = (200, 1000)
    """Draws of each look; every look counts all draws so far."""

    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Draw and test, once for each look."""
        counts: Counts = Counter()
        for look, draws in enumerate(self.looks):
            drawn = yield from self.experiment.draw(trial, draws, rng_for(trial.seed, trial.function, self.name, look))
            if not isinstance(drawn, Counter):
                return Finding(outcome_of(drawn), drawn)
            counts += drawn
            if divergence(counts, self.experiment.outcomes) > self.threshold:
                return Finding(Outcome.FAILED, self._evidence(counts), named=self._named(trial, counts))
        return Finding(Outcome.PASSED)

    @property
    def threshold(self) -> float:
        """What the statistic exceeds with a chance of at most SIZE over all looks where the hypothesis is true."""
        return largest_divergence(self.experiment.outcomes, SIZE / len(self.looks))

    @property
    def detectable(self) -> float:
        """The divergence from uniform that is found with a chance of 99 %."""
        return detectable_divergence(self.threshold, sum(self.looks))

    def _evidence(self, counts: Counts) -> StatisticalMismatch:
        draws, outcomes = sum(counts.values()), self.experiment.outcomes
        usual = f"each of {outcomes} outcomes about {number(round(draws / outcomes))} times"
        return StatisticalMismatch(
            self.experiment.where(),
            self.title,
            draws,
            divergence(counts, outcomes),
            self.threshold,
            SIZE,
            f"a divergence of {number(round(self.detectable, 3))} nats from the uniform distribution",
            usual,
            _told(counts, outcomes),
        )

    def _named(self, trial: Trial, counts: Counts) -> str | None:
        """The misconception that draws like this."""
        rng = rng_for(trial.seed, trial.function, self.name, "misconceptions")
        for misconception in trial.misconceptions:
            own = self.experiment.draw_own(misconception.function, sum(self.looks), rng)
            if own is None or divergence(own, self.experiment.outcomes) <= self.threshold:
                continue
            if _distance(counts, own) <= largest_divergence(len(counts | own) + 1, ALIKE):
                return misconception.name
        return None


def _distance(one: Counts, other: Counts) -> float:
    """The likelihood ratio of two samples having the same distribution against their having different ones, in nats."""
    both = one + other
    return sum(divergence_from(each, both) for each in (one, other))


def divergence_from(sample: Counts, pooled: Counts) -> float:
    """N · KL(shares of the sample ‖ shares of the pool)."""
    share = sum(pooled.values()) / sum(sample.values())
    total = torch.tensor([n * share / pooled[outcome] for outcome, n in sample.items() if n], dtype=torch.float64)
    weights = torch.tensor([n for n in sample.values() if n], dtype=torch.float64)
    return float((weights * total.log()).sum())


def _told(counts: Counts, outcomes: int) -> str:
    most, least = max(counts.values()), 0 if len(counts) < outcomes else min(counts.values())
    never = outcomes - len(counts)
    rest = f", {never} of them never" if never > 0 else ""
    return f"between {least} and {most} times{rest}"


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a grader draws for an estimator, and what it estimates, known exactly."""

    inputs: Mapping[str, object]
    mean: torch.Tensor
    variance: torch.Tensor
    """Of the estimate from one sample alone, for each of its elements."""

    largest: torch.Tensor
    """The most that such an estimate can be away from its mean."""


@dataclass(frozen=True, slots=True)
class MeanMatches:
    """An estimator is right on average: its mean over many samples is compared with the exact value.

    A right answer is rejected with a chance below SIZE, by Bernstein's inequality for each element of the result. The
    evidence tells which deviation of the element that is off most is found with a chance of 99 %.
    """

    name: str
    points: float
    title: str
    sample: Callable[[int, torch.Generator], Sampled]
    """So many independent samples."""

    looks: tuple[int, ...] = (200, 1000)
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Call on fresh samples, once for each look."""
        observed: list[Observed] = []
        for look, draws in enumerate(self.looks):
            sampled = self.sample(draws, rng_for(trial.seed, trial.function, self.name, look))
            case = Case(f"{draws} samples", sampled.inputs, {})
            call = plain_call(trial, case, Precision.DOUBLE)
            observation = yield from observe(call)
            observed.append(Observed(call, observation))
            evidence = failure(call, observation)
            if evidence is None:
                assert isinstance(observation, Returned)
                evidence = self._judged(trial, call, observation, sampled, draws)
            if evidence is not None:
                return Finding(outcome_of(evidence), evidence, tuple(observed))
        return Finding(Outcome.PASSED, observed=tuple(observed))

    def allowed(self, sampled: Sampled, draws: int) -> torch.Tensor:
        """What the estimate may be off by, for each of its elements."""
        size = SIZE / len(self.looks) / sampled.mean.numel()
        pairs = zip(sampled.variance.reshape(-1).tolist(), sampled.largest.reshape(-1).tolist(), strict=True)
        bounds = [largest_deviation(variance, largest, draws, size) for variance, largest in pairs]
        return torch.tensor(bounds, dtype=torch.float64).reshape(sampled.mean.shape)

    def _judged(self, trial: Trial, call: Call, returned: Returned, sampled: Sampled, draws: int) -> Evidence | None:
        tensors = as_tensors(returned.value)
        if tensors is None or len(tensors) != 1:
            return TypeMismatch(setting(call), "a tensor", type_name(returned.value))
        if tensors[0].shape != sampled.mean.shape:
            axes, expected = written(trial.signature.results[0]), tuple(sampled.mean.shape)
            return ShapeMismatch(setting(call), axes, expected, tuple(tensors[0].shape))
        allowed = self.allowed(sampled, draws) + ROUNDING
        off = ((tensors[0].double() - sampled.mean).abs() / allowed).nan_to_num(nan=torch.inf)
        worst = off.argmax()
        if float(off.reshape(-1)[worst]) <= 1:
            return None
        deviation = float(allowed.reshape(-1)[worst])
        spread = float((sampled.variance.reshape(-1)[worst] / draws).sqrt())
        return StatisticalMismatch(
            setting(call),
            self.title,
            draws,
            float((tensors[0].double() - sampled.mean).abs().reshape(-1)[worst]),
            deviation,
            SIZE,
            f"a mean that is off by {number(deviation + 2.4 * spread)}",
            show(sampled.mean),
            show(tensors[0]),
        )


@dataclass(frozen=True, slots=True)
class RowsOfOneCall:
    """Outcomes that a function returns as the rows of an integer tensor; every call gets a generator of its own."""

    inputs: Callable[[torch.Generator], Mapping[str, object]]
    """Arguments of one call, with a new generator each time."""

    outcomes: int
    rows: Callable[[torch.Tensor], list[Hashable]]
    """The outcomes in one result; none where it has another shape than it should."""

    def draw(self, trial: Trial, draws: int, rng: torch.Generator) -> Drawing:
        """Call until there are enough."""
        counts: Counts = Counter()
        while sum(counts.values()) < draws:
            call = plain_call(
                trial, Case(f"many draws, from #{sum(counts.values())} on", self.inputs(rng), {}), Precision.SINGLE
            )
            observation = yield from observe(call)
            evidence = failure(call, observation)
            if evidence is not None:
                return evidence
            assert isinstance(observation, Returned)
            found = self._found(observation.value)
            if not found:
                return TypeMismatch(setting(call), "an int64 tensor", type_name(observation.value))
            counts.update(found)
        return counts

    def draw_own(self, function: Function, draws: int, rng: torch.Generator) -> Counts | None:
        """Call a function of ours until there are enough."""
        counts: Counts = Counter()
        while sum(counts.values()) < draws:
            arguments = {n: v.made() if hasattr(v, "made") else v for n, v in self.inputs(rng).items()}
            found = self._found(function(**arguments))
            if not found:
                return None
            counts.update(found)
        return counts

    def where(self) -> Setting:
        """Its arguments."""
        inputs = {name: str(value) for name, value in self.inputs(torch.Generator()).items() if not _is_seeded(value)}
        return Setting("many draws", "float32", inputs)

    def _found(self, value: Any) -> list[Hashable]:
        is_whole = isinstance(value, torch.Tensor) and not value.is_floating_point() and not value.is_complex()
        return self.rows(value) if is_whole else []


def _is_seeded(value: object) -> bool:
    return hasattr(value, "made")
