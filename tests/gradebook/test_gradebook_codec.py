"""Reports are stored without loss, whatever they hold; what is damaged is refused in a sentence."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.gradebook.fields import form_of
from grader.gradebook.report_codec import REPORT, decode_problem, encode_problem
from grader.gradebook.text import original, storable
from grader.gradebook.values import MalformedError, decode_value, encode_value
from grader.model.evidence import Evidence, Setting
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from tests.gradebook.samples import problem, report

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
NUMBERS = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(0, 1 << 20000).map(lambda number: number - (1 << 19000)),
    st.floats(),
    st.complex_numbers(allow_nan=True),
)
VALUES = st.recursive(
    st.none() | ANY_TEXT | NUMBERS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(ANY_TEXT | st.integers(), inner, max_size=3),
    ),
    max_leaves=8,
)
st.register_type_strategy(
    Setting, st.builds(Setting, ANY_TEXT, ANY_TEXT, st.dictionaries(ANY_TEXT, VALUES, max_size=3))
)


def of(kind: Any) -> st.SearchStrategy[Any]:
    """Instances of a dataclass, each field of what its annotation says."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: of_annotation(hints[field.name]) for field in fields(kind)})


def of_annotation(annotation: Any) -> st.SearchStrategy[Any]:
    if annotation is Any:
        return VALUES
    if annotation is str:
        return ANY_TEXT
    if isinstance(annotation, type) and is_dataclass(annotation) and annotation is not Setting:
        return of(annotation)
    arguments = get_args(annotation)
    if arguments[1:] == (...,):
        return st.lists(of_annotation(arguments[0]), max_size=2).map(tuple)
    if arguments and all(isinstance(each, type) for each in arguments) and not hasattr(annotation, "__origin__"):
        return st.one_of([of_annotation(each) for each in arguments])
    return st.from_type(annotation)


