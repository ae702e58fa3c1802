"""Serves an application at an address until somebody ends it."""

from __future__ import annotations

import ipaddress
import socket

import uvicorn
from starlette.types import ASGIApp

from grader.errors import UsageError
from grader.model.visible import visible

_LAST_WORDS_SECONDS = 2
"""For responses that are on their way when the server is ended."""


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes one that is free.

    Raises:
        UsageError: there is no such host or port here, or somebody else has the port.
    """
    where = f"{visible(host)}, port {port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
    except (OSError, OverflowError, UnicodeError) as error:
        raise UsageError(f"There is no address {where} on this machine. Leave out --host for 127.0.0.1.") from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen()
    except OSError as error:
        opened.close()
        said = (error.strerror or str(error)).lower()
        raise UsageError(f"Can't listen at {where}: {said}. Choose another with --port; 0 takes a free one.") from error
    return opened


def is_loopback(listener: socket.socket) -> bool:
    """Whether nobody but this machine reaches it."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback


def url_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    name, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(name.partition("%")[0])
    if address.is_unspecified:
        return f"http://localhost:{port}/"
    return f"http://[{address}]:{port}/" if address.version == 6 else f"http://{address}:{port}/"


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server that says nothing while all is well, and nothing of itself to anybody who asks."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_LAST_WORDS_SECONDS,
    )
    return uvicorn.Server(config)
