r"""Text as every database can hold it: NUL and unpaired surrogates are written out, and read back as they were.

SQLite's driver takes no unpaired surrogate, PostgreSQL no NUL either, and students' names, prints and error messages
may hold both. Such a character is stored as U+0010 (data link escape) and its number in four hexadecimal digits, and
so is U+0010 itself; all other text is stored as it is, so that queries find it.
"""

from __future__ import annotations

import re

_ESCAPE = "\x10"
_UNSTORABLE = re.compile("[\x00\x10\ud800-\udfff]")
_WRITTEN_OUT = re.compile("\x10([0-9a-f]{4})")


def storable(text: str) -> str:
    r"""The text without characters that a database refuses; no two texts become the same.

    >>> storable("a\x00b")
    'a\x100000b'
    """
    return _UNSTORABLE.sub(lambda found: f"\x10{ord(found.group()):04x}", text)


def original(stored: str) -> str:
    r"""What `storable` was given.

    >>> original(storable("\ud800")) == "\ud800"
    True
    """
    if _ESCAPE not in stored:
        return stored
    return _WRITTEN_OUT.sub(lambda found: chr(int(found.group(1), 16)), stored)
