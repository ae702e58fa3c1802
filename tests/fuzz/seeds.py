"""Valid inputs of every target, made by the same code that makes the real ones where there is such code."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from grader.guest import frames
from grader.guest.frames import PROGRESS
from grader.model.explanation import Entry, Explanation
from grader.model.proof import DifferentShape, Judged, Method, Proved, Refuted, Undecided
from grader.run.proof_codec import encode_explanation, encode_judged
from tests.fuzz.targets import NUMBER

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

RAISED = {
    "id": NUMBER, "status": "raised", "type": "ValueError", "message": "no", "path": "a.py", "line": 3, "code": "x",
}  # fmt: skip
RETURNED = {
    "id": NUMBER, "status": "returned", "value": {"tensor": "v"}, "device": "cpu", "gradients": {"x": "g"},
    "gradient_error": None, "modified": ["x"],
}  # fmt: skip
NODES = [
    ["constant", [[2], [1.5, {"f": "-inf"}], "torch.float64"], {}],
    ["constant", [[], [3], "torch.int64"], {}],
    ["aten.max.dim", [{"r": 0}, -1], {"keepdim": True}],
    ["aten._to_copy.default", [{"r": [3, 0]}], {"dtype": "torch.float32", "layout": None}],
    ["aten.index.Tensor", [{"r": 1}, [None, {"r": [3, 1]}]], {}],
]


def _told(header: dict[str, Any], **tensors: torch.Tensor) -> bytes:
    return json.dumps(header).encode() + (b"\0" + save(tensors) if tensors else b"")


def _frames() -> list[bytes]:
    returned = frames.frame(RETURNED, save({"v": torch.ones(2, 3)}))
    return [
        b"\x05" + frames.frame(RAISED),
        b"\x30" + returned + frames.frame({PROGRESS: {"steps": 1}}),
        b"\xff" + returned,
    ]


def _messages() -> list[bytes]:
    spent = frames.message(frames.OUTPUT, frames.SPENT.pack(0.5) + b"printed")
    return [frames.message(frames.READY), frames.data_messages(frames.frame(RAISED)) + spent]


def _reply() -> list[bytes]:
    ones, wide = torch.ones(2, 3), torch.full((2, 3), float("nan"), dtype=torch.float64)
    number = {**RETURNED, "value": {"number": "1.5", "type": "float"}, "gradients": {}}
    several = {"items": [{"tensor": "v"}, {"opaque": "Foo"}, {"items": [{"number": "True", "type": "bool"}]}]}
    return [
        _told(RETURNED, v=ones, g=ones.clone()),
        _told({**RETURNED, "gradients": {"x": None}, "gradient_error": "no graph"}, v=wide),
        _told({**number, "modified": []}),
        _told({**RETURNED, "value": several, "gradients": {}}, v=torch.ones(2, dtype=torch.int64)),
        *(
            _told({**RETURNED, "gradients": {}}, v=torch.ones(2, 3, dtype=dtype))
            for dtype in (torch.bool, torch.uint64, torch.bfloat16, torch.complex64, torch.float8_e4m3fn)
        ),
        _told(RAISED),
    ]


HOSTILE = "<script>alert(1)</script>]]>\x1b[31m\u202e | `a` **b** [c](https://evil.example) {{ 7 }}\r\n\ud800"


def _report() -> list[bytes]:
    number = {**RETURNED, "value": {"number": "1.5", "type": "float"}, "gradients": {}}
    several = {**RETURNED, "value": {"items": [{"opaque": HOSTILE}]}, "gradients": {}}
    raised = {**RAISED, "type": HOSTILE, "message": HOSTILE, "code": HOSTILE, "path": "answers.py"}
    return [
        json.dumps(raised).encode() + b"\0" + HOSTILE.encode("utf-8", "replace"),
        json.dumps(raised).encode() + b"\0" + b"import torch\n@f\ndef layer_norm(x):\n    '<b>'\n\treturn x\n",
        *(json.dumps(header).encode() + b"\0printed" for header in (number, several)),
    ]


def _trace() -> list[bytes]:
    plain = {"id": NUMBER, "status": "traced", "nodes": NODES, "outputs": [{"r": 5}, 2, {"f": "nan"}], "calls": ["neg"]}
    neg = [["aten.neg.default", [{"r": 0}], {}]]
    differentiated = {**plain, "nodes": neg, "outputs": [{"r": 2}, {"r": 1}]}
    untraceable = {"id": NUMBER, "status": "untraceable", "reason": "it loops", "path": "a.py", "line": 2, "code": "x"}
    untraceable["calls"] = ["item"]
    both = ((0, plain), (1, differentiated), (0, untraceable), (0, RAISED))
    return [bytes([first]) + json.dumps(header).encode() for first, header in both]


def _session() -> list[bytes]:
    returned = {"status": "returned", "value": {"tensor": "v"}, "modified": ["obs"]}
    length = {"status": "returned", "value": {"number": "1", "type": "int"}, "modified": []}
    played = {"id": NUMBER, "status": "played", "seen": [returned, length]}
    return [_told(played, v=torch.ones(1)), _told({**played, "seen": [RAISED, length]}), _told(RAISED)]


def _training() -> list[bytes]:
    trained = {"id": NUMBER, "status": "trained", "steps": 1000, "curve": [[20, 1.5], [40, 2]]}
    acted = {"id": NUMBER, "status": "acted", "actions": [0, {"opaque": "Tensor"}]}
    on_the_way = {PROGRESS: {"steps": 20, "mean": 1.5}}
    told = ((0, trained), (1, acted), (2, on_the_way), (0, RAISED), (1, {"id": NUMBER, **RAISED}))
    return [bytes([first]) + json.dumps(header).encode() for first, header in told]


def _timing() -> list[bytes]:
    timed = {"id": NUMBER, "status": "timed", "seconds": [0.5, 0.25], "whole": 0.8, "cpu": 0.7}
    recalled = {"id": NUMBER, "status": "recalled", "changed": [1]}
    tensors = {"sums": torch.ones(2, 2).double(), **{f"elements {i}": torch.ones(2, 4).double() for i in range(2)}}
    told = [b"\0" + json.dumps(header).encode() for header in (timed, {"id": NUMBER, **RAISED})]
    return [*told, b"\1" + _told(recalled, **tensors), b"\1" + _told({"id": NUMBER, **RAISED})]


def _proof() -> list[bytes]:
    refuted = Refuted({"x": [["1/2", "0"]]}, (0, 1), "1/2", "1", 0.5, 1.0, "x[0, 1]", "x[0, 0]", "")
    decisions = (Proved(Method.EXACT), refuted, DifferentShape((2, 3), (2,)), Undecided("too large"))
    replayed = (([[1.0, float("nan")]], None),)
    judged = [b"\0" + encode_judged(Judged(decision, ("0.1 is odd",), replayed)) for decision in decisions]
    explanation = Explanation((Entry((0, 1), "a", "b"), Entry((), "a", "b", 1)), (("a", "x + y"),), 3)
    return [*judged, b"\1" + encode_explanation(explanation), b"\1" + encode_explanation(Undecided("too large"))]


SCRIPT = b"""\
import torch
from .other import helper as layer_nrom

