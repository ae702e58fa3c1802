"""Reads `.py` files: bytes in any encoding that Python accepts, to code that parses."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize

from grader.intake.bounds import Bounds, size_text
from grader.intake.code import Code, Fault, code, no_code, parsed
from grader.intake.text import printable, quoted
from grader.model.submission import CodeUnit, FileKind, Notice, SubmittedFile

_TEXT_ENCODINGS = re.compile(
    r"utf-8(-sig)?|ascii|iso8859-\d+|cp\d+|gbk|gb2312|gb18030|big5\w*|shift_jis\w*|euc_\w+|koi8-\w|mac-\w+"
)
"""Codecs a source file may name; Python knows others that unpack archives or take time without bound."""

_UTF16_STARTS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS_UTF8 = "Save it as UTF-8 and hand it in again."
_REST_IS_READ = "It is left out; the rest of your submission is still read."


def read_script(file: SubmittedFile, bounds: Bounds) -> Code:
    """Read one `.py` file; where it can't be read the notices say why."""
    text = decoded(file.content) if len(file.content) <= bounds.code_bytes else _too_long(bounds)
    if isinstance(text, Fault):
        return no_code(file.path, FileKind.SCRIPT, left_out(file.path, text))
    if not text.strip():
        return no_code(file.path, FileKind.SCRIPT, *_empty_notices(file.path))
    tree = parsed(text)
    if isinstance(tree, ast.Module):
        return code(file.path, FileKind.SCRIPT, [CodeUnit("", text)], [tree], [])
    return no_code(file.path, FileKind.SCRIPT, left_out(file.path, tree))


def left_out(path: str, fault: Fault, what: str = "This file") -> Notice:
    """Say that a file is left out because of a fault in it."""
    return Notice(f"{what} {fault.reason.rstrip('.')}. {_REST_IS_READ}", printable(path), fault.line)


def _too_long(bounds: Bounds) -> Fault:
    return Fault(f"has more than {size_text(bounds.code_bytes)} of code, more than is read")


def _empty_notices(path: str) -> tuple[Notice, ...]:
    if path.rpartition("/")[2] == "__init__.py":
        return ()
    return (Notice("This file is empty. Check that you saved your work before handing in.", printable(path)),)


def decoded(content: bytes) -> str | Fault:
    """Return the text of a source file with `\\n` line ends, honouring a byte-order mark or coding cookie (PEP 263)."""
    if content.startswith(_UTF16_STARTS):
        return Fault(f"is saved as UTF-16, which Python can't read. {_SAVE_AS_UTF8}")
    unix = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(unix).readline)
        if not _TEXT_ENCODINGS.fullmatch(codecs.lookup(encoding).name):
            return Fault(f"names the encoding {quoted(encoding)}, which isn't accepted. {_SAVE_AS_UTF8}", 1)
        return unix.decode(encoding)
    except UnicodeDecodeError as error:
        return _undecodable(unix, error)
    except (SyntaxError, LookupError) as error:
        return _undetectable(unix, error)


def _undecodable(content: bytes, error: UnicodeDecodeError) -> Fault:
    line = content.count(b"\n", 0, error.start) + 1
    byte = content[error.start]
    return Fault(f"has a byte (0x{byte:02x}) that isn't valid {printable(error.encoding)}. {_SAVE_AS_UTF8}", line)


def _undetectable(content: bytes, error: Exception) -> Fault:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as undecodable:
        return _undecodable(content, undecodable)
    return Fault(f"names an encoding that Python can't use ({printable(str(error))}). {_SAVE_AS_UTF8}", 1)
