"""The commands for a whole class; `grader.cli` has those for one submission and for authors.

Nothing here imports torch, so that `--help` answers at once; each command imports its work when it is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.batch.choices import Cluster
from grader.classroom.model import Layout
from grader.run.backend import Isolation

class_app = typer.Typer()

GradebookAt = Annotated[
    str, typer.Option("--gradebook", metavar="FILE|URL", help="An SQLite file, or postgresql://USER@HOST/DATABASE.")
]
GRADEBOOK = "gradebook.sqlite"
ListFormat = Literal["terminal", "json"]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the traceback if the grader itself fails.")]


@class_app.command()
def batch(
    folder: Annotated[Path, typer.Argument(help="A folder with one entry per student, or an LMS's download.")],
    assignment: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The assignment: its problems, points, due date and limits.")
    ] = None,
    gradebook: GradebookAt = GRADEBOOK,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where pages, tables and LMS files go.")] = Path("grades"),
    roster: Annotated[Path | None, typer.Option(metavar="FILE", help="A CSV file with the class.")] = None,
    layout: Annotated[Layout | None, typer.Option(help="How the folder is laid out; found out by default.")] = None,
    problem: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A problem, or a question (2 or q2); may be repeated.")
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", help="Submissions at a time; 0 for one per core or GPU.")] = 0,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Grade on a Dask cluster that runs there.")
    ] = None,
    cluster: Annotated[Cluster | None, typer.Option(help="Start a Dask cluster for this class.")] = None,
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade what has not changed as well.")] = False,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Without the checks that the assignment hides from students.")
    ] = False,
    similarity: Annotated[
        bool,
        typer.Option("--similarity", help="Also list answers that are suspiciously alike, for a person to look at."),
    ] = False,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Submissions of an earlier year to compare with; may be repeated."),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option(help="Where tensors live; as the assignment says, which is usually auto: a GPU if there is one."),
    ] = None,
    per_gpu: Annotated[int, typer.Option("--per-gpu", metavar="N", help="Submissions that share a GPU at a time.")] = 1,
    isolation: Annotated[
        Isolation, typer.Option(help="What keeps the answers from harming this machine; auto takes the strongest.")
    ] = Isolation.AUTO,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="CPU time of one call; as the assignment says by default.")
    ] = None,
    catalog: Annotated[
        Path | None,
        typer.Option("--problems", metavar="DIR", help="A folder of problems of your own, in place of ours."),
    ] = None,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Grade a class: a gradebook, a page for every student, a report on the class, and files for the LMS."""
    from grader.commands.batch import Request, run  # noqa: PLC0415 -- see the module's docstring

    return run(
        Request(
            folder, gradebook, output, assignment, catalog, layout, roster, tuple(problem or ()), workers, scheduler,
            cluster, regrade, provisional, device, isolation, timeout, similarity, tuple(earlier or ()), per_gpu,
        )
    )  # fmt: skip


@class_app.command()
def reports(
    gradebook: GradebookAt = GRADEBOOK,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where pages, tables and LMS files go.")] = Path("grades"),
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Write the pages, tables and LMS files of a gradebook anew, after points were given by hand for instance."""
    from grader.commands.reports import run  # noqa: PLC0415 -- see the module's docstring

    return run(gradebook, output)


@class_app.command()
def grade(
    student: Annotated[str, typer.Argument(help="A key, or an unambiguous name, e-mail address or id.")],
    problem: Annotated[str, typer.Argument(help="The problem that the points are for.")],
    points: Annotated[float | None, typer.Argument(help="What counts in place of the graded points.")] = None,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Why; the student reads it.")] = "",
    author: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so; you, unless told.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Have the graded points count again.")] = False,
    gradebook: GradebookAt = GRADEBOOK,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Give points by hand; they count in place of the graded ones, whatever is graded later."""
    from grader.commands.grade import Request, run  # noqa: PLC0415 -- see the module's docstring

    return run(Request(student, problem, points, comment, author, remove, gradebook))


@class_app.command()
def history(
    student: Annotated[str, typer.Argument(help="A key, or an unambiguous name, e-mail address or id.")],
    format_: Annotated[ListFormat, typer.Option("--format", help="How it is written.")] = "terminal",
    gradebook: GradebookAt = GRADEBOOK,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Show where a student stands and how it came to that: versions, grades, points by hand."""
    from grader.commands.history import run  # noqa: PLC0415 -- see the module's docstring

    return run(student, gradebook, in_json=format_ == "json")


@class_app.command()
def serve(
    gradebook: GradebookAt = GRADEBOOK,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; only this machine, unless told.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 takes one that is free.")] = 8765,
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", envvar="GRADER_TOKEN", help="What to sign in with; needed where others reach the address."
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name under which browsers reach it, as through a proxy; may be repeated."),
    ] = None,
    verbose: Verbose = False,  # noqa: ARG001 -- main() looks for it
) -> int:
    """Show a gradebook's pages live, for staff: search, the progress of a batch, and points by hand."""
    from grader.commands.serve import Request, run  # noqa: PLC0415 -- see the module's docstring

    return run(Request(gradebook, host, port, token, tuple(allow_host or ())))