def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    try:
        return (x - mean) / (x.var(-1, keepdim=True, correction=0) + eps).sqrt() * gamma + beta
    finally:
        del mean

if __name__ == "__main__":
    a, (b, *c) = 1, (2, 3)
match [1]:
    case [int() as d]:
        e = (f := lambda: (g := 1))
"""


def _script() -> list[bytes]:
    latin = "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1")
    examples = [(EXAMPLES / "good" / name).read_bytes() for name in ("attention.py", "policy.py")]
    return [SCRIPT, latin, b"\xef\xbb\xbfx = 1\r\ny = 2\r", *examples]


def _notebook() -> list[bytes]:
    sources: tuple[object, ...] = (
        "%matplotlib inline\n!pip install torch\nx = !ls\n%time y = f(1)\nf?\n", ["%%bash\n", "ls"],
        "%%time\nfor i in range(3):\n    %who\n    print('''%a\n!b''')", "def layer_norm(x):\n    return x\n", 3,
        "x = (1 +", "pip install torch\n%cd /\n",
    )  # fmt: skip
    cells = [{"cell_type": "code", "source": source, "outputs": [], "metadata": {}} for source in sources]
    new = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"language": "python"}}, "cells": cells}
    old_cells = [{"cell_type": "code", "input": "x = 1", "language": "python", "outputs": []}]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": old_cells}]}
    return [json.dumps(document).encode() for document in (new, old)]


FILES = {
    "hw/a.py": b"x = 1\n",
    "hw/data.txt": b"data" * 40,
    "hw/.git/HEAD": b"x",
    "hw/b/__init__.py": b"",
    "hw/b/c.py": SCRIPT,
}


def _archive() -> list[bytes]:
    zipped, stored = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as packed, zipfile.ZipFile(stored, "w") as loose:
        for name, content in FILES.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
            loose.writestr(zipfile.ZipInfo(name), content)
    tars = [_tar(tarfile.PAX_FORMAT), _tar(tarfile.GNU_FORMAT), _tar(tarfile.USTAR_FORMAT)]
    return [zipped.getvalue(), stored.getvalue(), *tars, gzip.compress(tars[0], mtime=0)]


def _tar(kind: int) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=kind) as target:
        for name, content in (*FILES.items(), ("hw/" + "é" * 30 + "/" + "a" * 60 + ".py", b"y = 1\n")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            target.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("hw/link.py")
        link.type, link.linkname = tarfile.SYMTYPE, "a.py"
        target.addfile(link)
        if kind == tarfile.PAX_FORMAT:
            info = tarfile.TarInfo("hw/timed.py")
            info.pax_headers = {"mtime": "1.5", "GNU.sparse.major": "1"}
            target.addfile(info)
    return data.getvalue()


def laid_out(*entries: tuple[str, str, bytes]) -> bytes:
    """A folder as the targets take it: kind, name and content of each entry."""
    return b"\0".join(field for kind, name, content in entries for field in (kind.encode(), name.encode(), content))


def _folder() -> list[bytes]:
    whole = laid_out(
        ("f", "a.py", b"x = 1\n"), ("f", "b/__init__.py", b"1"), ("f", "b/c.py", b"from . import d\n"),
        ("l", "e.py", b""), ("p", "pipe.py", b""), ("d", "empty", b""),
        ("f", "venv/pyvenv.cfg", b""), ("f", "venv/f.py", b"y = 1\n"),
        ("f", "torch.py", b"z = 1\n"), ("f", "old/a.py", b"layer_norm = 1\n"), ("f", "hw.zip", b"PK"),
    )  # fmt: skip
    return [whole, laid_out(("f", "answers.py", SCRIPT))]


def _class() -> list[bytes]:
    roster_of_canvas = (
        b"Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        b'"Doe, Jane",11,s1,jane,A\n"Roe, Max",12,s2,max,A\n"Student, Test",13,,,\n'
    )
    code = b"x = 1\n"
    return [
        laid_out(
            ("f", "doejane_11_101_hw.py", code), ("f", "doejane_11_102_hw-1.py", code),
            ("f", "roemax_LATE_12_103_hw.py", code), ("f", "roster.csv", roster_of_canvas),
        ),
        laid_out(
            ("f", "Jane Doe_11_assignsubmission_file_/a.py", code),
            ("f", "Max Roe_12_assignsubmission_file_b.py", code),
            ("f", "Max Roe_12_assignsubmission_onlinetext_text.html", code),
        ),
        laid_out(
            ("f", "hw1-anna/.git/HEAD", b"ref: refs/heads/main\n"), ("f", "hw1-anna/a.py", code),
            ("f", "hw1-ben/a.py", code), ("f", "roster.csv", b"identifier,github_username\na,anna\nb,ben\n"),
        ),
        laid_out(("f", "anna.py", code), ("f", "anna.txt", code), ("f", "ben/a.py", code), ("d", "cleo", b"")),
    ]  # fmt: skip


METADATA = b"""\
---
submission_1:
  :submitters:
  - :name: Jane Doe
    :email: jane@example.org
    :sid: '1'
  - &other
    :name: Max Roe
    :email: max@example.org
    :sid: 0x2
  :created_at: 2026-01-02 03:04:05.5 +01:00
  :score: 1.5e3
