"""Words of the languages that text is read in, for mutations to put in where nobody expects them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "script": (
        "def ", "class ", "lambda ", "if ", "else:", "try:", "finally:", "match ", "case ", "import ",
        "from . import ", "yield ", "await ", "async ", "return ", "del ", "global ", "nonlocal ", "f'{", "}'", "'''",
        "\\N{DASH}", ":=", "**", "\n    ", "\t", "\\\n", "# coding: ", "utf-7", "latin-1", "cp037", "rot13", "(", "[",
        "{", ")", "]", "}", "__name__ == '__main__'", "layer_norm", "*", "~", "1j", "0x", "1_0", "\f", "print ", "`",
        "<>", "not ", "@",
    ),
    "report": (
        "<script>", "</pre>", "</style>", "<!--", "]]>", "&lt;", "\x1b[31m", "\x9b", "[red]", "[/]", "```", "`",
        "| - |", "**", "](https://evil.example)", "<https://evil.example>", "{{ 7 }}", "{% raw %}", "onload=", "\"",
        "'", "\\", "@a", "\r", "\t", "\x0c", "\x85", "\ufffe", "\U000e0001", "def layer_norm(x):\n", "layer_norm = 1\n",
        "\n\n",
    ),
    "folder": (
        "f\0", "d\0", "l\0", "p\0", "/", "../", "\\", "__init__.py", "a.py", "A.PY", "x.ipynb", "hw.zip", ".git",
        "venv/", "pyvenv.cfg", "torch.py", "C:", "con", "from .. import x", "old/", " .py", "\u202e.py", "a" * 256,
    ),
    "class": (
        "f\0", "d\0", "l\0", "_LATE_", "_11_", "_101_", "anon_", "text.html", "link.html", "-1", ".py", "/",
        "Participant", "_assignsubmission_file_", "_assignsubmission_onlinetext_", ".git/HEAD", "-submissions",
        "hw1-", "roster.csv", "submission_metadata.yml", "submission_1", "key", "name", "email", "Student", "ID", '"',
        '="', "LATE", ".grader-output", "Thumbs.db", "~$", ".sqlite", "github_username", "identifier", "role",
        "\u202e", ", ", "a.tar.gz",
    ),
    "gradescope": (
        "!!int ", "!!float ", "!!bool ", "!!timestamp ", "!!binary ", "!!set ", "!!omap ", "!!pairs ", "!!null ",
        "!!str ", "!!map ", "!!seq ", "!!merge ", "!!value ", "!x ", "&a ", "*a", "<<", "=", "? ", "- ", ": ", "{",
        "}", "[", "]", "|", ">", "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n", "0x", "0b", "0o7", "1:2:3", ".inf",
        ".nan", "~", '"\\ud800"', "2026-01-01", "0001-01-01 00:00:00 +23:59", "9999-12-31 23:59:59 -23:59", ":name:",
        ":submitters:", ":created_at:", "0x" + "f" * 4000,
    ),
    "roster": (
        "key", "name", "student", "full name", "first name", "last name", "email", "canvas", "sis user id",
        "identifier", "login", "moodle", "github", "section", "role", "submission_timestamp", "id", "Participant 1",
        '="a"', '"', ",", ";", "\t", "\r", "\r\n", "Points Possible", "Student, Test", "teacher", "2026-01-02",
        "0001-01-01T00:00+23:59", " UTC",
    ),
    "assignment": (
        "title", "choose", "problems", "due", "late", "hidden", "device", "limits", "timeout", "training", "memory",
        "points", "forbidden", "forbidden_points", "per_day_percent", "most_days", "grace_minutes", "[problem.a]",
        "[[a]]", "[", "]", "{", "}", "=", ".", '"""', "'''", "inf", "nan", "-", "true", "1e400", "0x" + "f" * 4000,
        "0b1", "1979-05-27", "07:32:00", "9999-12-31T23:59:59-23:59", "9" * 400, '"\\ud800"',
    ),
    "repository": (
        "ref: ", "refs/heads/main", "../", "committer ", " <a> ", "+0100", "-9959", "9" * 12, "0" * 40, "\n\n",
    ),
}  # fmt: skip
"""By target."""

ANYWHERE = ("\0", "\n", "\ufeff", "\u2028", "\u202e", "\udcff", "9" * 5000, "-1", "(" * 300, "[" * 300, "é", "a" * 2000)
"""What may stand in any text."""
