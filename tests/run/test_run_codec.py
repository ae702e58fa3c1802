"""Replies become observations only if they are built as replies are; everything else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from grader.guest.frames import MalformedFrameError
from grader.model.case import Case
from grader.model.exchange import Call, Opaque, Precision, Raised, Returned
from grader.run.codec import decode_reply, encode_call

CASE = Case("a case", {"x": torch.ones(2, 3, dtype=torch.float64), "eps": 0.5}, {"n": 2, "d": 3})
CALL = Call("f", CASE, Precision.SINGLE, differentiate=("x",))


def _reply(**changes: Any) -> dict[str, Any]:
    whole = {"id": 7, "status": "returned", "value": {"tensor": "v"}, "device": "cpu", "gradients": {}, "modified": []}
    return {**whole, "gradient_error": None, **changes}


PAYLOAD = save({"v": torch.ones(2), "g": torch.ones(2, 3), "wide": torch.ones(9)})


def test_a_call_is_sent_in_its_precision() -> None:
    header, payload = encode_call(CALL, 7)
    assert header["arguments"] == [{"name": "x"}, {"name": "eps", "number": 0.5}]
    assert b"F32" in payload
    assert b"F64" not in payload


def test_a_well_built_reply_is_rebuilt() -> None:
    found = decode_reply(_reply(gradients={"x": "g"}, modified=["x", "unknown"]), PAYLOAD, CALL, 7)
    assert isinstance(found, Returned)
    assert torch.equal(found.value, torch.ones(2))
    assert found.gradients["x"].shape == (2, 3)
    assert found.modified == ("x",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"number": "3", "type": "int"}, 3),
        ({"number": "nan", "type": "float"}, float("nan")),
        ({"number": "True", "type": "bool"}, True),
        ({"number": "9" * 300, "type": "int"}, 1e300),
        ({"opaque": "Foo" * 100}, Opaque(("Foo" * 100)[:100])),
        ({"items": [{"number": "1.5", "type": "float"}]}, (1.5,)),
    ],
)
def test_values_other_than_tensors(value: dict, expected: object) -> None:
    found = decode_reply(_reply(value=value), b"", CALL, 7)
    assert isinstance(found, Returned)
    assert repr(found.value)[:6] == repr(expected)[:6]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 8},
        {"id": None},
        {"status": "graded", "score": 10},
        {"value": {"tensor": "absent"}},
        {"value": None},
        {"value": {"number": "three", "type": "int"}},
        {"value": {"items": [{"items": [{"items": [{"items": [{"items": []}]}]}]}]}},
        {"value": {"items": [{"items": [{"tensor": "v"}] * 40}] * 40}},
        {"gradients": []},
        {"gradients": {"x": "absent"}},
        {"gradients": {"x": "wide"}},
        {"gradients": {"x": 3}},
        {"modified": "x"},
    ],
)
def test_replies_built_otherwise_are_refused(changes: dict) -> None:
    with pytest.raises(MalformedFrameError):
        decode_reply(_reply(**changes), PAYLOAD, CALL, 7)


@pytest.mark.parametrize("payload", [b"x", b"\xff" * 64, PAYLOAD[:-3], b"\x08\0\0\0\0\0\0\0{}      "])
def test_tensors_that_cannot_be_read_are_refused(payload: bytes) -> None:
    with pytest.raises(MalformedFrameError):
        decode_reply(_reply(), payload, CALL, 7)


def test_tensors_that_would_take_long_are_refused() -> None:
    many = {str(number): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for number in range(20_000)}
    described = json.dumps(many).encode()
    with pytest.raises(MalformedFrameError, match="too many tensors"):
        decode_reply(_reply(), len(described).to_bytes(8, "little") + described, CALL, 7)


def test_tensors_of_more_dimensions_than_pytorch_computes_with_are_refused() -> None:
    with pytest.raises(MalformedFrameError, match="64 dimensions"):
        decode_reply(_reply(), save({"v": torch.ones([1] * 65)}), CALL, 7)


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.uint16, torch.uint64, torch.complex64])
def test_tensors_of_dtypes_that_cannot_be_computed_with_are_only_named(dtype: torch.dtype) -> None:
    found = decode_reply(_reply(), save({"v": torch.ones(2).to(dtype)}), CALL, 7)
    assert isinstance(found, Returned)
    assert found.value == Opaque(f"a tensor of {dtype}".replace("torch.", ""))


def test_a_gradient_that_cannot_be_computed_with_is_refused() -> None:
    payload = save({"v": torch.ones(2), "g": torch.ones(2, 3).to(torch.float8_e5m2)})
    with pytest.raises(MalformedFrameError):
        decode_reply(_reply(gradients={"x": "g"}), payload, CALL, 7)


def test_what_an_exception_says_is_bounded_and_typed() -> None:
    reply = {"id": 7, "status": "raised", "type": 3, "message": "m" * 10**6, "path": ["x"], "line": -1, "code": None}
    found = decode_reply(reply, b"", CALL, 7)
    assert isinstance(found, Raised)
    assert (found.type_name, len(found.message), found.path, found.line) == ("Exception", 1000, None, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ["id", "status", "value", "device", "gradients", "modified", "gradient_error", "type", "message", "line"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.binary(max_size=64))
def test_arbitrary_replies_are_an_observation_or_refused(header: dict, payload: bytes) -> None:
    try:
        decode_reply({**header, "id": 7}, payload, CALL, 7)
    except MalformedFrameError:
        return
