"""Every kind of evidence has words: kind, in the second person, short, and without internals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

import pytest

from grader.model import evidence as kinds
from grader.model.evidence import (
    AgentEvaluated,
    AnswerUnusable,
    CallStopped,
    Counterexample,
    DeviceMismatch,
    DtypeMismatch,
    Evidence,
    ExceptionRaised,
    ForbiddenCall,
    FunctionMissing,
    GraderFault,
    GradientLeak,
    GradientMismatch,
    GradientMissing,
    InputModified,
    NotDecided,
    Prerequisite,
    PropertyViolation,
    ProvedEqual,
    SequenceMismatch,
    Setting,
    ShapeMismatch,
    StatisticalMismatch,
    TypeMismatch,
    ValueMismatch,
)
from grader.model.exchange import StopReason
from grader.model.wording import describe
from grader.model.words import number

SETTING = Setting("a small case", "float32", {"x": [1.0, 2.0], "large": "tensor of shape (64, 32)"})
LONG = "x" * 100_000

SAMPLES: dict[type, Evidence] = {
    ValueMismatch: ValueMismatch(SETTING, [1.0], [2.0], (0,), 1.0, 2.0, 1e-6, 1, 3, False),
    ShapeMismatch: ShapeMismatch(SETTING, "(T,)", (3,), (3, 1)),
    TypeMismatch: TypeMismatch(SETTING, "a tensor", "NoneType"),
    DtypeMismatch: DtypeMismatch(SETTING, "float64", "float32"),
    DeviceMismatch: DeviceMismatch(SETTING, "cuda", "cpu"),
    InputModified: InputModified(SETTING, "rewards"),
    GradientMismatch: GradientMismatch(SETTING, "x", [1.0], [2.0]),
    GradientMissing: GradientMissing(SETTING, "x", "it is not connected"),
    GradientLeak: GradientLeak(SETTING, "target", [1.0]),
    PropertyViolation: PropertyViolation(SETTING, "rows add up to 1", [1.0], [0.9]),
    SequenceMismatch: SequenceMismatch(SETTING, ("buffer = Buffer()", "len(buffer)"), "`len` is another", 0, 1),
    StatisticalMismatch: StatisticalMismatch(
        SETTING, "every order is equally likely", 200, 61.5, 35.25, 1e-6, "a divergence of 0.1 nats", "often", "never"
    ),
    AgentEvaluated: AgentEvaluated(
        Setting("CartPole-v1", "float32", {"total_steps": 50_000}),
        48,
        120.6666,
        195,
        120,
        1e-6,
        3,
        49_600,
        ((1000, 20.0),),
    ),
    ProvedEqual: ProvedEqual("exact", ("d = 3",)),
    Counterexample: Counterexample(SETTING, (0,), "1/2", "2", 0.5, 2.0, "x_{0}", "2*x_{0}", "x_{0}"),
    NotDecided: NotDecided("it uses `sort`", "answer.py", 3, "return x.sort()"),
    ForbiddenCall: ForbiddenCall(("layer_norm",)),
    ExceptionRaised: ExceptionRaised(SETTING, "ValueError", "no", "answer.py", 3, "raise ValueError('no')"),
    CallStopped: CallStopped(SETTING, "cpu", "10 s"),
    AnswerUnusable: AnswerUnusable(SETTING, "it is malformed"),
    FunctionMissing: FunctionMissing("layer_norm", ("layernorm",)),
    Prerequisite: Prerequisite("agreement"),
    GraderFault: GraderFault("RuntimeError: ours"),
}


@pytest.mark.parametrize(
    ("number", "words"), [(None, "your result"), (0, "your first result"), (7, "your result number 8")]
)
def test_a_result_is_named_where_there_are_several(number, words):
    for evidence in (
        ShapeMismatch(SETTING, "(T,)", (3,), (3, 1), number),
        DtypeMismatch(SETTING, "float64", "float32", number),
        replace(SAMPLES[ValueMismatch], result=number),
        replace(SAMPLES[Counterexample], result=number),
    ):
        assert f" {words} " in describe(evidence)


def test_an_agent_is_told_what_it_earned_where_and_after_how_many_trainings():
    seen = SAMPLES[AgentEvaluated]
    assert describe(seen) == (
        "Your agent earned 120.667 on average over 48 episodes of CartPole-v1; 195 or more is asked for, and it was "
        "trained 3 times, from other seeds. It was trained with 49,600 steps."
    )
    assert "trained 3 times" not in describe(replace(seen, attempts=1))
    assert describe(replace(seen, steps=1)).endswith("It was trained with 1 step.")


def test_what_is_no_action_is_named_like_any_other_value():
    wanted = "the number of an action, from 0 to 1"
    for got, words in (("float", "a value of type float"), ("a number, 2", "a number, 2"), ("a negative number",) * 2):
        assert f"your function returned {words}; it should return {wanted}." in describe(
            TypeMismatch(SETTING, wanted, got)
        )


def test_a_dtype_that_the_statement_names_is_not_put_down_to_the_inputs():
    message = describe(DtypeMismatch(SETTING, "int64", "float32", named=True))
    assert message == "Your result is float32; it should be int64: `.to(torch.int64)`."


def test_every_kind_of_evidence_is_covered_here():
    assert set(SAMPLES) == set(get_args(Evidence))


def test_every_class_of_the_module_is_a_kind_of_evidence():
    classes = {c for c in vars(kinds).values() if isinstance(c, type) and c.__module__ == kinds.__name__}
    assert classes - {Setting} == set(get_args(Evidence))


@pytest.mark.parametrize("kind", get_args(Evidence), ids=lambda kind: kind.__name__)
def test_every_kind_of_evidence_has_words(kind):
    text = describe(SAMPLES[kind])
    assert 20 < len(text) < 600
    assert text[0].isupper() or text[0] in "`“"
    assert "Traceback" not in text
    assert kind.__name__ not in text


@pytest.mark.parametrize(
    "kind", [k for k in get_args(Evidence) if k not in (FunctionMissing, Prerequisite)], ids=lambda kind: kind.__name__
)
def test_words_are_for_the_one_who_wrote_the_answer(kind):
    words = describe(SAMPLES[kind]).lower().replace(".", " ").replace(",", " ").split()
    impersonal = (GradientMismatch, GradientMissing, GradientLeak, PropertyViolation)
    assert {"you", "your"} & set(words) or kind in impersonal
    assert "student" not in words


@pytest.mark.parametrize(
    "seen",
    [
        ExceptionRaised(SETTING, LONG, LONG, "a.py", 1, LONG),
        GradientMissing(SETTING, "x", LONG),
        TypeMismatch(SETTING, "a tensor", LONG),
        AnswerUnusable(SETTING, LONG),
        GraderFault(LONG),
        NotDecided(LONG, LONG[:9], 1, LONG, (LONG,)),
        ForbiddenCall((LONG,)),
        ProvedEqual("exact", (LONG,), (LONG, LONG)),
        Counterexample(Setting(LONG, "exact", {"x": LONG}), (), LONG, LONG, 1.0, 2.0, LONG, LONG, "", (LONG,)),
    ],
    ids=lambda seen: type(seen).__name__,
)
def test_what_a_submission_says_is_cut_short(seen):
    text = describe(seen)
    assert len(text) < 1000
    assert "…" in text


def test_what_a_submission_says_stays_on_one_line():
    text = describe(ExceptionRaised(SETTING, "ValueError", "one\n\ntwo\r\n  three", None, None, None))
    assert "one two three" in text
    assert "\n" not in text


@pytest.mark.parametrize("reason", list(StopReason), ids=lambda reason: reason.value)
def test_every_reason_for_a_stop_has_words_with_its_limit(reason):
    text = describe(CallStopped(SETTING, reason.value, "the {limit} of 10 s"))
    assert "the {limit} of 10 s" in text
    assert "large of shape (64, 32)" in text


def test_a_starter_left_as_it_is_is_met_politely():
    text = describe(ExceptionRaised(SETTING, "NotImplementedError", "", "answer.py", 7, "raise NotImplementedError"))
    assert text.startswith("This is not written yet")
    assert "answer.py, line 7" in text


def test_a_missing_return_is_suspected_for_none_alone():
    assert "return` missing" in describe(SAMPLES[TypeMismatch])
    assert "return` missing" not in describe(TypeMismatch(SETTING, "a tensor", "ndarray"))


def test_two_numbers_that_differ_late_are_written_with_the_digits_that_differ():
    text = describe(ValueMismatch(SETTING, 1.0, 1.000000001, (), 1.0, 1.000000001, 1e-15, 1, 1, True))
    assert "1.000000001" in text
    assert "float64" in text


@pytest.mark.parametrize("got", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_can_be_written(got):
    assert str(got) in describe(ValueMismatch(SETTING, 1.0, got, (), 1.0, got, 1e-15, 1, 1, False))


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (0.5, "0.5"), (1e10, "1e+10"), (math.nan, "nan"), (-math.inf, "-inf"), (1 / 3, "0.333333")],
)
def test_a_number_is_as_short_as_it_can_be(value, text):
    assert number(value) == text


def test_a_missing_function_names_what_was_found_instead():
    assert "`layernorm`" in describe(SAMPLES[FunctionMissing])
    assert "No function `f`" in describe(FunctionMissing("f", ()))
    assert "it raised" in describe(FunctionMissing("f", (), "it raised"))


def test_an_operation_that_torch_lacks_is_not_called_unwritten():
    text = describe(ExceptionRaised(SETTING, "NotImplementedError", "no kernel", "answer.py", 7, "return x.conj()"))
    assert "not written yet" not in text
    assert "no kernel" in text