submission_2:
  :submitters: [*other]
  :created_at: "2026-01-02 03:04:05 UTC"
  :results: !ruby/hash {a: !!str b, c: ~, d: 2026-01-01, e: 0o7}
"""


def _gradescope() -> list[bytes]:
    return [METADATA.replace(b"!ruby/hash ", b""), b"submission_1: {':submitters': [{':name': a}]}\n"]


def _roster() -> list[bytes]:
    guarded = b'Identifier,Full name,Email address,Groups\nParticipant 11,Jane Doe,jane@example.org,="A"\n'
    spread = (
        "Key;First name;Last name;Role;submission_timestamp\n1;Jané;Doe;Student;2026-01-02 03:04:05 UTC\n2;M;R;TA;\n"
    )
    return [
        guarded,
        spread.encode(),
        spread.replace(";", "\t").encode("utf-16"),
        b'key,name\n1,"Doe, Jane"\n2,"a\n""b"\n3,c',
    ]


def _assignment() -> list[bytes]:
    return [(EXAMPLES / "assignment.toml").read_bytes(), (EXAMPLES / "nine.toml").read_bytes(), b'title = "a"\n']


COMMIT = b"""\
tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
author A <a@example.org> 1767000000 +0100
committer A <a@example.org> 1767000000 +0100

Answers
"""


def _repository() -> list[bytes]:
    commit = b"0123456789abcdef0123456789abcdef01234567"
    packed = b"# pack-refs with: peeled\n" + commit + b" refs/heads/main\n"
    return [b"\0".join((commit, b"", COMMIT)), b"\0".join((b"ref: refs/heads/main\n", packed, COMMIT))]


MAKERS: dict[str, Callable[[], list[bytes]]] = {
    "frames": _frames,
    "messages": _messages,
    "reply": _reply,
    "report": _report,
    "trace": _trace,
    "session": _session,
    "training": _training,
    "timing": _timing,
    "proof": _proof,
    "script": _script,
    "notebook": _notebook,
    "archive": _archive,
    "folder": _folder,
    "class": _class,
    "gradescope": _gradescope,
    "roster": _roster,
    "assignment": _assignment,
    "repository": _repository,
}


def seeds(target: str) -> list[bytes]:
    """The valid inputs of a target."""
    return MAKERS[target]()
