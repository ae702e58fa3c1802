"""File names for students' pages: safe on every system and in every address, and one for each key."""

from __future__ import annotations

import re
from hashlib import sha256

_AS_IT_IS = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d")
"""Names of devices, which Windows gives to no file."""

_LONGEST_BEGINNING = 40
_DIGITS = 16


def safe_name(key: str) -> str:
    """A file name without suffix for any key: the key itself where it is plain, else its letters and a hash.

    Two keys never share a name, also where capitals don't count. A name has at most 60 characters of `a-z0-9_-~`.

    >>> safe_name("ada_lovelace")
    'ada_lovelace'
    >>> safe_name("../Ada Lovelace")
    'ada-lovelace~504198ca2b1e5af7'
    """
    if _AS_IT_IS.fullmatch(key) and not _RESERVED.fullmatch(key):
        return key
    words = re.findall(r"[a-z0-9]+", key[:1000].lower())
    beginning = "-".join(words)[:_LONGEST_BEGINNING].strip("-") or "student"
    return f"{beginning}~{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def student_file(key: str) -> str:
    """Where a student's page lies, seen from the class report: `students/ada_lovelace.html`."""
    return f"students/{safe_name(key)}.html"
