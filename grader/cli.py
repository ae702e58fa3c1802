"""The command `grader`: declares commands and options, and turns whatever happens into an exit code and one clear line.

Nothing here imports torch, so that `--help` answers at once; each command imports its work when it is called.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from grader import __version__
from grader.cli_class import class_app
from grader.commands.interrupts import forget_interrupt
from grader.commands.streams import prepare_streams, say, settle_stdout
from grader.errors import GraderError, NothingToGrade, UsageError
from grader.exit_codes import ExitCode
from grader.report.formats import Format
from grader.report.untrusted import visible_lines
from grader.run.backend import Isolation

app = typer.Typer(
    name="grader",
    help="Checks PyTorch answers to deep-RL and Transformer assignments, and explains what is wrong with them.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_CTRL_C = 130
"""What typer returns for a KeyboardInterrupt."""

ListFormat = Literal["terminal", "json"]
Problems = Annotated[
    Path | None, typer.Option("--problems", metavar="DIR", help="A folder of problems of your own, in place of ours.")
]
AssignmentFile = Annotated[
    Path | None,
    typer.Option("--assignment", metavar="FILE", help="Only the problems of an assignment, with its points."),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the traceback if the grader itself fails.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises for what a user can cause."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    prepare_streams()
    try:
        return _carried_out(given)
    finally:
        settle_stdout()
        forget_interrupt()


def _carried_out(given: list[str]) -> int:
    try:
        code = app(given, prog_name="grader", standalone_mode=False)
    except typer.TyperException as error:
        return _usage(error)
    except GraderError as error:
        return _failed(error, _code_of(error))
    except Exception as error:  # noqa: BLE001 -- a bug of ours: students get a sentence, not a traceback
        return _bug(error, verbose="--verbose" in given)
    if code == _CTRL_C:
        return _failed("interrupted; nothing was graded.", ExitCode.INTERRUPTED)
    return int(code or ExitCode.PASSED)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"grader {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A folder, .py file, notebook, .zip or .tar with the answers.")],
    format_: Annotated[Format, typer.Option("--format", help="How the report is written.")] = Format.TERMINAL,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report there, not to stdout.")] = None,
    problem: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this problem or question (2 or q2); may be given several times."),
    ] = None,
    assignment: AssignmentFile = None,
    final: Annotated[
        bool, typer.Option("--final", help="Also run the checks that the assignment hides from students.")
    ] = False,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option(help="Where tensors live; auto, which is usual, takes a GPU if there is one."),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Replay the run of a report bit for bit.")] = None,
    isolation: Annotated[
        Isolation, typer.Option(help="What keeps the answers from harming this machine; auto takes the strongest.")
    ] = Isolation.AUTO,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="CPU time for one call; 10 unless the assignment says more.")
    ] = None,
    catalog: Problems = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also show checks that passed, and what the answers printed.")
    ] = False,
) -> int:
    """Check a submission and explain its mistakes."""
    from grader.commands.check import Request, run  # noqa: PLC0415 -- see the module's docstring

    wanted = tuple(problem or ())
    return run(
        Request(
            path, format_, output, wanted, device, seed, isolation, timeout, verbose, catalog, assignment, final
        )
    )  # fmt: skip


@app.command()
def bench(
    path: Annotated[Path, typer.Argument(help="A folder, .py file, notebook, .zip or .tar with the answers.")],
    format_: Annotated[ListFormat, typer.Option("--format", help="How the report is written.")] = "terminal",
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report there, not to stdout.")] = None,
    problem: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this problem or question (2 or q2); may be given several times."),
    ] = None,
    assignment: AssignmentFile = None,
    final: Annotated[
        bool, typer.Option("--final", help="Also run the checks that the assignment hides from students.")
    ] = False,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option(help="Where tensors live; auto, which is usual, takes a GPU if there is one."),
    ] = None,
    compiled: Annotated[
        bool, typer.Option("--compile", help="Also time the reference as torch.compile makes it.")
    ] = False,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Draw the same inputs as in an earlier report.")] = None,
    isolation: Annotated[
        Isolation, typer.Option(help="What keeps the answers from harming this machine; auto takes the strongest.")
    ] = Isolation.AUTO,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="CPU time for one call; 10 unless the assignment says more.")
    ] = None,
    catalog: Problems = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also show how many calls were timed, and how exact the clock is.")
    ] = False,
) -> int:
    """Measure how fast right answers are, beside the reference and what the hardware allows."""
    from grader.commands.bench import Request, run  # noqa: PLC0415 -- see the module's docstring
    from grader.session import Options  # noqa: PLC0415 -- likewise

    options = Options(tuple(problem or ()), seed, device, isolation, timeout, catalog, assignment, final)
    return run(Request(path, format_ == "json", output, options, compiled, verbose))


@app.command()
def problems(
    format_: Annotated[ListFormat, typer.Option("--format", help="How the list is written.")] = "terminal",
    catalog: Problems = None,
    assignment: AssignmentFile = None,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """List all problems with their points."""
    from grader.commands.catalog import list_problems  # noqa: PLC0415 -- see the module's docstring

    return list_problems(catalog, assignment, as_json=format_ == "json")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A problem, or a question (2 or q2) for all of its problems.")],
    catalog: Problems = None,
    assignment: AssignmentFile = None,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Show what a problem asks for."""
    from grader.commands.catalog import show_problems  # noqa: PLC0415 -- see the module's docstring

    return show_problems(name, catalog, assignment)


