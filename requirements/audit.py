#!/usr/bin/env python3
"""Asks PyPI's vulnerability service about every pinned package; fails if one is vulnerable or cannot be asked about.

    tox run -e audit

First it asks about a release that is known to be vulnerable: a service that does not know it, or a mirror that does not
serve it, would otherwise pass everything in silence.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
AUDIT = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--no-deps", "--progress-spinner=off"]
KNOWN = ("jinja2==2.11.2", "CVE-2020-28493")


def main() -> int:
    release, weakness = KNOWN
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "known.txt"
        file.write_text(release + "\n", encoding="utf-8")
        asked = subprocess.run([*AUDIT, "--aliases=on", "-r", file], capture_output=True, text=True, check=False)
    if weakness not in asked.stdout:
        print(asked.stdout + asked.stderr, file=sys.stderr)
        print(
            f"Nothing was audited: the vulnerability service does not report {weakness} in {release}, so it can't be "
            "trusted about other packages. Is https://pypi.org/pypi/jinja2/2.11.2/json reachable from here?",
            file=sys.stderr,
        )
        return 2
    pinned = [argument for name in ("tests", "torch", "tools") for argument in ("-r", HERE / f"{name}.txt")]
    return subprocess.call([*AUDIT, *pinned])


if __name__ == "__main__":
    sys.exit(main())
