"""Reports and their parts as JSON text and back, without loss; the same text for the same grade."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

from grader.gradebook.fields import form_of
from grader.gradebook.model import ClassFacts
from grader.gradebook.values import Json, MalformedError
from grader.model.submission import Notice
from grader.model.verdict import ProblemReport, Report

Data = TypeVar("Data")


class Codec(Generic[Data]):
    """Data of one type as JSON text."""

    def __init__(self, annotation: Any) -> None:
        self._form = form_of(annotation)

    def encode(self, data: Data) -> str:
        """The data as JSON.

        Raises:
            TypeError: something in it is of another type than it should be.
        """
        return json.dumps(self._form.encode(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def decode(self, stored: str) -> Data:
        """What `encode` was given.

        Raises:
            MalformedError: it is nothing that `encode` gives; the message says what is wrong with it.
        """
        try:
            data: Data = self._form.decode(json.loads(stored, parse_constant=_no_number))
        except MalformedError:
            raise
        except (ValueError, RecursionError) as error:
            raise MalformedError(f"it is no JSON ({error})") from error
        return data


def _no_number(name: str) -> Json:
    raise MalformedError(f"{name} is no number of JSON")


REPORT = Codec[Report](Report)
NOTICES = Codec[tuple[Notice, ...]](tuple[Notice, ...])
IDS = Codec[Mapping[str, str]](Mapping[str, str])
FACTS = Codec[ClassFacts](ClassFacts)

_PROBLEM = Codec[ProblemReport](ProblemReport)


def encode_problem(report: ProblemReport) -> str:
    """One problem's report as JSON. Its wall time is kept apart, so that equal grades are equal texts."""
    return _PROBLEM.encode(replace(report, seconds=0.0))


def decode_problem(stored: str) -> ProblemReport:
    """What `encode_problem` was given, with a wall time of 0.

    Raises:
        MalformedError: it is no problem's report; the message says what is wrong with it.
    """
    return _PROBLEM.decode(stored)
