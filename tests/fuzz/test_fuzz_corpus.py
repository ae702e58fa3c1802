"""Every reader keeps its promises on valid examples, on what fuzzing found and was kept, and on changed examples."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.keep import chosen
from tests.fuzz.mutate import LONGEST, archive_mutation, json_mutation, mutated
from tests.fuzz.seeds import MAKERS, seeds
from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
MOST_KEPT = 200
MOST_KEPT_BYTES = 500_000

SLOW = {"class", "folder", "gradescope", "archive"}
"""Targets that write a folder or unpack an archive for every input."""


def test_every_target_has_valid_examples() -> None:
    assert list(MAKERS) == list(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_valid_examples_are_accepted(target: str) -> None:
    assert [number for number, data in enumerate(seeds(target)) if not TARGETS[target](data)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_found_before_keeps_the_promises(target: str) -> None:
    for path in KEPT:
        if path.parent.name == target:
            TARGETS[target](path.read_bytes())


def test_what_is_kept_is_small_and_belongs_to_a_target() -> None:
    assert {path.parent.name for path in KEPT} <= set(TARGETS)
    assert len(KEPT) <= MOST_KEPT
    assert sum(path.stat().st_size for path in KEPT) <= MOST_KEPT_BYTES


@pytest.mark.parametrize("target", TARGETS)
def test_changed_examples_keep_the_promises(target: str) -> None:
    @settings(max_examples=40 if target in SLOW else 120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(seeds(target)), st.lists(st.integers(0, 2**32), min_size=1, max_size=3))
    def check(data: bytes, changes: list[int]) -> None:
        for change in changes:
            data = mutated(target, data, Random(change))
        TARGETS[target](data)

    check()


@given(st.sampled_from(seeds("reply")), st.integers(0, 2**32))
def test_a_changed_document_is_still_one(data: bytes, change: int) -> None:
    changed = json_mutation()(data, Random(change))
    assert len(changed) == LONGEST or json.loads(changed.partition(b"\0")[0]) is not Ellipsis


@given(st.integers(0, 2**32))
def test_a_changed_tar_keeps_right_checksums(change: int) -> None:
    changed = archive_mutation(seeds("archive")[4], Random(change))
    blocks = [changed[at : at + 512] for at in range(0, len(changed) - 511, 512)]
    headers = [block for block in blocks if block[257:262] == b"ustar"]
    sums = [sum(header[:148] + b" " * 8 + header[156:]) for header in headers]
    assert [int(header[148:154], 8) for header in headers] == sums


def test_only_what_reaches_more_than_the_examples_is_kept() -> None:
    shorter, longer = b"\0{}", b"\0{ }"
    assert chosen("training", [*seeds("training"), longer, shorter]) == [shorter]