@app.command()
def starter(
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to; created if need be.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Problems or questions (2 or q2); all if none is named.")
    ] = None,
    notebook: Annotated[bool, typer.Option("--notebook", help="Write answers.ipynb instead of answers.py.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
    catalog: Problems = None,
    assignment: AssignmentFile = None,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Write a file with empty functions to fill in."""
    from grader.commands.starter import write_starter  # noqa: PLC0415 -- see the module's docstring

    return write_starter(tuple(names or ()), output, catalog, assignment, notebook=notebook, force=force)


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Problems or questions (2 or q2); all if none is named.")
    ] = None,
    format_: Annotated[ListFormat, typer.Option("--format", help="How the result is written.")] = "terminal",
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there, not to stdout.")] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="A proof that takes longer fails.")] = 10.0,
    workers: Annotated[int, typer.Option(metavar="N", help="Processes; 0 for one per core.")] = 0,
    formulas: Annotated[bool, typer.Option("--formulas", help="Only prove formulas; grade no known answers.")] = False,
    regions: Annotated[
        bool, typer.Option("--regions", help="Only report which regions of the inputs the cases reach; no proofs.")
    ] = False,
    cache: Annotated[bool, typer.Option(help="Remember what holds; an unchanged problem then costs nothing.")] = True,
    catalog: Problems = None,
    assignment: Annotated[
        Path | None,
        typer.Option(
            "--assignment", metavar="FILE", help="Only the problems of an assignment, those of its own folders too."
        ),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where known answers get their tensors.")
    ] = "cpu",
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every row, and a traceback if need be.")] = False,
) -> int:
    """Have the problems prove themselves: formulas, references, misconceptions, checks, trivial answers and cases."""
    from grader.commands import regions as cases  # noqa: PLC0415 -- see the module's docstring
    from grader.commands.verify import Request, run  # noqa: PLC0415

    return (cases.run if regions else run)(
        Request(
            tuple(names or ()), catalog, format_ == "json", output, timeout,
            workers=workers, remember=cache, only_formulas=formulas, verbose=verbose, assignment=assignment,
            device=device,
        )
    )  # fmt: skip


@app.command()
def explain(
    path: Annotated[Path, typer.Argument(help="A folder, .py file, notebook, .zip or .tar with the answers.")],
    problem: Annotated[str, typer.Option(metavar="NAME", help="The problem whose function is explained.")],
    format_: Annotated[
        Literal["terminal", "latex"], typer.Option("--format", help="How the mathematics is written.")
    ] = "terminal",
    isolation: Annotated[
        Isolation, typer.Option(help="What keeps the answers from harming this machine; auto takes the strongest.")
    ] = Isolation.AUTO,
    catalog: Problems = None,
    assignment: Annotated[
        Path | None,
        typer.Option(
            "--assignment", metavar="FILE", help="As an assignment wants it: its problems, limits and forbidden calls."
        ),
    ] = None,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Show a function as mathematics beside its formula: what you wrote, as the computer reads it."""
    from grader.commands.explain import run  # noqa: PLC0415 -- see the module's docstring

    return run(path, problem, catalog, assignment, isolation, as_latex=format_ == "latex")


app.add_typer(class_app)


def _code_of(error: GraderError) -> ExitCode:
    match error:
        case UsageError():
            return ExitCode.USAGE
        case NothingToGrade():
            return ExitCode.NOTHING_TO_GRADE
        case _:
            return ExitCode.GRADER_ERROR


def _usage(error: typer.TyperException) -> ExitCode:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "grader"
    message = " ".join(error.format_message().split()).rstrip(".")
    return _failed(f"{message}. `{command} --help` lists what there is.", ExitCode.USAGE)


def _bug(error: Exception, *, verbose: bool) -> ExitCode:
    if verbose:
        traceback.print_exception(error)
    hint = "please report this" if verbose else "run it again with --verbose to see where, and please report it"
    return _failed(f"the grader itself failed ({type(error).__name__}: {error}); {hint}.", ExitCode.GRADER_ERROR)


def _failed(message: object, code: ExitCode) -> ExitCode:
    say("\n".join(visible_lines(f"error: {message}")))
    return code
