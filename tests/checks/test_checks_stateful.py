"""Random sequences of calls: what is found, how short it gets, what it is put down to, and what may come back."""

from __future__ import annotations

import pytest
import torch

from grader.checks import AgainstModel, DrawnSets, Reproducible
from grader.grading import run_examination
from grader.model.evidence import AnswerUnusable, CallStopped, ExceptionRaised, SequenceMismatch
from grader.model.exchange import Opaque, Played, Raised, Returned, Session, Stopped, StopReason, Unusable
from grader.model.generators import Generator, Seeded
from grader.model.methods import ClassSignature, Count, Method
from grader.model.problem import Misconception, Trial
from grader.model.signature import Number, Tensor
from grader.model.verdict import Outcome
from grader.rehearsal import answering


class Urn:
    """Keeps the latest `room` vectors, and draws some of them."""

    def __init__(self, room, width):
        self.room, self.width, self.kept = room, width, []

    def put(self, vector, weight):
        self.kept = [*self.kept, torch.as_tensor(vector).float().clone() * 1.0][-self.room :]

    def draw(self, count, generator):
        if count > len(self.kept):
            raise ValueError("not so many")
        return (torch.stack([self.kept[i] for i in torch.randperm(len(self.kept), generator=generator)[:count]]),)

    def total(self):
        return torch.stack(self.kept).sum() if self.kept else torch.zeros(())

    def __len__(self):
        return len(self.kept)


class KeepsTheFirst(Urn):
    """You keep the first ones. Keep the latest."""

    def put(self, vector, weight):
        if len(self.kept) < self.room:
            super().put(vector, weight)


class Forgets(Urn):
    """You forget everything once it is full. Only the oldest is to go."""

    def put(self, vector, weight):
        if len(self.kept) == self.room:
            self.kept = []
        super().put(vector, weight)


SIGNATURE = ClassSignature(
    {"room": Number("how many are kept", (2, 3), 2), "width": Number("size of each", (1, 3), 1)},
    returns="",
    instance="urn",
    methods={
        "put": Method(
            "puts one in", {"vector": Tensor("width", "it"), "weight": Number("a number", (1.0, 2.0), 1.0)}, 4
        ),
        "draw": Method(
            "draws", {"count": Count("how many", "room"), "generator": Generator("randomness")}, 1, rows="count"
        ),
        "total": Method("adds up"),
        "__len__": Method("how many there are"),
    },
)

CHECK = AgainstModel("sequences", 3, "does what an urn does")
SETS = DrawnSets(SIGNATURE, {"room": 4, "width": 1}, add="put", added=6, held=4, drawn=2, method="draw")


def trial(seed=1, misconceptions=(KeepsTheFirst, Forgets)):
    return Trial(
        "Urn", SIGNATURE, Urn, (), (), seed, misconceptions=tuple(Misconception.of(each) for each in misconceptions)
    )


def examined(made, check=CHECK, seed=1):
    return run_examination(check.examine(trial(seed)), answering(made))


def replying(answer):
    """What the check concludes where every session leads to this."""
    return run_examination(CHECK.examine(trial()), lambda request: answer)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("overwritten", [False, True])
def test_a_right_class_passes(seed, refused, overwritten):
    check = AgainstModel("sequences", 3, "", refused=refused, overwritten=overwritten)
    assert examined(Urn, check, seed).outcome is Outcome.PASSED


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("made", [KeepsTheFirst, Forgets])
def test_a_misconception_is_found_and_named(made, seed):
    finding = examined(made, seed=seed)
    assert finding.outcome is Outcome.FAILED
    assert finding.named == made.__name__


def test_a_failing_sequence_is_made_as_short_and_plain_as_it_gets():
    evidence = examined(KeepsTheFirst).evidence
    assert isinstance(evidence, SequenceMismatch)
    assert evidence.calls[0] == "urn = Urn(room=1, width=1)"
    assert evidence.calls[1:3] == ("urn.put(tensor([1]), 1)", "urn.put(tensor([2]), 1)")
    assert len(evidence.calls) == 4


def test_what_no_misconception_does_is_named_after_none():
    class Doubles(Urn):
        def total(self):
            return 2 * super().total()

    finding = examined(Doubles)
    assert finding.outcome is Outcome.FAILED
    assert finding.named is None
    assert "`total` gives another value" in finding.evidence.statement


def aliasing(self, vector, weight):
    self.kept = [*self.kept, torch.as_tensor(vector)][-self.room :]


class CopiesTensorsAlone(Urn):
    """You copy tensors, and convert arrays to float32. An array that is float32 already is kept as it is."""

    def put(self, vector, weight):
        kept = vector.clone() if isinstance(vector, torch.Tensor) else torch.from_numpy(vector).float()
        self.kept = [*self.kept, kept][-self.room :]


def test_arrays_of_float32_are_copied_as_well():
    check = AgainstModel("copies", 1, "", {"room": (8,)}, overwritten=True)

    assert examined(CopiesTensorsAlone, check).outcome is Outcome.FAILED


