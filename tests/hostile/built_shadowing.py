"""Attacks that bring files in the names of what the grader or its sandbox imports, runs or reads."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.attacks import attack
from tests.run.submissions import td_error

WRONG = "def layer_norm(x, gamma, beta, eps=1e-5):\n    return x\n"
PWNED = """
import os
import sys

FLAG = "PASSED"
for place in ("/tmp/pwned-by-import", os.path.expanduser("~/pwned-by-import")):
    try:
        open(place, "w").close()
    except OSError:
        pass


def __getattr__(name):
    return lambda *args, **more: FLAG


def main(*args):
    sys.exit(0)


layer_norm = lambda x, *rest: x
"""


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@attack(
    "shadowing",
    "Modules in the names of libraries, for whoever imports them with the submission on the path.",
    outcome="should be",
)
def libraries(folder: Path) -> Path:
    names = ("torch.py", "numpy/__init__.py", "safetensors/__init__.py", "safetensors/torch.py", "gymnasium.py")
    return written(folder, {"td_error.py": td_error(), "layer_norm.py": WRONG, **dict.fromkeys(names, PWNED)})


@attack(
    "shadowing",
    "Modules in the names of Python's own: json, os, re, struct, socket, builtins, encodings.",
    outcome="should be",
)
def standard_library(folder: Path) -> Path:
    names = ("json", "os", "re", "struct", "socket", "random", "builtins", "encodings/utf_8", "encodings/__init__",
             "linecache", "traceback", "importlib/__init__", "warnings", "select", "signal",
             "enum", "types")  # fmt: skip
    files = {f"{name}.py": PWNED for name in names}
    return written(folder, {"td_error.py": td_error(), "layer_norm.py": WRONG, **files})


@attack(
    "shadowing",
    "What Python runs when it starts: sitecustomize, usercustomize, `.pth` files, PYTHONSTARTUP.",
    outcome="should be",
)
def python_at_its_start(folder: Path) -> Path:
    path = "import os; open('/tmp/pwned-by-pth', 'w')\n"
    files: dict[str, str | bytes] = {
        "sitecustomize.py": PWNED, "usercustomize.py": PWNED, "pwned.pth": path, "distutils-precedence.pth": path,
        "lib/python3.11/site-packages/pwned.pth": path,
        "__pycache__/returns.cpython-311.pyc": b"\xa7\r\r\n" + bytes(64),
        "pyvenv.cfg.txt": "home = /tmp", "startup.py": PWNED, "python311._pth": path, "__main__.py": PWNED,
    }  # fmt: skip
    add = f"import site, sys\nsite.addsitedir({str(folder)!r})\nsite.main()\nsys.path.insert(0, '')\n"
    return written(folder, {**files, "td_error.py": td_error(), "layer_norm.py": add + WRONG})


@attack(
    "shadowing",
    "What test runners and installers run: conftest.py, pytest.ini, setup.py, entry points.",
    outcome="should be",
)
def runners_and_installers(folder: Path) -> Path:
    pyproject = """
