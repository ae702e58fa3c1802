"""Report to GitHub-flavoured Markdown, for a CI job's summary or a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.model.visible import visible
from grader.model.words import number
from grader.report.groups import blocked, is_proved, is_unwritten, lost, missing, passed
from grader.report.layout import plain, reason_label, reasons
from grader.report.untrusted import paragraphs, visible_lines

_LOOK = {
    Outcome.PASSED: "✅ passed",
    Outcome.FAILED: "❌ failed",
    Outcome.SUBMISSION_ERROR: "❌ error",
    Outcome.UNDECIDED: "❔ undecided",
    Outcome.BLOCKED: "➖ waiting",
    Outcome.GRADER_ERROR: "⚠️ grader error",
}

_CODE_SPAN = re.compile(r"`([^`]+)`")
_PUNCTUATION = re.compile(r"[\\`*_{}\[\]#|~$!]|^[-+]|(?<=www)\.|:(?=//)")
"""What a backslash keeps from starting an emphasis, link, heading, list, table cell, formula or address."""

_NUMBERED = re.compile(r"^(\d+)(?=[.)])")
"""Of a list whose first number this is."""

_LINKED = re.compile(r"[@#]")
"""What GitHub makes a mention or a reference of, even after a backslash, but not where a comment follows."""


def render_markdown(report: Report, *, verbose: bool = False) -> str:
    """The report as Markdown: a table of problems, what went wrong; `verbose` adds proofs and what was printed."""
    return "\n\n".join(_blocks(report, verbose)) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no markup, HTML, link, mention or table cell comes from it."""
    return _escaped(visible(text).strip())


def prose(text: str) -> str:
    """Like `escaped`, but what stands in backquotes is code."""
    parts = _CODE_SPAN.split(visible(text).strip())
    return "".join(f"`{part}`" if i % 2 else _escaped(part) for i, part in enumerate(parts))


def _escaped(text: str) -> str:
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _NUMBERED.sub(r"\1\\", _PUNCTUATION.sub(r"\\\g<0>", html))
    return _LINKED.sub(r"\g<0><!-- -->", shown)


def fenced(text: str) -> str:
    """A code block, with a fence longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _blocks(report: Report, verbose: bool) -> Iterator[str]:
    yield f"## {escaped(report.submission)}: {number(report.score)} of {number(report.max_score)} points"
    yield _table(report)
    for problem in report.problems:
        if missing(problem) is not None or is_unwritten(problem):
            continue
        yield from _problem(problem, verbose)
    yield from _notes(report)
    if verbose and report.output:
        yield "Your code printed while it was loaded:"
        yield fenced("\n".join(visible_lines(report.output)))
    where = f"isolation {escaped(report.isolation)}, device {escaped(report.device)}"
    yield f"<sub>Replay with `--seed {report.seed}` ({where})</sub>"


def _table(report: Report) -> str:
    lines = ["| Question | Function | | Points | |", "| ---: | :--- | :--- | ---: | :--- |"]
    for problem in report.problems:
        points = f"{number(problem.score)} / {number(problem.max_score)}"
        name, title = escaped(problem.id), escaped(problem.title)
        lines.append(f"| {problem.question} | {name} | {title} | {points} | {_state(problem)} |")
    return "\n".join(lines)


def _state(problem: ProblemReport) -> str:
    if missing(problem) is not None:
        return "➖ not found"
    if is_unwritten(problem):
        return "➖ not written yet"
    return _LOOK[problem.outcome] + (", proved" if is_proved(problem) else "")


def _problem(problem: ProblemReport, verbose: bool) -> Iterator[str]:
    found = [v for v in passed(problem.verdicts) if verbose and v.message] + lost(problem.verdicts)
    printed = problem.output if verbose else ""
    if not (found or problem.notices or printed):
        return
    yield f"### {escaped(problem.id)}"
    for verdict in found:
        yield from _verdict(verdict)
    for check, waiting in blocked(problem.verdicts).items():
        names = ", ".join(escaped(v.check) for v in waiting)
        points = number(sum(v.max_points for v in waiting))
        yield f"<sub>{names}: looked at once {escaped(check)} passes ({points} more points)</sub>"
    for notice in problem.notices:
        yield f"> {prose(str(notice))}"
    if printed:
        yield "Your code printed:"
        yield fenced("\n".join(visible_lines(printed)))


def _verdict(verdict: Verdict) -> Iterator[str]:
    points = f"{number(verdict.points)} / {number(verdict.max_points)}"
    sign = _LOOK[verdict.outcome].split()[0]
    yield f"{sign} **{escaped(verdict.check)}**: {prose(verdict.title)} ({points})"
    for paragraph in paragraphs(verdict.message):
        yield prose(paragraph)
    for i, paragraph in enumerate(reasons(verdict)):
        yield (f"**{reason_label(verdict)}** " if i == 0 else "") + prose(paragraph)
    block = plain(verdict.evidence)
    if block:
        yield fenced(block)


def _notes(report: Report) -> Iterator[str]:
    lines = [prose(p.verdicts[0].message) for p in report.problems if missing(p) is not None]
    lines += [f"{escaped(p.id)} is not written yet." for p in report.problems if is_unwritten(p)]
    lines += [f"Note: {prose(str(notice))}" for notice in report.notices]
    if lines:
        yield "\n".join(f"- {line}" for line in lines)
