"""Finds the answers that have much in common which hardly anybody else wrote.

A fragment that few answers have says more than one that many have: it weighs -log2 of the share of the other answers
that have it, in bits ("surprisal"; the same idea as the inverse document frequency of Spärck Jones, 1972). Fragments of
the starter, and those that too many answers have, weigh nothing. Pairs are found through an index from fragments to
answers, so answers that share nothing rare are never compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log2

from grader.model.submission import Submission
from grader.similarity.answers import Answer, answer_of_text, answers_in
from grader.similarity.fragments import LENGTH, Fragment, Places, fragments
from grader.similarity.model import Likeness, Pair, Piece, Side

LEAST_SHARE = 0.6
"""Of the rare fragments of the smaller answer; below it two answers aren't listed."""

LEAST_SURPRISE = 8.0
"""Bits of the score over what the best of all pairs reaches by chance: log2 of the number of pairs."""

MOST_HOLDERS = 4
"""Answers that may have the same fragment of structure before it counts as usual; `-m` of MOSS."""

WORDING_HOLDERS = 0.1
"""The same for wording, as a share of all answers: a text that was passed around has many owners."""

_PRIOR_HOLDERS, _PRIOR_ANSWERS = 0.5, 2.0
"""Added to what is counted, so that in a small class a fragment of two isn't infinitely rare."""


@dataclass(frozen=True, slots=True)
class Owned:
    """An answer and who wrote it."""

    student: str
    folder: str | None
    answer: Answer


def similar_pairs(
    current: Mapping[str, Submission],
    *,
    problems: Sequence[str],
    starter: Mapping[str, str] | None = None,
    earlier: Mapping[str, Mapping[str, Submission]] | None = None,
) -> tuple[Pair, ...]:
    """Find answers that are suspiciously alike: a hint for a person, never a reason for a grade by itself.

    Args:
        current: the class, by the keys of the students.
        problems: names of the problems.
        starter: by problem, the text that everybody began with; what is in it doesn't count.
        earlier: by folder, submissions of earlier years; they are compared with the class, and not with one another.

    Returns:
        Pairs with the highest score first.
    """
    by_problem: dict[str, list[Owned]] = {problem: [] for problem in problems}
    for folder, submissions in ((None, current), *(earlier or {}).items()):
        for student, submission in submissions.items():
            for problem, answer in answers_in(submission, problems).items():
                by_problem[problem].append(Owned(student, folder, answer))
    return pairs_of(by_problem, starter or {})


def pairs_of(answers: Mapping[str, Sequence[Owned]], starter: Mapping[str, str]) -> tuple[Pair, ...]:
    """Find the pairs among the answers to each problem, those of this class first; the highest score comes first."""
    found = [pair for problem, owned in answers.items() for pair in _alike(problem, owned, starter.get(problem, ""))]
    return tuple(sorted(found, key=lambda pair: (-pair.score, pair.problem, _place(pair.one), _place(pair.other))))


def _place(side: Side) -> tuple[str, str]:
    return side.folder or "", side.student


def _alike(problem: str, owned: Sequence[Owned], starter: str) -> Iterator[Pair]:
    """The pairs of one problem, each once: by its wording, or by its structure where that says more."""
    given = answer_of_text("starter", starter, problem)
    best: dict[tuple[int, int], Pair] = {}
    for likeness in Likeness:
        usual = fragments(given, likeness) if given else {}
        for (one, other), pair in _Index(owned, likeness, usual).pairs(problem):
            if (one, other) not in best or best[one, other].score < pair.score:
                best[one, other] = pair
    yield from best.values()


class _Index:
    """Which answers have which fragments of one kind."""

    def __init__(self, owned: Sequence[Owned], likeness: Likeness, usual: Iterable[Fragment]) -> None:
        self._owned = owned
        self._likeness = likeness
        without = frozenset(usual)
        self._places: list[Places] = [
            {fragment: lines for fragment, lines in fragments(each.answer, likeness).items() if fragment not in without}
            for each in owned
        ]
        self._holders: dict[Fragment, list[int]] = defaultdict(list)
        for number, places in enumerate(self._places):
            for fragment in places:
                self._holders[fragment].append(number)
        share = int(WORDING_HOLDERS * len(owned)) if likeness is Likeness.WORDING else 0
        self._most_holders = max(MOST_HOLDERS, share)

    def pairs(self, problem: str) -> Iterator[tuple[tuple[int, int], Pair]]:
        """The pairs that are alike enough, with their numbers."""
        of_this_class = sum(each.folder is None for each in self._owned)
        compared = of_this_class * (of_this_class - 1) / 2 + of_this_class * (len(self._owned) - of_this_class)
        least = LEAST_SURPRISE + log2(max(1.0, compared))
        for (one, other), score in self._scores().items():
            share = score / max(score, min(self._rarity(one), self._rarity(other)))
            if score >= least and share >= LEAST_SHARE:
                sides = self._side(one, other), self._side(other, one)
                yield (one, other), Pair(problem, *sides, self._likeness, score, share)

    def _scores(self) -> dict[tuple[int, int], float]:
        """Bits that two answers share, for those that share any; the first is of this class, which comes first."""
        bits: dict[tuple[int, int], float] = defaultdict(float)
        for holders in self._holders.values():
            if 2 <= len(holders) <= self._most_holders:
                weight = self._weight(len(holders) - 2, len(self._owned) - 2)
                for one, other in combinations(holders, 2):
                    if self._owned[one].folder is None:
                        bits[one, other] += weight
        return bits

    def _rarity(self, number: int) -> float:
        """Bits of all rare fragments of an answer."""
        counts = (len(self._holders[fragment]) for fragment in self._places[number])
        others = len(self._owned) - 1
        return sum(self._weight(count - 1, others) for count in counts if count <= self._most_holders)

    @staticmethod
    def _weight(holders: int, answers: int) -> float:
        """Bits of a fragment that so many of so many other answers have; as fragments overlap, each counts in part."""
        return -log2((holders + _PRIOR_HOLDERS) / (answers + _PRIOR_ANSWERS)) / LENGTH

    def _side(self, number: int, other: int) -> Side:
        owned = self._owned[number]
        rare = [
            lines
            for fragment, lines in self._places[number].items()
            if fragment in self._places[other] and len(self._holders[fragment]) <= self._most_holders
        ]
        shared = frozenset[tuple[int, int]]().union(*rare)
        pieces = (_with_shared(d.piece, n, shared) for n, d in enumerate(owned.answer.definitions))
        return Side(owned.student, owned.folder, tuple(pieces))


def _with_shared(piece: Piece, number: int, shared: Iterable[tuple[int, int]]) -> Piece:
    return replace(piece, shared=_ranges(sorted(line for definition, line in shared if definition == number)))


def _ranges(lines: Iterable[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for line in lines:
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return tuple(ranges)
