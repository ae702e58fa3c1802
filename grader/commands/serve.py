"""`grader serve`: the pages of a gradebook, live, until Ctrl-C."""

from __future__ import annotations

import signal
import socket
from dataclasses import dataclass
from importlib.util import find_spec

from grader.commands.destination import write_stdout
from grader.errors import UsageError
from grader.exit_codes import ExitCode
from grader.gradebook.store import Gradebook

_NEEDED = ("starlette", "uvicorn")
_INSTALL = "pip install 'rl-transformer-grader[serve]'"


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    gradebook: str
    host: str
    port: int
    token: str | None
    names: tuple[str, ...] = ()


def run(request: Request) -> ExitCode:
    """Serve until somebody ends it, which is no failure.

    Raises:
        UsageError: the extra is missing, the gradebook can't be opened, or the address or token won't do.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"Serving pages needs {' and '.join(missing)}: {_INSTALL}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it, it ends the same way
    try:
        with Gradebook.open(request.gradebook, create=False) as gradebook:
            _serve(gradebook, request)
    except KeyboardInterrupt:
        pass
    return ExitCode.PASSED


def _serve(gradebook: Gradebook, request: Request) -> None:
    from grader.serve.access import access  # noqa: PLC0415 -- an extra
    from grader.serve.app import make_app  # noqa: PLC0415 -- likewise
    from grader.serve.server import is_loopback, listening, make_server, url_of  # noqa: PLC0415 -- likewise

    with listening(request.host, request.port) as listener:
        names = (*request.names, *_names(request.host))
        known = access(request.token, is_loopback=is_loopback(listener), names=names)
        write_stdout(f"{gradebook.name} is shown until Ctrl-C at {url_of(listener)}\n")
        make_server(make_app(gradebook, known)).run(sockets=[listener])


def _names(host: str) -> tuple[str, ...]:
    """What this machine is called."""
    return tuple(name for name in (host, socket.gethostname()) if name and ":" not in name)
