"""Every attack of the corpus: no point, no harm, nothing left, and a word about what happened.

Those that reach out of their process are tried in both sandboxes. The others can't tell which one they are in, and the
limits on resources are the zygote's own. `benchmarks/hostile.py` tries all of them everywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from grader.run.zygote import Slot
from tests.hostile.attacks import Attack, all_attacks
from tests.hostile.promises import broken_promises
from tests.hostile.test_hostile_pairs import PAIRS

SECURITY = Path(__file__).resolve().parents[2] / "docs" / "security.md"
ATTACKS = all_attacks()
THE_SAME_ANYWHERE = frozenset({"inputs", "intake", "memory", "objects", "protocol", "resources", "shadowing"})
REACHING_OUT = [attack for attack in ATTACKS if attack.family not in THE_SAME_ANYWHERE]


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_attack_gains_nothing_and_harms_nobody(attack: Attack, sandlock: Slot, tmp_path: Path) -> None:
    assert broken_promises(attack, sandlock, tmp_path) == []


@pytest.mark.parametrize("attack", REACHING_OUT, ids=str)
def test_namespaces_hold_what_reaches_out(attack: Attack, bubblewrap: Slot, tmp_path: Path) -> None:
    assert broken_promises(attack, bubblewrap, tmp_path) == []


def test_the_corpus_is_as_large_as_the_documentation_says() -> None:
    text = SECURITY.read_text(encoding="utf-8")
    told = {family: int(number) for family, number in re.findall(r"^\| ([a-z]+) \| (\d+) \|$", text, re.MULTILINE)}
    assert told == Counter(attack.family for attack in ATTACKS)
    assert f"There are {len(ATTACKS)} attacks and {len(PAIRS)} pairs." in text
    assert len({str(attack) for attack in ATTACKS}) == len(ATTACKS)
