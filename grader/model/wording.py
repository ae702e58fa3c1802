"""The one place where evidence becomes words: second person, kind, one suggestion at a time."""

from __future__ import annotations

from typing import assert_never

from grader.model.evidence import (
    AgentEvaluated,
    AnswerUnusable,
    CallStopped,
    DeviceMismatch,
    DtypeMismatch,
    Evidence,
    ExceptionRaised,
    FunctionMissing,
    GraderFault,
    GradientLeak,
    GradientMismatch,
    GradientMissing,
    InputModified,
    Prerequisite,
    PropertyViolation,
    SequenceMismatch,
    Setting,
    ShapeMismatch,
    StatisticalMismatch,
    TypeMismatch,
    ValueMismatch,
)
from grader.model.wording_of_proofs import AboutProof, describe_proof
from grader.model.words import at_line, digits, number, short, your_result


def describe(evidence: Evidence) -> str:
    """One short paragraph that says what was seen and where to look."""
    if isinstance(evidence, AboutProof):
        return describe_proof(evidence)
    match evidence:
        case ValueMismatch():
            return _value_mismatch(evidence)
        case ShapeMismatch(setting, axes, expected, got, result):
            yours = your_result(result)
            return f"{_in(setting)} {yours} has shape {got}; it should have shape {axes}, here {expected}."
        case TypeMismatch(setting, expected, got):
            got_type = _a(short(got, 80))
            return f"{_in(setting)} your function returned {got_type}; it should return {expected}.{_forgot(got)}"
        case DtypeMismatch():
            return _dtype_mismatch(evidence)
        case DeviceMismatch(setting, expected, got):
            made = " you made a tensor on the CPU." if (expected, got) == ("cuda", "cpu") else ""
            return (
                f"For inputs on {expected} your result is on {got}{':' + made if made else '.'} "
                "Create tensors with `device=x.device`, or from an input with `torch.zeros_like` and the like."
            )
        case InputModified(setting, argument):
            return (
                f"Your function changes its input `{argument}` in place; its caller still needs it. "
                "Work on a copy (`.clone()`), or use operations without a trailing underscore."
            )
        case _:
            return _describe_the_rest(evidence)


def _describe_the_rest(evidence: Evidence) -> str:
    match evidence:
        case GradientMismatch(setting, argument):
            return f"{_in(setting)} the gradient with respect to `{argument}` is not the right one."
        case GradientMissing(setting, argument, reason):
            why = f" Autograd says: {short(reason)}" if reason else ""
            return (
                f"{_in(setting)} no gradient reaches `{argument}`. Look for `.detach()`, `.item()`, `torch.no_grad()`, "
                f"or a tensor rebuilt with `torch.tensor(...)` on the way.{why}"
            )
        case GradientLeak(setting, argument):
            return (
                f"A gradient flows into `{argument}`, which is a constant here: only the quantity that is being "
                f"trained is differentiated. `{argument}.detach()` stops it."
            )
        case PropertyViolation(setting, statement):
            return f"{_in(setting)} this does not hold: {statement}."
        case SequenceMismatch(_, _, statement):
            return f"In the sequence of calls listed here, on an object of your class, {short(statement)}."
        case StatisticalMismatch():
            return _improbable(evidence)
        case AgentEvaluated():
            return _evaluated(evidence)
        case ExceptionRaised():
            return _raised(evidence)
        case CallStopped(setting, reason, detail):
            return _stopped(setting, reason, detail)
        case AnswerUnusable(setting, reason):
            return f"{_in(setting)} your function's answer could not be read: {short(reason)}."
        case FunctionMissing():
            return _missing(evidence)
        case Prerequisite(check):
            return f"Not graded yet: first the check `{check}` has to pass."
        case GraderFault(message):
            return f"The grader itself failed here, which costs you nothing; please report it. {short(message)}"
        case _:
            return assert_never(evidence)  # type: ignore[arg-type]  # the first half is matched in describe()


def _in(setting: Setting) -> str:
    return f"In the case “{setting.case}”" + (" (in float64)" if setting.precision == "float64" else "")


def _a(type_name: str) -> str:
    return type_name if type_name.startswith(("a ", "an ")) else f"a value of type {type_name}"


def _forgot(got: str) -> str:
    return " Is a `return` missing?" if got == "NoneType" else ""


def _dtype_mismatch(seen: DtypeMismatch) -> str:
    yours = your_result(seen.result)
    if seen.named:
        return f"{yours.capitalize()} is {seen.got}; it should be {seen.expected}: `.to(torch.{seen.expected})`."
    return (
        f"For {seen.expected} inputs {yours} is {seen.got}. A result keeps the dtype of its inputs: "
        "create tensors with `dtype=x.dtype`, or from an input with `torch.zeros_like` and the like."
    )


