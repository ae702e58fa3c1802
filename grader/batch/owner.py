"""Who a run is, to other runs on the same gradebook, and whether another one of this machine is still alive."""

from __future__ import annotations

import os
import secrets
import socket

from grader.gradebook.store import Gradebook


def new_owner() -> str:
    """Tells this run from every other: its machine, its process, and a random part."""
    return f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"


def release_the_dead(gradebook: Gradebook) -> None:
    """Give back what runs had claimed that were killed on this machine; of others the leases end by themselves."""
    for owner in gradebook.owners():
        if _is_dead(owner):
            gradebook.release_all(owner)


def _is_dead(owner: str) -> bool:
    """Whether it is a process of this machine that has ended; one that can't be told counts as alive."""
    host, _, process = owner.rpartition(" ")[0].rpartition(" ")
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