[project]
name = "pwned"
version = "1"
[project.entry-points.pytest11]
pwned = "conftest"
[tool.pytest.ini_options]
addopts = "-p conftest --maxfail=0"
[tool.grader]
score = 100
"""
    files: dict[str, str | bytes] = {
        "conftest.py": PWNED, "pytest.ini": "[pytest]\naddopts = -p conftest\n", "setup.py": PWNED,
        "setup.cfg": "[tool:pytest]\naddopts = -p conftest\n", "tox.ini": "[pytest]\naddopts = -p conftest\n",
        "pyproject.toml": pyproject, "pwned.egg-info/entry_points.txt": "[pytest11]\npwned = conftest\n",
        "pwned-1.dist-info/entry_points.txt": "[pytest11]\npwned = conftest\n",
        "Makefile": "all:\n\ttouch /tmp/pwned\n",
        "assignment.toml": 'title = "pwned"\nchoose = []\n', "results/results.json": '{"score": 100}',
    }  # fmt: skip
    return written(folder, {**files, "td_error.py": td_error(), "layer_norm.py": WRONG})


@attack(
    "shadowing", "Packages in the grader's own names: grader, reference, problems, and its guest.", outcome="should be"
)
def packages_of_the_grader(folder: Path) -> Path:
    names = ("grader/__init__.py", "grader/model/verdict.py", "grader/guest/__init__.py", "grader/guest/child.py",
             "grader/guest/frames.py", "grader_guest/__init__.py", "reference/__init__.py", "sandlock.py",
             "reference/normalization.py", "problems/__init__.py",
             "problems/q12_transformer/layer_norm.py")  # fmt: skip
    files = dict.fromkeys(names, PWNED)
    source = "from grader.model import verdict\nfrom reference.normalization import layer_norm\n"
    return written(folder, {**files, "td_error.py": td_error(), "layer_norm.py": source})


@attack(
    "shadowing",
    "Hidden folders that tools obey: hooks of git, an `.env`, settings of editors and of IPython.",
    outcome="should be",
)
def settings_of_tools(folder: Path) -> Path:
    hook = "#!/bin/sh\ntouch /tmp/pwned-by-a-hook\n"
    files: dict[str, str | bytes] = {
        ".git/config": '[core]\n\tfsmonitor = "touch /tmp/pwned-by-git"\n\thooksPath = hooks\n\tpager = touch /tmp/p\n',
        ".git/HEAD": "ref: refs/heads/main\n", ".git/hooks/post-checkout": hook, ".git/hooks/pre-commit": hook,
        ".git/objects/x": "", ".git/refs/heads/main": "0" * 40, ".gitattributes": "* filter=pwned\n",
        ".env": "PYTHONPATH=.\nGRADER_SEED=1\nLD_PRELOAD=./pwned.so\n", ".vscode/settings.json": "{}",
        ".ipython/profile_default/startup/0.py": PWNED, ".pdbrc": "import os;;os.system('touch /tmp/pwned')\n",
        ".pythonrc.py": PWNED, ".netrc": "machine evil.example login a password b\n",
        "pwned.so": b"\x7fELF" + bytes(60), "torch.cpython-311-x86_64-linux-gnu.so": b"\x7fELF" + bytes(60),
    }  # fmt: skip
    return written(folder, {**files, "td_error.py": td_error(), "layer_norm.py": WRONG})


@attack("shadowing", "Source in codecs that turn comments into code: rot13, utf-7, unicode_escape, raw_unicode_escape.",
        outcome="encoding")  # fmt: skip
def codecs_in_comments(folder: Path) -> Path:
    files: dict[str, str | bytes] = {
        "own.py": "# coding: pwned\n" + WRONG,
        "rot.py": "# coding: rot13\n" + "qrs ynlre_abez(k, *erfg):\n    erghea k\n",
        "utf7.py": "# coding: utf-7\n# +AAo-def layer_norm(x, *rest): return x\n",
        "escaped.py": "# coding: unicode_escape\n# harmless \\ndef layer_norm(x, *rest): return x\n",
        "raw.py": "# coding: raw_unicode_escape\n# \\u000adef layer_norm(x, *rest): return x\n",
        "zipped.py": "# coding: bz2\n", "idna.py": "# coding: idna\n" + "a" * 100_000, "mbcs.py": "# coding: mbcs\n",
        "undefined.py": "# coding: undefined\n", "two.py": "# coding: latin-1 coding: rot13\n" + WRONG,
        "bom.py": b"\xef\xbb\xbf# coding: latin-1\n" + WRONG.encode(),
    }  # fmt: skip
    return written(folder, {**files, "td_error.py": td_error()})


@attack(
    "shadowing",
    "Files whose names look like the ones that are wanted, in letters of other alphabets.",
    outcome="should be",
)
def names_that_look_alike(folder: Path) -> Path:
    right_looking = "def l\u0430yer_norm(x, gamma, beta, eps=1e-5):\n    return x\n"
    names = (
        "l\u0430yer_norm.py",
        "\uff4cayer_norm.py",
        "layer_norm\u200b.py",
        "layer\u2024py.py",
        "layer_norm.py\u00a0.py",
    )
    return written(folder, {"td_error.py": td_error(), **dict.fromkeys(names, right_looking), "x.py": WRONG})


@attack(
    "shadowing", "A path of its own: the right file is hidden behind another.", spoils_itself=True, outcome="should be"
)
def path_games(folder: Path) -> Path:
    games = """
import importlib
import os
import sys

sys.path[:] = [os.path.dirname(__file__) + "/first"]
sys.path_importer_cache.clear()
sys.modules.pop("returns", None)
sys.dont_write_bytecode = False
sys.pycache_prefix = "/tmp/pwned-cache"
os.environ["PYTHONPATH"] = sys.path[0]
importlib.invalidate_caches()
import torch
"""
    files = {"a.py": games + WRONG, "first/td_error.py": PWNED, "first/torch.py": PWNED, "first/json.py": PWNED}
    return written(folder, {**files, "td_error.py": td_error(), "layer_norm.py": "from a import layer_norm\n"})