def test_arrays_that_are_kept_are_noticed_once_their_owner_overwrites_them():
    aliases = type("Aliases", (Urn,), {"put": aliasing})
    finding = examined(aliases, AgainstModel("copies", 1, "", {"room": (8,)}, overwritten=True))
    assert finding.outcome is Outcome.FAILED
    assert any("overwrites these with -99" in call for call in finding.evidence.calls)


WRONG = {
    "another dtype": (lambda self, count, generator: (Urn.draw(self, count, generator)[0].double(),), "dtype"),
    "another shape": (lambda self, count, generator: (Urn.draw(self, count, generator)[0][0],), "shape"),
    "no tuple": (lambda self, count, generator: Urn.draw(self, count, generator)[0], "another kind"),
    "nothing": (lambda self, count, generator: None, "another kind"),
    "arrays": (lambda self, count, generator: Urn.draw(self, count, generator)[0].numpy(), "another kind"),
    "NaN": (lambda self, count, generator: (Urn.draw(self, count, generator)[0] * torch.nan,), "does not hold"),
    "one twice": (lambda self, count, generator: (self.kept[0].expand(count, -1).clone(),), "more than once"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_about_drawn_rows_is_told(what):
    draw, told = WRONG[what]
    finding = examined(type("Wrong", (Urn,), {"draw": draw}))
    assert finding.outcome is Outcome.FAILED
    assert told in finding.evidence.statement


def test_parts_of_different_rows_are_told_from_rows_that_are_not_there():
    class Mixes(Urn):
        def draw(self, count, generator):
            return (super().draw(count, generator)[0][:, [0] * self.width],)

    finding = examined(Mixes, AgainstModel("sequences", 3, "", {"width": (3,)}))
    assert "gives a row that it does not hold" in finding.evidence.statement


def test_a_missing_refusal_is_told_as_one():
    class Accepts(Urn):
        def draw(self, count, generator):
            return super().draw(min(count, len(self.kept)), generator) if self.kept else (torch.zeros(0, self.width),)

    assert examined(Accepts).outcome is Outcome.PASSED
    finding = examined(Accepts, AgainstModel("refusals", 1, "", refused=True))
    assert "`draw` should raise ValueError, and returns something" in finding.evidence.statement


def test_another_exception_than_the_one_that_belongs_is_told_with_both():
    class Refuses(Urn):
        def draw(self, count, generator):
            if count > len(self.kept):
                raise IndexError(count)
            return super().draw(count, generator)

    evidence = examined(Refuses, AgainstModel("refusals", 1, "", refused=True)).evidence
    assert "`draw` should raise ValueError and raises IndexError" in evidence.statement
    assert (evidence.expected, evidence.got) == ("ValueError", "IndexError")


def test_an_exception_where_none_belongs_is_a_submission_error_that_shows_the_calls():
    class Raises(Urn):
        def total(self):
            raise KeyError("total")

    finding = examined(Raises)
    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, ExceptionRaised)
    assert finding.evidence.setting.inputs["calls"] == "urn = Urn(room=1, width=1); urn.total()"


def test_an_argument_changed_in_place_is_noticed():
    class Changes(Urn):
        def put(self, vector, weight):
            super().put(vector, weight)
            vector += 1

    evidence = examined(Changes).evidence
    assert "`put` changes its argument `vector` in place" in evidence.statement
    assert (evidence.expected, evidence.got) == ("as it was given", "changed")


@pytest.mark.parametrize(
    ("answer", "evidence"),
    [
        (Raised("TypeError", "no"), ExceptionRaised),
        (Stopped(StopReason.CPU, "10 s"), CallStopped),
        (Unusable("it is malformed"), AnswerUnusable),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_an_object_that_can_not_be_played_with_is_a_submission_error(answer, evidence):
    finding = replying(answer)
    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, evidence)


@pytest.mark.parametrize(
    "value",
    [Opaque("Sneaky"), (), (torch.zeros(0),), (torch.tensor(1.0),), (torch.zeros(3, 3, dtype=torch.complex64),), 10**40,
     (((1,),),), float("nan"), torch.zeros(2, 2, 0)],
    ids=repr,
)  # fmt: skip
def test_nothing_that_a_sandbox_may_say_is_our_failure(value):
    def ask(request):
        assert isinstance(request, Session)
        return Played(tuple(Returned(value) for _ in request.steps))

    finding = run_examination(CHECK.examine(trial()), ask)
    assert finding.outcome is Outcome.FAILED


@pytest.mark.parametrize("seed", range(5))
def test_draws_are_reproducible_from_the_generator_or_not(seed):
    class Ignores(Urn):
        """You ignore the generator. Use it."""

        def draw(self, count, generator):
            return super().draw(count, torch.default_generator)

    assert examined(Urn, Reproducible(1, SETS), seed).outcome is Outcome.PASSED
    check = Reproducible(1, SETS, draws=8)
    finding = run_examination(check.examine(trial(seed, (KeepsTheFirst, Ignores))), answering(Ignores))
    assert finding.outcome is Outcome.FAILED
    assert finding.named == "Ignores"


def test_a_generator_crosses_as_its_seed():
    assert torch.equal(torch.rand(3, generator=Seeded(5).made()), torch.rand(3, generator=Seeded(5).made()))
    assert "5" in str(Seeded(5))
