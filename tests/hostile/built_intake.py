"""Attacks on what reads submissions: notebooks, archives and folders that are made to hang, mislead or break it."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import socket
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.hostile.attacks import CHECKOUT, attack
from tests.run.submissions import td_error

WRONG = "def layer_norm(x, gamma, beta, eps=1e-5):\n    return x\n"
UNPARSED = "([{~\n"
"""What no parser accepts, for a file that must not be read in place of the right one."""


def beside(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A folder with the right `td_error.py` and these files."""
    for name, content in {"td_error.py": td_error(), **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def cell(source: Any, **more: Any) -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source, **more}


def notebook(*cells: Any, **more: Any) -> str:
    """A notebook of these cells."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more})


def zipped(path: Path, members: Iterable[tuple[str, str | bytes]], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip with the right `td_error.py` and these members, two of one name among them if it must be."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")  # about two of one name
        for name, content in (("td_error.py", td_error()), *members):
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return path


def tarred(path: Path, *members: tarfile.TarInfo) -> Path:
    """A tar with the right `td_error.py` and these members, without content."""
    with tarfile.open(path, "w") as archive:
        content = td_error().encode()
        first = tarfile.TarInfo("td_error.py")
        first.size = len(content)
        archive.addfile(first, io.BytesIO(content))
        for info in members:
            archive.addfile(info)
    return path


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A member of a tar that is no regular file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@attack("intake", "A notebook of 100,000 cells, each of which would be parsed.", outcome="5,000 cells")
def notebook_of_many_cells(folder: Path) -> Path:
    return beside(folder, {"layer_norm.ipynb": notebook(*[cell("pass")] * 100_000)})


@attack("intake", "A cell whose source is a list of a million strings, most of them empty.")
def cell_of_a_million_strings(folder: Path) -> Path:
    return beside(folder, {"layer_norm.ipynb": notebook(cell([*[""] * 1_000_000, WRONG]))})


@attack("intake", "JSON nested so deeply that a recursive parser overflows its stack.", outcome="nested too deeply")
def notebook_nested_deeply(folder: Path) -> Path:
    deep = "[" * 500_000
    return beside(folder, {"layer_norm.ipynb": '{"nbformat": 4, "cells": [], "metadata": ' + deep})


@attack(
    "intake", "Numbers that take quadratic time to read, or that no JSON has.", outcome="isn't valid JSON|has format"
)
def notebook_of_numbers(folder: Path) -> Path:
    start, end = '{"nbformat": 4, "metadata": {}, "cells": [], "x": ', "}"
    return beside(
        folder,
        {
            "a.ipynb": start + "9" * 4_000_000 + end,
            "b.ipynb": notebook(cell(WRONG), nbformat=float("nan")),
            "c.ipynb": notebook(cell(WRONG), nbformat=float("inf"), nbformat_minor=-(10**30)),
            "d.ipynb": notebook(cell(WRONG, execution_count=10**400)).replace('"nbformat": 4', '"nbformat": 4e0'),
        },
    )


@attack("intake", "Keys twice: what a person is shown first is not what is read last.")
def notebook_of_duplicate_keys(folder: Path) -> Path:
    shown, read = json.dumps([cell("import torch")]), json.dumps([cell(WRONG)])
    text = f'{{"nbformat": 3, "nbformat": 4, "metadata": {{}}, "cells": {shown}, "cells": {read}}}'
    return beside(folder, {"layer_norm.ipynb": text})


@attack(
    "intake",
    "Every magic that runs something: a shell, a file, a cell of bash.",
    outcome=r"(?s)%%bash.*aren't run here",
)
def notebook_of_magics(folder: Path) -> Path:
    lines = [
        "!touch /tmp/pwned-by-a-magic", "%run /tmp/pwned.py", "%load_ext pwned", "%load /etc/passwd", "x = !id",
        "%sx id", "%cd /", "?pwned", "%%time", "!!id > /tmp/pwned-twice",
        "get_ipython().system('touch /tmp/pwned-by-ipython')",
    ]  # fmt: skip
    cells = [
        cell("\n".join(lines)),
        cell("%%bash\ntouch /tmp/pwned-by-bash"),
        cell("%%writefile /tmp/pwned-written\nx"),
    ]
    return beside(folder, {"layer_norm.ipynb": notebook(*cells, cell(WRONG))})


@attack("intake", "Files in UTF-16, with byte-order marks, and with bytes that are no UTF-8.", outcome="UTF-8|UTF-16")
def files_in_other_encodings(folder: Path) -> Path:
    return beside(
        folder,
        {
            "a.ipynb": notebook(cell(WRONG)).encode("utf-16"),
            "b.ipynb": notebook(cell(WRONG)).encode()[:-1] + b"\xff\xfe\x80",
            "c.ipynb": b"\xef\xbb\xbf" * 2 + notebook(cell(WRONG)).encode(),
            "layer_norm.py": WRONG.encode("utf-16"),
            "d.py": WRONG.encode("utf-32"),
            "e.py": b"\xff" + WRONG.encode(),
            "f.py": b"#\xc3\x28\n" + WRONG.encode(),
        },
    )


@attack("intake", "Outputs and attachments of many megabytes, with scripts in them, and metadata of the wrong types.")
def notebook_of_outputs_and_metadata(folder: Path) -> Path:
    html = {"data": {"text/html": "<script>pwned()</script>" * 100_000}, "output_type": "display_data", "metadata": 7}
    metadata = {"kernelspec": {"language": "python\x1b]0;pwned\x07", "name": ["../.."]}, "widgets": [[[[]]]] * 1000}
    markdown = {
        "cell_type": "markdown",
        "source": 5,
        "attachments": {"../../pwned.png": {"image/png": "A" * 1_000_000}},
    }
    cells = [markdown, cell(WRONG, outputs=[html] * 3, metadata=None), cell({"a": 1}), cell(None), "cell", None, [], 3]
    return beside(folder, {"layer_norm.ipynb": notebook(*cells, metadata=metadata)})


@attack("intake", "Code that is valid or nearly, and that parsers overflow on or need exponential time for.",
        outcome="nested too deeply|isn't valid Python")  # fmt: skip
def code_that_breaks_parsers(folder: Path) -> Path:
    sources = {
        "minus.py": "-" * 100_000 + "1",
        "calls.py": "a" + "()" * 30_000,
        "lambdas.py": "lambda:" * 20_000 + "1",
        "elif.py": "if a: pass\n" + "elif a: pass\n" * 15_000,
        "dicts.py": "{1:" * 90,
        "calls_in_calls.py": "f(a for a in f(" * 60,
        "withs.py": "with (" * 80,
        "lambda_defaults.py": "(lambda x=" * 80,
        "matches.py": "match a:\n case " + "[" * 150 + "]" * 150 + ": pass",
        "numbers.py": "x = " + "9" * 200_000,
        "shift.py": "x = 1 << (1 << 40)",
        "power.py": "x = 9**9**9**9",
        "text.py": "x = 'a' * 10**12",
        "nul.py": WRONG + "\0",
        "surrogate.py": "x = '\\ud800'\n# " + "é" * 100_000,
        "finally.py": "".join(f"{' ' * n}try:\n{' ' * n} pass\n{' ' * n}finally:\n" for n in range(60))
        + " " * 61
        + "pass",
    }
    return beside(folder, dict(sources))


@attack("intake", "A chain of 100,000 assignments, on which the compiler spends quadratic time.")
def chained_assignments(folder: Path) -> Path:
    return beside(folder, {"layer_norm.py": WRONG + "a=" * 125_000 + "1"})


@attack("intake", "One import of a name of 125,000 parts: the parser keeps all its beginnings, 16 GB.",
        outcome="parts joined by dots")  # fmt: skip
def dotted_names(folder: Path) -> Path:
    chain = "a." * 125_000 + "a"
    files = {"layer_norm.py": f"import {chain}\n{WRONG}", "continued.py": "import a \\\n" + " . \\\nb" * 30_000}
    return beside(folder, {**files, "cells.ipynb": notebook(cell(f"%time import {chain}"))})


@attack("intake", "Names in a zip that climb out of it, are absolute, reversed or longer than any file's.",
        outcome=r"(?s)climbs out.*(absolute|drive letter|too long)")  # fmt: skip
def zip_of_unsafe_names(folder: Path) -> Path:
    names = [
        "../../../../../../../../tmp/pwned.py", "/tmp/pwned.py", "C:\\pwned.py", "..\\..\\pwned.py", "x/../../pwned.py",
        "layer_norm\u202eyp.exe", "a\nb\x1b[31m.py", "n" * 300 + ".py", "/".join(["d"] * 2000) + ".py", "con.py", "-rf",
        "~/pwned.py", "$(touch pwned).py", "aux.py ", "\x00pwned.py", "\\\\server\\pwned.py", "file:pwned.py",
    ]  # fmt: skip
    return zipped(folder / "hw.zip", [(name, WRONG) for name in names])


@attack("intake", "A zip whose directory says other sizes than its members have.", outcome="times its own size")
def zip_of_lying_sizes(folder: Path) -> Path:
    path = zipped(folder / "hw.zip", [("layer_norm.py", WRONG * 2000), ("small.py", WRONG)])
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", data, first + 24, 10)  # unpacked size of the second
    second = data.index(b"PK\x01\x02", first + 1)
    struct.pack_into("<II", data, second + 20, 0xFFFFFFF0, 0xFFFFFFF0)
    path.write_bytes(data)
    return path


@attack("intake", "A zip of which two entries overlap: many files out of one kernel of zeros.",
        outcome="(?i)unpacks to|damaged|overlap", answers=False)  # fmt: skip
def zip_of_overlapping_members(folder: Path) -> Path:
    kernel, size = zlib.compressobj(9, zlib.DEFLATED, -15), 4_000_000
    body, crc = kernel.compress(b"\0" * size) + kernel.flush(), zlib.crc32(b"\0" * size)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), size, 1, 0)
    data, entries = local + b"a" + body, b""
    for number in range(1000):
        name = b"a" if number % 2 else f"{number:04}".encode()
        header = 20, 20, 0, 8, 0, 0, crc, len(body), size, len(name), 0, 0, 0, 0, 0, 0
        entries += struct.pack("<4s6H3I5H2I", b"PK\1\2", *header) + name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1000, 1000, len(entries), len(data), 0)
    path = folder / "hw.zip"
    path.write_bytes(data + entries + end)
    return path


@attack("intake", "A zip of a few kilobytes that unpacks to a gigabyte.", outcome="times its own size", answers=False)
def zip_bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "hw.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("td_error.py", td_error())
        for number in range(8):
            archive.writestr(f"layer_norm{number}.py", b"#" * 15_000_000)
    return folder / "hw.zip"


@attack("intake", "A gzipped tar that is gzip within gzip of zeros without end.", outcome="unpacks to more than",
        answers=False)  # fmt: skip
def gzip_bomb(folder: Path) -> Path:
    path = folder / "hw.tar.gz"
    path.write_bytes(
        gzip.compress(gzip.compress(b"\0" * 100_000_000, 9), 9) + gzip.compress(b"\0" * 100_000_000, 9) * 5
    )
    return path


@attack("intake", "Archives in archives, with the answer in the innermost.", outcome="isn't unpacked")
def nested_archives(folder: Path) -> Path:
    inner = zipped(folder / "inner.zip", [("layer_norm.py", WRONG)]).read_bytes()
    for _ in range(20):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("inner.zip", inner)
        inner = stream.getvalue()
    return zipped(folder / "hw.zip", [("inner.zip", inner), ("b.tar.gz", gzip.compress(inner)), ("c.7z", b"7z")])


@attack("intake", "A password on one of the entries.", outcome="password", answers=False)
def zip_with_a_password(folder: Path) -> Path:
    path = zipped(folder / "hw.zip", [("layer_norm.py", WRONG)])
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    data[data.rindex(b"PK\x03\x04") + 6] |= 1
    path.write_bytes(data)
    return path


@attack(
    "intake", "One name several times: the first is read by a person, the last by a program.", outcome="more than once"
)
def zip_of_duplicate_names(folder: Path) -> Path:
    members = [
        ("layer_norm.py", UNPARSED),
        ("./layer_norm.py", UNPARSED),
        ("layer_norm.py", WRONG),
        ("Layer_Norm.py", ""),
    ]
    return zipped(folder / "hw.zip", members)


@attack(
    "intake", "A zip whose entries have other names in its directory than before their contents.", outcome="damaged"
)
def zip_with_two_tables(folder: Path) -> Path:
    path = zipped(folder / "hw.zip", [("layer_norm.py", WRONG)])
    data = path.read_bytes()
    at = data.index(b"layer_norm.py")
    path.write_bytes(data[:at] + b"../pwned_1.py" + data[at + 13 :])
    return path


@attack("intake", "A zip that is a PDF as well.", outcome="damaged", answers=False)
def zip_inside_a_pdf(folder: Path) -> Path:
    path = zipped(folder / "hw.zip", [("layer_norm.py", WRONG)])
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Length 9999 >>\nstream\n" + path.read_bytes() + b"\nendstream\n%%EOF")
    return path


@attack("intake", "Sizes and offsets of zip64 near 2 to the 63rd.", outcome="damaged", answers=False)
def zip_of_the_largest_numbers(folder: Path) -> Path:
    path = zipped(folder / "hw.zip", [("layer_norm.py", WRONG)])
    data = path.read_bytes()
    end = data.rindex(b"PK\5\6")
    wide = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2**63 - 1, 2**63 - 1, 2**63 - 1, 2**63 - 1)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(data[:end] + wide + locator + last)
    return path


@attack(
    "intake", "Links out of a tar, pipes and devices, under the names of answers.", outcome=r"(?s)a link.*special file"
)
def tar_of_links_and_devices(folder: Path) -> Path:
    return tarred(
        folder / "hw.tar",
        member("layer_norm.py", tarfile.SYMTYPE, f"{CHECKOUT}/reference/normalization.py"),
        member("b.py", tarfile.LNKTYPE, "/etc/passwd"),
        member("c.py", tarfile.LNKTYPE, "td_error.py"),
        member("d", tarfile.SYMTYPE, "/"),
        member("d/tmp/pwned.py", tarfile.SYMTYPE, "../../.."),
        member("e.py", tarfile.FIFOTYPE),
        member("f.py", tarfile.CHRTYPE),
        member("g.py", tarfile.BLKTYPE),
        member("h.py", tarfile.CONTTYPE),
        member("i.py", b"Z"),
    )


@attack("intake", "Extended headers that rename what follows them.",
        outcome=r"(?s)climbs out.*absolute")  # fmt: skip
def tar_of_extended_headers(folder: Path) -> Path:
    path = folder / "hw.tar"
    content = WRONG.encode()
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, headers in (
            ("td_error.py", {}),
            ("a.py", {"path": "../../../tmp/pwned.py"}),
            ("b.py", {"path": "/tmp/pwned.py"}),
            ("c.py", {"path": "x\0pwned.py"}),
            ("d.py", {"mtime": "nan", "uid": "-" * 1000}),
            ("e.py", {"hdrcharset": "BINARY", "path": "\udc80pwned.py"}),
        ):
            info = tarfile.TarInfo(name)
            given = td_error().encode() if name == "td_error.py" else content
            info.size, info.pax_headers = len(given), headers
            archive.addfile(info, io.BytesIO(given))
    return path


@attack("intake", "Extended headers that claim sizes which nothing has.", outcome="damaged", answers=False)
def tar_of_impossible_sizes(folder: Path) -> Path:
    path = folder / "hw.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for headers in (
            {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9" * 30},
            {"size": "99999999999999"},
            {"size": "-1"},
        ):
            info = tarfile.TarInfo("layer_norm.py")
            info.size, info.pax_headers = len(WRONG), headers
            archive.addfile(info, io.BytesIO(WRONG.encode()))
    return path


@attack("intake", "An archive that was cut off in the middle of a member.", outcome="damaged|cut off", answers=False)
def tar_cut_off(folder: Path) -> Path:
    tarred(folder / "whole.tar")
    (folder / "hw.tgz").write_bytes(gzip.compress((folder / "whole.tar").read_bytes())[:-40])
    return folder / "hw.tgz"


@attack("intake", "Random bytes in the middle of an archive.", answers=False)
def zip_of_flipped_bytes(folder: Path) -> Path:
    path = zipped(folder / "hw.zip", [(f"layer_norm{n}.py", WRONG * (n + 1)) for n in range(50)])
    data, drawn = bytearray(path.read_bytes()), random.Random(1)
    for _ in range(60):
        data[drawn.randrange(len(data))] = drawn.randrange(256)
    path.write_bytes(data)
    return path


@attack("intake", "Pipes, sockets, devices and links among the files: to read them is to hang, or to tell a secret.",
        outcome=r"(?s)a link.*special file|special file.*a link")  # fmt: skip
def folder_of_special_files(folder: Path) -> Path:
    beside(folder, {"sub/loop.txt": ""})
    os.mkfifo(folder / "layer_norm.py")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "socket.py"))
    (folder / "reference.py").symlink_to(CHECKOUT / "reference" / "normalization.py")
    (folder / "passwd.py").symlink_to("/etc/passwd")
    (folder / "home").symlink_to(Path.home())
    (folder / "sub" / "up").symlink_to("..")
    (folder / "loop").symlink_to("loop")
    (folder / "everything").symlink_to("/")
    if os.geteuid() == 0:
        with_device = folder / "zero.py"
        try:
            os.mknod(with_device, stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except OSError:
            return folder  # not every root may make devices
    return folder


@attack("intake", "More files than anybody looks at.", outcome="entries or more")
def folder_of_many_files(folder: Path) -> Path:
    beside(folder, {"layer_norm.py": WRONG})
    many = folder / "zz"
    many.mkdir()
    (many / "0").write_text(WRONG)
    for number in range(1, 50_100):
        os.link(many / "0", many / f"{number}")
    return folder


@attack("intake", "Folders in folders, deeper than a path may be long.", outcome="too long")
def folder_very_deep(folder: Path) -> Path:
    deep = "/".join(["dir"] * 300)
    (folder / deep).mkdir(parents=True)
    (folder / deep / "layer_norm.py").write_text(WRONG)
    return beside(folder, {})


@attack("intake", "A sparse file that claims 100 gigabytes.", outcome="is larger than")
def sparse_file(folder: Path) -> Path:
    beside(folder, {})
    with (folder / "layer_norm.py").open("wb") as file:
        file.truncate(100 << 30)
    return folder


@attack(
    "intake", "Names with line breaks, quotes, options, commands, surrogates and escape sequences.", outcome="UTF-8"
)
def folder_of_odd_names(folder: Path) -> Path:
    beside(folder, {})
    for name in (
        b"-rf", b"--help.py", b"$(touch pwned).py", b"`touch pwned`.py", b"a;touch pwned.py", b"a\nb.py", b"'\".py",
        b"\xff\xfe.py", b"\x1b[2J.py", b"%s%n.py", b"{0.__class__}.py", b"=cmd|' !A0.py", "‮yp.py".encode(), b" .py",
        b"...py", b"*.py", b"~.py", b"a" * 252 + b".py", "ｌayer_norm.py".encode(), b".py", b"import os.py",
    ):  # fmt: skip
        descriptor = os.open(os.fsencode(folder) + b"/" + name, os.O_CREAT | os.O_WRONLY)
        os.write(descriptor, WRONG.encode())
        os.close(descriptor)
    return folder


@attack("intake", "Files whose paths are as long as can be, folders and files of one name, and a package of ours.")
def paths_that_clash(folder: Path) -> Path:
    longest = "/".join(["d" * 200] * 4 + ["f" * 180 + ".py"])
    members = [(longest, WRONG), ("a/b/c.py", WRONG), ("a/b", "x"), ("A/B/C.py", WRONG), ("a.py/__init__.py", WRONG),
               ("__init__.py", "from . import *"), ("a/__init__.py", "from ..... import b")]  # fmt: skip
    return zipped(folder / "hw.zip", members)


@attack("intake", "A data file larger than what the sandbox lets anybody write.", outcome="should be")
def data_larger_than_a_file_may_be(folder: Path) -> Path:
    return beside(folder, {"layer_norm.py": WRONG, "weights.bin": os.urandom(12_000_000)})


@attack("intake", "Itself a pipe, which nobody ever writes to.", outcome="not a regular file", answers=False)
def pipe_handed_in(folder: Path) -> Path:
    os.mkfifo(folder / "layer_norm.py")
    return folder / "layer_norm.py"


@attack("intake", "A hundred thousand notices, each as long as can be.", outcome="more notices like these")
def notices_without_end(folder: Path) -> Path:
    return zipped(folder / "hw.zip", [(f"../{number:05}{'x' * 200}.py", b"") for number in range(20_000)])
