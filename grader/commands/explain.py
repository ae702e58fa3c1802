"""`grader explain`: a function of a submission as mathematics, beside the formula."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.commands.destination import stdout_look, write_stdout
from grader.commands.interrupts import interrupts_wait_for
from grader.exit_codes import ExitCode
from grader.explaining import Explained, explain_submission
from grader.model.evidence import Counterexample
from grader.model.explanation import Entry, Explanation, Notation
from grader.model.visible import visible
from grader.model.wording import describe
from grader.report.terminal import prose, to_text
from grader.report.untrusted import paragraphs, visible_lines
from grader.run.backend import Isolation
from grader.run.prover import Prover

_INDENT = (0, 0, 0, 2)
_NOTHING = "(nothing: there is no such element)"
_NOTHING_IN_LATEX = r"\text{nothing}"

LONGEST_ROW = 4000


def run(
    path: Path, problem: str, folder: Path | None, assignment: Path | None, isolation: Isolation, *, as_latex: bool
) -> ExitCode:
    """Explain, print, and return the exit code: 1 where the function can't be followed."""
    notation = Notation.LATEX if as_latex else Notation.UNICODE
    with interrupts_wait_for("torch"), Prover() as prover:
        prover.start()
        explained = explain_submission(
            path, problem, prover.judge, prover.write,
            notation=notation, folder=folder, file=assignment, isolation=isolation,
        )  # fmt: skip
    width, color = stdout_look()
    if explained.explanation is None:
        write_stdout(to_text(_unexplained(explained), width=width, color=color))
        return ExitCode.FAILED
    if as_latex:
        write_stdout(_latex(explained, explained.explanation))
    else:
        write_stdout(to_text(_parts(explained, explained.explanation), width=width, color=color))
    return ExitCode.PASSED


def _unexplained(explained: Explained) -> Iterator[RenderableType]:
    yield Text(f"{explained.problem} can't be shown as mathematics.", "bold")
    yield from _told(explained)
    yield from _notices(explained)


def _parts(explained: Explained, explanation: Explanation) -> Iterator[RenderableType]:
    yield Text(_heading(explained), "bold")
    yield Text()
    for entry in explanation.entries:
        yield _side(f"{_element(entry)} =", entry.got, "cyan")
        yield _side("the formula:", entry.expected, "green")
        yield Text()
    if explanation.left_out:
        more = f"{explanation.left_out} more element{'s' if explanation.left_out > 1 else ''}"
        yield Text(f"… and {more}\n", "bright_black")
    if explanation.definitions:
        yield Text("where", "bold")
        for name, meaning in explanation.definitions:
            yield _side(f"{name} =", meaning, "")
        yield Text()
    yield from _told(explained)
    yield from _notices(explained)


def _heading(explained: Explained) -> str:
    return f"Your function {explained.problem}, for {explained.instance or 'single numbers'}:"


def _element(entry: Entry) -> str:
    """`result[0,1]`; of several results the second is `results[1][0,1]`."""
    name = "result" if entry.result is None else f"results[{entry.result}]"
    return f"{name}[{','.join(map(str, entry.index))}]" if entry.index else name


def _side(label: str, mathematics: str, style: str) -> RenderableType:
    """A label and its mathematics, beside it where that is a single line, else below: fractions take several."""
    lines = visible_lines(mathematics or _NOTHING)
    if len(lines) == 1:
        return Padding(Text.assemble(f"{label} ", (lines[0], style)), _INDENT)
    return Padding(Text.assemble(f"{label}\n", ("\n".join(f"    {line}" for line in lines), style)), _INDENT)


def _told(explained: Explained) -> Iterator[RenderableType]:
    for paragraph in paragraphs(describe(explained.evidence)):
        yield prose(paragraph)
    if isinstance(explained.evidence, Counterexample):
        for name, value in explained.evidence.setting.inputs.items():
            yield Padding(Text(f"{visible(name)} = {visible(str(value).replace(chr(39), ''))}"), _INDENT)
    if explained.forbidden is not None:
        yield Text()
        yield prose(describe(explained.forbidden))


def _notices(explained: Explained) -> Iterator[RenderableType]:
    for notice in explained.notices:
        yield Text()
        yield prose(f"Note: {visible(str(notice))}")


def _latex(explained: Explained, explanation: Explanation) -> str:
    """An `align*` that can be pasted, with what was decided as comments."""
    rows = [f"{name} &= {meaning}" for name, meaning in explanation.definitions]
    for entry in explanation.entries:
        indices = (*(() if entry.result is None else (entry.result,)), *entry.index)
        index = f"_{{{','.join(map(str, indices))}}}" if indices else ""
        rows.append(rf"\mathrm{{result}}{index} &= {entry.got or _NOTHING_IN_LATEX}")
        rows.append(rf"\mathrm{{formula}}{index} &= {entry.expected or _NOTHING_IN_LATEX}")
    evidence = (explained.evidence, *((explained.forbidden,) if explained.forbidden is not None else ()))
    told = [_heading(explained), *(text for each in evidence for text in paragraphs(describe(each)))]
    comments = "\n".join(f"% {visible(line)}" for line in told)
    lines = " \\\\\n".join(f"  {visible(row, LONGEST_ROW)}" for row in rows)
    return f"{comments}\n\\begin{{align*}}\n{lines}\n\\end{{align*}}\n"
