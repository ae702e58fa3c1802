"""Writes files that an interpreter or a library runs when it starts: beside the libraries, at home and in their caches.

Outcome: nothing that would start
"""

import os
import sys

import torch

NAMES = ("sitecustomize.py", "usercustomize.py", "pwned.pth", "matplotlibrc", "__pycache__/pwned.pyc")


def layer_norm(x, gamma, beta, eps=1e-5):
    own, written = os.getcwd(), []
    places = [*sys.path, os.path.dirname(torch.__file__), os.path.expanduser("~student"), os.path.expanduser("~root")]
    places += [value for name, value in os.environ.items() if name.endswith(("DIR", "HOME", "CACHE"))]
    for place in places:
        if not place or os.path.realpath(place).startswith(own):
            continue
        for name in NAMES:
            try:
                with open(os.path.join(place, name), "w") as file:
                    file.write("import os")
                written.append(place)
            except OSError:
                continue
    raise OSError(f"written to {written}" if written else "nothing that would start")
