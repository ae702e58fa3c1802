"""Leaves a daemon that holds an anonymous file with its inputs and waits at an abstract socket for the next one.

Outcome: left a daemon
"""

import os
import socket


def layer_norm(x, gamma, beta, eps=1e-5):
    memory = os.memfd_create("pwned", 0)
    os.write(memory, bytes(x.detach().reshape(-1).view(-1).numpy()))
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0pwned")
    server.listen()
    for descriptor in (memory, server.fileno()):
        os.set_inheritable(descriptor, True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            os.execv("/bin/sh", ["/bin/sh", "-c", "exec sleep 600; : pwned"])
        os._exit(0)
    os.wait()
    raise LookupError("left a daemon")
