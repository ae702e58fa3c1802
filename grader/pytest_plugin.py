"""`pytest --submission PATH`: every check of every problem as a test item, `layer_norm::agreement`.

So pytest's own options work on a submission: `-k`, `-x`, `--junitxml`, `--collect-only`. Without `--submission` nothing
is imported and nothing is done. The submission is graded once, when the first item is set up, and only the problems of
the items that were selected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from grader.errors import GraderError, NothingToGrade, UsageError
from grader.model.visible import visible

if TYPE_CHECKING:
    from grader.model.problem import CatalogEntry
    from grader.model.verdict import Report, Verdict
    from grader.session import Options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("grader", "checking a submission")
    group.addoption("--submission", metavar="PATH", help="folder, .py file, notebook or archive with the answers")
    group.addoption("--grader-seed", metavar="N", type=int, help="replay a run bit for bit")
    group.addoption(
        "--grader-problem", metavar="NAME", action="append", default=[], help="only this problem or question"
    )
    group.addoption("--grader-assignment", metavar="FILE", help="only the problems of an assignment, with its points")
    group.addoption(
        "--grader-isolation",
        metavar="KIND",
        default="auto",
        choices=["auto", "sandlock", "bubblewrap", "none"],
        help="what keeps the answers from harming this machine: auto, sandlock, bubblewrap or none",
    )


def pytest_configure(config: pytest.Config) -> None:
    """With a submission and no test file named, the submission is all there is to run."""
    if config.option.submission is not None and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the checks, before `-k` and `--deselect` choose among the items."""
    if config.option.submission is None:
        return
    path = Path(config.option.submission)
    if not path.exists():
        raise pytest.UsageError(f"--submission {path}: there is no such file or folder.")
    try:
        entries = _entries(config)
    except GraderError as error:
        raise pytest.UsageError(visible(str(error))) from error
    node = SubmissionNode.from_parent(session, name=path.name, nodeid=path.name, path=path, entries=entries)
    items.extend(session.genitems(node))


def _entries(config: pytest.Config) -> tuple[CatalogEntry, ...]:
    """The problems that the options name, as the assignment wants them.

    Raises:
        UsageError: there is no such problem, or something in the assignment file is wrong.
        ProblemDefinitionError: a problem file is broken.
    """
    from grader.assignment.apply import Applied  # noqa: PLC0415 -- without --submission this plugin costs nothing
    from grader.session import assignment_of  # noqa: PLC0415 -- as above

    assignment, catalog = assignment_of(_assignment_file(config), None)
    applied = Applied(assignment, catalog, final=False)
    return tuple(applied.load(place) for place in catalog.choose(config.option.grader_problem))


def _assignment_file(config: pytest.Config) -> Path | None:
    file = config.option.grader_assignment
    return None if file is None else Path(file)


class SubmissionNode(pytest.Collector):
    """One submission: its children are the problems that the options name."""

    def __init__(self, *, entries: tuple[CatalogEntry, ...], **fields: Any) -> None:
        super().__init__(**fields)
        self.entries = entries
        self.report: Report | None = None
        self.failure: GraderError | None = None

    def collect(self) -> Iterator[ProblemNode]:
        """List problems without running anything of the submission."""
        for entry in self.entries:
            yield ProblemNode.from_parent(self, name=entry.id, nodeid=entry.id, entry=entry)

    def verdict(self, problem: str, check: str) -> Verdict:
        """The verdict on one check; the first call grades the submission.

        Raises:
            GraderError: it could not be graded; the same for every later call.
        """
        report = self._graded()
        found = next(p for p in report.problems if p.id == problem)
        return next(v for v in found.verdicts if v.check == check)

    def notices(self) -> tuple[str, ...]:
        """What the report says of the submission as a whole, each on one line."""
        return tuple(visible(str(notice)) for notice in self._graded().notices)

    def _graded(self) -> Report:
        if self.failure is not None:
            raise self.failure
        if self.report is None:
            try:
                self.report = self._grade()
            except GraderError as error:
                self.failure = error
                raise
        return self.report

    def _grade(self) -> Report:
        from grader.session import check_submission  # noqa: PLC0415 -- as in collect()

        try:
            return check_submission(self.path, self._options())
        except UsageError as error:
            pytest.exit(f"error: {visible(str(error))}", returncode=pytest.ExitCode.USAGE_ERROR)

    def _options(self) -> Options:
        from grader.run.backend import Isolation  # noqa: PLC0415 -- as in collect()
        from grader.session import Options  # noqa: PLC0415 -- as in collect()

        option = self.config.option
        selected = dict.fromkeys(item.problem for item in self.session.items if isinstance(item, CheckItem))
        return Options(
            tuple(selected),
            option.grader_seed,
            isolation=Isolation(option.grader_isolation),
            assignment=_assignment_file(self.config),
        )


class ProblemNode(pytest.Collector):
    """One problem: its children are its checks."""

    def __init__(self, *, entry: CatalogEntry, **fields: Any) -> None:
        super().__init__(**fields)
        self.entry = entry

    def collect(self) -> Iterator[CheckItem]:
        """List the checks."""
        for check in self.entry.problem.checks:
            yield CheckItem.from_parent(self, name=check.name)


class CheckItem(pytest.Item):
    """One check: passes, fails, is skipped or errs as its verdict says."""

    @property
    def problem(self) -> str:
        """The problem's name."""
        assert self.parent is not None
        return self.parent.name

    def setup(self) -> None:
        """Grade; where we fail ourselves the item errs here, and doesn't fail: that is left to the submission."""
        from grader.model.verdict import Outcome  # noqa: PLC0415 -- without --submission this plugin costs nothing

        try:
            verdict = self._verdict()
        except NothingToGrade:
            return
        except GraderError as error:
            _fail(f"The grader failed, not the submission: {visible(str(error))}")
        if verdict.outcome is Outcome.GRADER_ERROR:
            _fail(visible(verdict.message))

    def runtest(self) -> None:
        """Report the verdict."""
        from grader.model.verdict import Outcome  # noqa: PLC0415 -- as above
        from grader.report.layout import explanation  # noqa: PLC0415 -- as above

        try:
            verdict = self._verdict()
        except NothingToGrade as error:
            _fail(visible(str(error)))
        if verdict.outcome in (Outcome.BLOCKED, Outcome.UNDECIDED):
            raise pytest.skip.Exception(visible(verdict.message), _use_item_location=True)
        if verdict.outcome in (Outcome.FAILED, Outcome.SUBMISSION_ERROR):
            self._tell_notices()
            _fail(explanation(verdict))

    def _tell_notices(self) -> None:
        """Where a failure is shown, pytest shows what the report says of the submission as a whole below it."""
        notices = self._submission().notices()
        if notices:
            self.add_report_section("call", "notices", "\n".join(notices))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where pytest says the item is; it shows the path as it gets it."""
        return Path(visible(str(self.path))), 0, self.nodeid

    def _verdict(self) -> Verdict:
        return self._submission().verdict(self.problem, self.name)

    def _submission(self) -> SubmissionNode:
        node = self.getparent(SubmissionNode)
        assert node is not None
        return node


def _fail(explanation: str) -> NoReturn:
    """Without a traceback: a way through the grader's code says nothing about the answer."""
    pytest.fail(explanation, pytrace=False)
