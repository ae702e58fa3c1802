"""Misconceptions, like references, work on the device of their inputs: else one on a GPU would fail for that alone.

"meta" tensors have a device of their own and no values: whatever mixes in a CPU tensor raises, and so does what reads a
value, which is no concern here.
"""

from __future__ import annotations

import pytest
from torch import Tensor

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks.cases import example_case
from grader.grading import trial_of
from grader.model.case import Example
from grader.model.evidence import MIXED_DEVICES

NAMES = sorted(place.id for place in bundled().places)


@pytest.mark.parametrize("name", NAMES)
def test_no_misconception_mixes_devices(name: str) -> None:
    (place,) = bundled().choose((name,))
    entry = load(place)
    inputs = example_case(trial_of(entry, seed=8), Example("drawn")).inputs if entry.problem.signature.arguments else {}
    moved = {key: value.to("meta") if isinstance(value, Tensor) else value for key, value in inputs.items()}
    mixing = []
    for function in entry.problem.misconceptions if moved else ():
        try:
            function(**moved)
        except Exception as error:
            mixing += [function.__name__] if any(sign in str(error) for sign in MIXED_DEVICES) else []
    assert mixing == []