def exactly(value: Any) -> Any:
    """A value in terms that are equal only where type and bits are: NaN equals NaN, 0.0 not −0.0, 1 not True."""
    if is_dataclass(value):
        return type(value), [exactly(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, dict):
        return dict, [(exactly(key), exactly(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [exactly(item) for item in value]
    if isinstance(value, complex):
        return complex, exactly(value.real), exactly(value.imag)
    if isinstance(value, float):
        return float, "nan" if math.isnan(value) else value.hex()
    return (Enum if isinstance(value, Enum) else type(value)), value


@given(VALUES)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    stored = json.dumps(encode_value(value), allow_nan=False)
    assert exactly(decode_value(json.loads(stored))) == exactly(value)


@pytest.mark.parametrize("kind", get_args(Evidence), ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(st.data())
def test_every_kind_of_evidence_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    verdict = Verdict("check", "title", Outcome.FAILED, 0, 1, evidence=data.draw(of(kind)))
    before = ProblemReport("name", "title", 1, (verdict,))
    assert exactly(decode_problem(encode_problem(before))) == exactly(before)


def tuples_of(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=2).map(tuple)


NOTICES = tuples_of(of(Notice))
OPTIONAL_TEXT = st.none() | ANY_TEXT
VERDICTS = st.builds(
    Verdict, ANY_TEXT, ANY_TEXT, st.sampled_from(Outcome), st.floats(), st.floats(), ANY_TEXT, OPTIONAL_TEXT,
    OPTIONAL_TEXT, st.none() | st.one_of([of(kind) for kind in get_args(Evidence)]), st.booleans(),
)  # fmt: skip
PROBLEMS = st.builds(
    ProblemReport, ANY_TEXT, ANY_TEXT, st.integers(), tuples_of(VERDICTS), NOTICES, ANY_TEXT, st.floats()
)
REPORTS = st.builds(Report, ANY_TEXT, st.integers(), ANY_TEXT, ANY_TEXT, tuples_of(PROBLEMS), NOTICES, ANY_TEXT)


@settings(max_examples=50)
@given(REPORTS)
def test_every_report_comes_back_as_it_was(before: Report) -> None:
    assert exactly(REPORT.decode(REPORT.encode(before))) == exactly(before)


@given(ANY_TEXT)
def test_every_text_comes_back_and_is_what_databases_take(text: str) -> None:
    stored = storable(text)
    assert original(stored) == text
    assert "\x00" not in stored.encode().decode()  # an unpaired surrogate can't be encoded


def test_text_without_unstorable_characters_is_stored_as_it_is() -> None:
    assert storable("Zoë \\x00 =1+1 \n😀") == "Zoë \\x00 =1+1 \n😀"


def test_the_wall_time_does_not_change_what_is_stored() -> None:
    assert encode_problem(problem("layer_norm")) == encode_problem(replace(problem("layer_norm"), seconds=9.0))


def test_a_field_that_is_newer_than_the_row_has_its_default() -> None:
    stored = json.loads(encode_problem(problem("layer_norm", 3)))
    del stored["verdicts"][1]["evidence"]["result"], stored["verdicts"][0]["proven"]
    assert decode_problem(json.dumps(stored)).verdicts == problem("layer_norm", 3).verdicts


def damaged(way: tuple[str | int, ...], value: Any) -> str:
    stored = json.loads(REPORT.encode(report(3)))
    place = stored
    for part in way[:-1]:
        place = place[part]
    place[way[-1]] = value
    return json.dumps(stored)


EVIDENCE = ("problems", 0, "verdicts", 1, "evidence")


@pytest.mark.parametrize(
    ("way", "value", "said"),
    [
        (("seed",), "seven", "str stands where int belongs"),
        (("seed",), None, "NoneType stands where int belongs"),
        (("seed",), 1.5, "float stands where int belongs"),
        (("output",), 3, "int stands where str belongs"),
        (("more",), 3, "a Report has the keys"),
        (("problems",), {}, "something is no list"),
        (("problems", 0), [], "a ProblemReport is no object"),
        (("problems", 0, "verdicts", 0, "outcome"), "excellent", "there is no Outcome 'excellent'"),
        (("problems", 0, "verdicts", 0, "outcome"), [], r"there is no Outcome \[\]"),
        ((*EVIDENCE, "kind"), "Hearsay", "kind of something is not told, or unknown"),
        ((*EVIDENCE, "kind"), ["x"], "kind of something is not told, or unknown"),
        ((*EVIDENCE, "expected"), {"tuple": 1}, r"the keys \['tuple'\] is no value"),
        ((*EVIDENCE, "expected"), {"tuple": [], "more": 1}, "is no value"),
        ((*EVIDENCE, "expected"), {"float": "0"}, "is no value"),
        ((*EVIDENCE, "expected"), {"integer": "zz"}, "other than hexadecimal digits"),
        ((*EVIDENCE, "expected"), {"complex": ["a", 1.0]}, "parts are no numbers"),
        ((*EVIDENCE, "expected"), {"mapping": [1]}, "entry is no pair"),
        ((*EVIDENCE, "expected"), {"mapping": [[[], 1]]}, "key is a list or a mapping"),
        ((*EVIDENCE, "expected"), {"mapping": [[{"tuple": [[]]}, 1]]}, "key is a list or a mapping"),
        ((*EVIDENCE, "setting", "inputs"), [["x"]], "no pair of a name and a value"),
        ((*EVIDENCE, "index"), ["0"], "str stands where int belongs"),
    ],
)
def test_a_damaged_report_is_refused_with_what_is_wrong(way: tuple[str | int, ...], value: Any, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        REPORT.decode(damaged(way, value))


@pytest.mark.parametrize("key", ["id", "verdicts"])
def test_a_missing_field_is_refused(key: str) -> None:
    stored = json.loads(encode_problem(problem("layer_norm")))
    del stored[key]
    with pytest.raises(MalformedError, match="a ProblemReport has the keys"):
        decode_problem(json.dumps(stored))


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"id": Infinity}', "[" * 100_000, "1" * 10_000, '{"id": 1}}'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        decode_problem(text)


@settings(max_examples=200)
@given(st.data())
def test_a_report_that_is_cut_short_is_refused(data: st.DataObject) -> None:
    stored = REPORT.encode(report(4, 3))
    with pytest.raises(MalformedError):
        REPORT.decode(stored[: data.draw(st.integers(0, len(stored) - 1))])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["tuple", "mapping", "x"]), inner),
    max_leaves=5,
)


PLACES = (("problems",), ("problems", 0, "verdicts"), EVIDENCE, (*EVIDENCE, "setting"), (*EVIDENCE, "got"))


@settings(max_examples=300)
@given(st.sampled_from(PLACES), JSON)
def test_any_other_data_in_a_report_is_read_or_refused(way: tuple[str | int, ...], value: Any) -> None:
    with suppress(MalformedError):  # anything else that is raised is a bug
        REPORT.decode(damaged(way, value))


def test_what_can_not_be_stored_is_refused_when_it_is_declared() -> None:
    with pytest.raises(TypeError, match="can't be stored"):
        form_of(set[int])