def _value_mismatch(seen: ValueMismatch) -> str:
    where = f" at index {seen.index}" if seen.index else ""
    pair = digits(seen.expected_there, seen.got_there)
    share = f" ({seen.differing} of {seen.total} elements differ.)" if seen.total > 1 else ""
    yours = your_result(seen.result)
    text = f"{_in(seen.setting)} {yours}{where} is {pair[1]}, and should be {pair[0]}.{share}"
    if seen.only_in_double:
        text += (
            " In float32 the difference hides in the rounding; in float64 it does not. Look at small constants, "
            "at n against n − 1, and for a cast to float32 on the way."
        )
    return text


def _improbable(seen: StatisticalMismatch) -> str:
    return (
        f"This does not hold: {seen.hypothesis}. In {seen.draws} draws your results deviate from it by "
        f"{number(seen.statistic)}, and by chance alone it would be {number(seen.threshold)} at most "
        f"(but for once in {round(1 / seen.size):,} gradings)."
    )


def _evaluated(seen: AgentEvaluated) -> str:
    trained = "" if seen.attempts == 1 else f", and it was trained {seen.attempts} times, from other seeds"
    return (
        f"Your agent earned {number(round(seen.mean_return, 3))} on average over {seen.episodes} episodes of "
        f"{short(seen.setting.case, 80)}; {number(seen.target)} or more is asked for{trained}. "
        f"It was trained with {seen.steps:,} {'step' if seen.steps == 1 else 'steps'}."
    )


def _raised(seen: ExceptionRaised) -> str:
    if seen.is_unwritten:
        at = at_line(seen.path, seen.line, None)
        return f"This is not written yet: your function still raises NotImplementedError{at}. Write your code there."
    at = at_line(seen.path, seen.line, seen.code)
    if seen.type_name == "MemoryError":
        return f"{_in(seen.setting)} your function used more memory than allowed{at}"
    if seen.mixes_devices:
        mixed = "your code mixes tensors on the GPU with one that you made on the CPU"
        return f"{_in(seen.setting)} {mixed}{_sentence(at)} {_ON_DEVICE}"
    if seen.leaves_the_gpu:
        return f"{_in(seen.setting)} your code hands a tensor to NumPy{_sentence(at)} {_NUMPY}"
    if seen.broke_the_gpu:
        why = next((text for sign, text in _BROKE_GPU.items() if sign in seen.message), short(seen.message, 200))
        return f"{_in(seen.setting)} your code made the GPU fail{_sentence(at)} {why}"
    message = f": {short(seen.message)}" if seen.message else ""
    return f"{_in(seen.setting)} your function raised {short(seen.type_name, 80)}{message}{at}"


def _sentence(at: str) -> str:
    """The place that ends a sentence."""
    return f"{at.rstrip('.')}."


_ON_DEVICE = (
    "The inputs are on the GPU: create tensors with `device=x.device`, or from an input with `torch.zeros_like` and "
    "the like."
)

_NUMPY = (
    "The inputs are on the GPU, and NumPy computes on the CPU: use PyTorch's functions, which compute where the inputs "
    "are and keep gradients."
)

_BROKE_GPU = {
    "device-side assert": (
        "An index is out of range, nearly always: one that is negative, or not smaller than the axis it is for. "
        "On the CPU (`--device cpu`) the same call says which one."
    ),
    "illegal memory access": "It read or wrote memory that is not its own, as a kernel does with a wrong index.",
    "misaligned address": "It read or wrote memory at an address that its type does not allow.",
    "launch failure": "A kernel ended in the middle, as it does with a wrong address.",
}

_STOPPED = {
    "cpu": "took longer than {detail}",
    "wall": "did not return within {detail}",
    "memory": "used more memory than allowed ({detail})",
    "output": "printed more than {detail}",
    "processes": "started more processes than allowed ({detail})",
    "file size": "wrote a file larger than {detail}",
    "disk": "filled the disk with more than allowed ({detail})",
    "gpu": "made the GPU fail ({detail})",
    "exited": "ended the whole Python process instead of returning ({detail})",
    "crashed": "crashed the Python process ({detail})",
}


def _stopped(setting: Setting, reason: str, detail: str) -> str:
    sizes = ", ".join(f"{name} of shape {value}" for name, value in _shapes(setting))
    on = f" on {sizes}" if sizes else ""
    text = f"{_in(setting)} your function {_STOPPED[reason].format(detail=detail)}{on}."
    return f"{text} Is it waiting for something?" if reason == "wall" else text


def _shapes(setting: Setting) -> list[tuple[str, str]]:
    texts = [(name, value) for name, value in setting.inputs.items() if isinstance(value, str)]
    return [(name, text.removeprefix("tensor of shape ")) for name, text in texts]


def _missing(seen: FunctionMissing) -> str:
    if seen.reason:
        return f"`{seen.function}` can't be graded: {seen.reason}"
    if seen.near:
        found = " and ".join(f"`{name}`" for name in seen.near)
        return f"Found {found}, expected `{seen.function}`: is it only named differently?"
    return f"No function `{seen.function}` was found in the submission."
