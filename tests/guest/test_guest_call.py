"""What a function returns or raises is told in plain data, whatever it pretends to be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.guest.call import _device, described_value, differs
from grader.guest.trouble import HIDDEN, described


class Untold(OSError):
    @property
    def errno(self) -> int:
        raise KeyboardInterrupt


class Text(str):
    __slots__ = ()

    def __getitem__(self, key: object) -> Any:
        return {key}


class Evasive(ValueError):
    def __str__(self) -> str:
        return Text("a text")


def test_an_exception_of_which_everything_raises_is_told() -> None:
    told = described(Untold(), "/folder")
    assert (told["type"], told["message"]) == ("Exception", HIDDEN)


def test_a_message_of_a_class_of_its_own_is_told_as_an_ordinary_text() -> None:
    told = described(Evasive(), "/folder")
    assert type(told["message"]) is str
    assert json.loads(json.dumps(told))["message"] == "a text"


def test_a_traceback_that_an_exception_claims_to_have_is_not_followed() -> None:
    class Endless(ValueError):
        __traceback__ = property(lambda self: self)  # type: ignore[assignment]
        tb_next = property(lambda self: self)

    assert described(Endless("m"), "/folder")["path"] is None


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda x: x.to_sparse(), "a tensor of torch.sparse_coo"),
        (lambda x: x.to_mkldnn(), "a tensor of torch._mkldnn"),
        (lambda x: torch.complex(x, x), "a tensor of torch.complex64, on cpu"),
        (lambda x: torch.empty_like(x, device="meta"), "a tensor of torch.float32, on meta"),
    ],
)
def test_tensors_that_nobody_can_compare_are_named(made: Callable[[torch.Tensor], torch.Tensor], name: str) -> None:
    assert described_value(made(torch.ones(2, 3)), {}, 0) == {"opaque": name}


def test_an_object_that_says_it_is_a_tensor_is_none() -> None:
    class Lie:
        __class__ = property(lambda self: torch.Tensor)  # type: ignore[assignment]

    assert described_value(Lie(), {}, 0) == {"opaque": "Lie"}


def test_a_list_in_itself_is_on_the_cpu() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert _device(endless) == "cpu"


@pytest.mark.parametrize(
    ("before", "after", "is_other"),
    [
        ([1.0, float("nan")], [1.0, float("nan")], False),
        ([1.0, float("nan")], [1.0, 0.0], True),
        ([float("inf")], [torch.finfo(torch.float32).max], True),
        ([float("-inf")], [float("-inf")], False),
        ([1.0, 2.0], [1.0, 3.0], True),
        ([1.0], [1.0, 1.0], True),
    ],
)
def test_an_input_that_was_changed_differs(before: list[float], after: list[float], is_other: bool) -> None:
    assert differs(torch.tensor(before), torch.tensor(after)) is is_other
