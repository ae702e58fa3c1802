"""Every attack of the corpus, in both sandboxes: no point, no harm, nothing left, and a word about what happened."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from grader.run.zygote import Slot
from tests.hostile.attacks import Attack, all_attacks
from tests.hostile.promises import broken_promises

ATTACKS = all_attacks()


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_attack_gains_nothing_and_harms_nobody(attack: Attack, sandbox: Slot, tmp_path: Path) -> None:
    assert broken_promises(attack, sandbox, tmp_path) == []


def test_the_corpus_is_as_large_as_the_documentation_says() -> None:
    assert len(ATTACKS) >= 80
    assert len({str(attack) for attack in ATTACKS}) == len(ATTACKS)
    assert min(Counter(attack.family for attack in ATTACKS).values()) >= 3
