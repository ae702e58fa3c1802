"""What the checks of a problem run on: the cases and sequences of calls that they ask about, overheard."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch

from grader.grading import Ask, grade
from grader.model.case import Case, Inputs
from grader.model.exchange import Answer, Call, Raised, Request, Session, Trace, Training, Untraceable
from grader.model.problem import CatalogEntry
from grader.rehearsal import answering

DRAWN = "drawn"
"""What the cases that an author gave no name are called together."""


class Asked:
    """The inputs that one run of a problem's checks asks about, each once."""

    def __init__(self, entry: CatalogEntry) -> None:
        self._named = {example.name for example in (*entry.problem.examples, *entry.problem.edges)}
        self._heard: dict[str, Case | Session] = {}

    def __iter__(self) -> Iterator[tuple[str, Case | Session]]:
        """The name of the author's case, or DRAWN, with the inputs."""
        for each in self._heard.values():
            yield each.name if isinstance(each, Case) and each.name in self._named else DRAWN, each

    def listening(self, ask: Ask) -> Ask:
        """The same, and what is asked is kept. What is only traced runs on symbols, and is no case."""

        def listen(request: Request) -> Answer:
            if isinstance(request, Call):
                self._heard.setdefault(_content(request.case.name, request.case.inputs), request.case)
            if isinstance(request, Session):
                self._heard.setdefault(_content_of_session(request), request)
            return ask(request)

        return listen


def asked_of_reference(entry: CatalogEntry, seed: int) -> Asked:
    """What the checks ask in a run on the reference; nothing is proved on the way, and no agent trained."""
    asked = Asked(entry)
    grade(entry, asked.listening(_cases_alone(answering(entry.problem.reference))), seed)
    return asked


def _cases_alone(ask: Ask) -> Ask:
    def answer(request: Request) -> Answer:
        match request:
            case Trace():
                return Untraceable("nothing is proved here")
            case Training():
                return Raised("Untrained", "no agent is trained here")
            case _:
                return ask(request)

    return answer


def _content(name: str, inputs: Inputs) -> str:
    digest = hashlib.sha256(name.encode())
    for part in _parts(inputs):
        digest.update(part)
    return digest.hexdigest()


def _content_of_session(session: Session) -> str:
    contents = [_content("", inputs) for inputs in (session.construct, *(step.arguments for step in session.steps))]
    ways = [(step.method, step.arrays, step.overwritten) for step in session.steps]
    return repr((contents, ways))


def _parts(inputs: Inputs) -> Iterator[bytes]:
    for name, value in inputs.items():
        yield name.encode()
        if isinstance(value, torch.Tensor):
            yield repr(tuple(value.shape)).encode()
            yield value.contiguous().numpy().tobytes()
        else:
            yield repr(value).encode()
