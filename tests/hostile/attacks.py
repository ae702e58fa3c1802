"""The attack corpus: what each attack tries, and how it is handed in.

Most attacks are one file in `corpus/FAMILY/NAME.py`, a submission that defines `layer_norm` without solving it. Its
docstring says what it tries, and may say more, a line each:

    Outcome: what a verdict or a notice has to say, a regular expression
    Spoils: itself           the other answers of the same submission may lose points by it
    Unconfined: never, why   it is not to be run without isolation

`@CHECKOUT@` in it stands for the folder of this project.

Those that need more than a file are functions with `@attack`, in the modules `built_*.py` beside this one.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.run.submissions import td_error

CORPUS = Path(__file__).parent / "corpus"
CHECKOUT = Path(__file__).resolve().parents[2]
FIELDS = re.compile(r"^(Outcome|Spoils|Unconfined): +(.*)$", re.MULTILINE)

LayOut = Callable[[Path], Path]
"""Writes a submission into an empty folder, and gives what is handed in of it."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One submission that tries to get what it has not earned, or to do harm."""

    family: str
    name: str
    tries: str
    lay_out: LayOut
    outcome: str | None = None
    """What a verdict or a notice has to say, as a regular expression; None where nothing can be known of it."""

    spoils_itself: bool = False
    """Whether the right answer in the same submission may lose points by it."""

    never_unconfined: str | None = None
    """Why it can't be run without isolation."""

    answers: bool = True
    """Whether there is a right `td_error` in it too."""

    def __str__(self) -> str:
        return f"{self.family}-{self.name}"


_BUILT: list[Attack] = []


def attack(
    family: str,
    tries: str,
    *,
    outcome: str | None = None,
    spoils_itself: bool = False,
    never_unconfined: str | None = None,
    answers: bool = True,
) -> Callable[[LayOut], LayOut]:
    """Register a function that lays out a submission; its name is the attack's."""

    def register(lay_out: LayOut) -> LayOut:
        name = lay_out.__name__
        _BUILT.append(Attack(family, name, tries, lay_out, outcome, spoils_itself, never_unconfined, answers))
        return lay_out

    return register


def all_attacks() -> tuple[Attack, ...]:
    """Every attack, by family and name."""
    import importlib

    for path in sorted(Path(__file__).parent.glob("built_*.py")):
        importlib.import_module(f"tests.hostile.{path.stem}")
    files = (_of_file(path) for path in CORPUS.rglob("*.py"))
    return tuple(sorted((*files, *_BUILT), key=str))


def _of_file(path: Path) -> Attack:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a backslash: it is an attack, and need not be good style
        docstring = ast.get_docstring(ast.parse(path.read_bytes()))
    assert docstring, f"{path} does not say what it tries"
    said = dict(FIELDS.findall(docstring))
    tries = " ".join(FIELDS.sub("", docstring).split())

    def lay_out(folder: Path) -> Path:
        (folder / "td_error.py").write_text(td_error())
        (folder / path.name).write_text(path.read_text().replace("@CHECKOUT@", str(CHECKOUT)))
        return folder

    return Attack(
        path.parent.name, path.stem, tries, lay_out, said.get("Outcome"), "Spoils" in said, said.get("Unconfined")
    )
