"""Words for what proofs found: the function is the formula, is not, or could not be compared with it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import assert_never

from grader.model.evidence import Counterexample, ForbiddenCall, NotDecided, ProvedEqual, Shown
from grader.model.words import at_line, digits, number, short, your_result

AboutProof = ProvedEqual | Counterexample | NotDecided | ForbiddenCall

PROVEN = "Proved: your function computes exactly this."
"""Said of a diagnosis that is certain."""

LONGEST_POINT = 60
"""Characters of inputs that are told in the sentence; longer ones are listed apart."""

LONGEST_FORMULA = 300
LONGEST_NUMBER = 100

MOST_INSTANCES = 2
MOST_NOTES = 2


def describe_proof(evidence: AboutProof) -> str:
    """One short paragraph on a proof, a counterexample, or why there is neither."""
    match evidence:
        case ProvedEqual(method, instances, notes):
            at = _at(instances)
            return f"Proved ({method}): for all real inputs your function equals the formula{at}.{_also(notes)}"
        case Counterexample():
            return _counterexample(evidence)
        case NotDecided(reason, path, line, code, notes):
            why = f"{short(reason)}{at_line(path, line, code)}".rstrip(".")
            return f"Neither proved nor refuted, which costs you nothing: {why}.{_also(notes)}"
        case ForbiddenCall(calls):
            names = _listed([f"`{short(name, 80)}`" for name in calls])
            return f"Your function calls {names}, and that is what you are asked to write: use more basic operations."
        case _:
            assert_never(evidence)


def expression(text: str, most: int = LONGEST_FORMULA) -> str:
    """An expression as it is shown: the entry `x_{0,1}` as `x[0,1]`, on one line, without a quote that ends it."""
    return short(re.sub(r"_\{([\d,]+)\}", r"[\1]", text.replace("`", "'")), most)


def point(value: Shown) -> str:
    """A number of a counterexample, or a nested list of them, on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(point(item) for item in value)}]"
    return number(value) if isinstance(value, float) else short(str(value), 80)


def _counterexample(seen: Counterexample) -> str:
    where = f" at index {seen.index}" if seen.index else ""
    yours = your_result(seen.result)
    got_digits, expected_digits = digits(seen.got_value, seen.expected_value)
    expected = _exact(seen.expected, expected_digits)
    if seen.got == "undefined":
        text = f"{_for(seen)} {yours}{where} is undefined, and the formula gives {expected}. "
        return f"{text}Look for a division by 0, or for a root or logarithm of what has none.{_also(seen.notes)}"
    text = f"{_for(seen)} {yours}{where} is {_exact(seen.got, got_digits)}, and the formula gives {expected}."
    if seen.difference:
        text += f" In general, your result minus the formula's is `{expression(seen.difference)}`."
    return text + _also(seen.notes)


def _for(seen: Counterexample) -> str:
    chosen = ", ".join(f"{name} = {point(value)}" for name, value in seen.setting.inputs.items())
    if len(chosen) <= LONGEST_POINT:
        return f"At {chosen}"
    return f"For the inputs listed here ({short(seen.setting.case, 100)})"


def _exact(text: str, decimal: str) -> str:
    """`-2*exp(-1)` ≈ -0.735759, `-3/2` = -1.5, or digits alone where there is nothing exact to tell."""
    if re.fullmatch(r"-?\d+", text) and len(text) <= 12:
        return text
    if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?|-?inf", text):
        return decimal
    return f"`{expression(text, LONGEST_NUMBER)}` {'=' if _is(text, decimal) else '≈'} {decimal}"


def _is(text: str, decimal: str) -> bool:
    """Whether the digits are the fraction itself."""
    return re.fullmatch(r"-?\d+/\d+", text) is not None and Fraction(text) == Fraction(decimal)


def _at(instances: tuple[str, ...]) -> str:
    """The shapes and values of a proof; of many the first."""
    told = [short(instance, 120) for instance in instances[:MOST_INSTANCES] if instance]
    if len(instances) > MOST_INSTANCES:
        told.append(f"and {len(instances) - MOST_INSTANCES} more")
    return f", at {'; '.join(told)}" if told else ""


def _also(notes: tuple[str, ...]) -> str:
    """What else was noticed, as one more sentence."""
    if not notes:
        return ""
    told = [short(note, 200).rstrip(".") for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        told.append(f"there are {len(notes) - MOST_NOTES} more like that")
    return f" One more thing: {'; '.join(told)}."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
