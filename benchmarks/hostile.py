"""The hostile corpus under every backend: how many attacks of each family are held, and what became of the others.

    PYTHONPATH=. python benchmarks/hostile.py [--isolation sandlock,bubblewrap,none] [--only TEXT]

Linux. Without isolation the attacks run inside a container of bubblewrap, as they would harm this machine; those that
say that they may not be run without isolation even so are left out. Prints Markdown; on stderr what becomes of each
attack, as soon as that is known.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Timer

import psutil

from grader.run.backend import Isolation
from grader.run.zygote import BACKENDS, Slot
from tests.hostile.attacks import Attack, all_attacks
from tests.hostile.promises import MARK, PLACES, broken_promises
from tests.run.conftest import LIMITS

PROJECT = Path(__file__).resolve().parents[1]
SILENCE = 300
"""Seconds after which an attack that nothing is heard of has stopped the grader."""

Results = dict[str, list[str] | None]
"""Broken promises by attack; None for one that was not run."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--isolation", default="sandlock,bubblewrap,none")
    parser.add_argument("--only", default="", help="attacks whose name has this in it")
    parser.add_argument("--grade", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = given.isolation.split(",")
    if given.grade is not None:
        _grade(Isolation(names[0]), given.grade)
        return
    attacks = [attack for attack in all_attacks() if given.only in str(attack)]
    _print({name: _tried(attacks, name) for name in names}, attacks)


def _grade(isolation: Isolation, wanted: list[str]) -> None:
    """In a process of its own: grade attacks, and say of each what was not kept as soon as that is known."""
    attacks = {str(attack): attack for attack in all_attacks()}
    slot = Slot(BACKENDS[isolation], replace(LIMITS))
    for name in wanted:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            broken = broken_promises(attacks[name], slot, Path(folder))
        print(json.dumps([name, broken]), flush=True)
        if broken:  # what one attack has left is not to be the next one's
            slot.close()
            if isolation is Isolation.NONE:
                _clean_the_container()
            slot = Slot(BACKENDS[isolation], replace(LIMITS))
    slot.close()


def _clean_the_container() -> None:
    """End whatever else runs in it, and remove what attacks leave: it holds nothing but this process and them."""
    spared = {1, os.getpid(), os.getppid()}
    for process in psutil.process_iter():
        if process.pid not in spared:
            with suppress(psutil.Error):
                process.kill()
    for place in PLACES:
        for left in Path(place).glob(f"*{MARK}*"):
            with suppress(OSError):
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    subprocess.run(["ipcrm", "--all"], check=False, capture_output=True)


def _tried(attacks: list[Attack], isolation: str) -> Results:
    results: Results = {}
    if isolation == "none":
        results |= {str(attack): None for attack in attacks if attack.never_unconfined}
    while waiting := [str(attack) for attack in attacks if str(attack) not in results]:
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            program = [sys.executable, __file__, "--isolation", isolation, "--grade", *waiting]
            command = [*_container(Path(folder)), *program] if isolation == "none" else program
            told = _heard(command)
        results |= told
        if len(told) < len(waiting):
            victim = waiting[len(told)]
            results[victim] = ["the grader did not live through it"]
    return results


def _heard(command: list[str]) -> Results:
    """What a grading process says before it ends, or falls silent."""
    heard: Results = {}
    variables = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=variables
    ) as process:
        assert process.stdout is not None
        watch = _Watch(process)
        for line in process.stdout:
            watch.heard()
            if line.startswith("["):
                name, broken = json.loads(line)
                heard[name] = broken
                print(f"{name}: {'; '.join(broken)[:200] or 'held'}", file=sys.stderr)
        watch.end()
    return heard


class _Watch:
    """Ends a process that has said nothing for too long."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.heard()

    def heard(self) -> None:
        self.end()
        self._timer = Timer(SILENCE, self._process.kill)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        if hasattr(self, "_timer"):
            self._timer.cancel()


def _container(folder: Path) -> list[str]:
    """Everything readable as here, /tmp empty and its own, no network, processes of its own."""
    prefix = Path(sys.prefix)
    visible = [prefix, PROJECT] if Path("/tmp") in (*prefix.parents, *PROJECT.parents) else []
    again = [part for path in visible for part in ("--ro-bind", str(path), str(path))]
    return [
        "bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
        "--bind", str(folder), "/tmp", *again, "--setenv", "TMPDIR", "/tmp", "--",
    ]  # fmt: skip


def _print(results: dict[str, Results], attacks: list[Attack]) -> None:
    families: dict[str, list[Attack]] = defaultdict(list)
    for attack in attacks:
        families[attack.family].append(attack)
    print(f"| family | attacks |{''.join(f' held under {name} |' for name in results)}")
    print(f"|---|---|{'---|' * len(results)}")
    for family, members in [*sorted(families.items()), ("all", attacks)]:
        cells = "".join(f" {_held(found, members)} |" for found in results.values())
        print(f"| {family} | {len(members)} |{cells}")
    for name, found in results.items():
        print(f"\n**Not held under {name}**\n")
        for attack in attacks:
            broken = found[str(attack)]
            if broken:
                print(f"- {attack}: {attack.tries} — {'; '.join(broken)[:300]}")
            elif broken is None:
                print(f"- {attack}: not run: {attack.never_unconfined}")


def _held(found: Results, members: list[Attack]) -> str:
    run = [found[str(attack)] for attack in members if found[str(attack)] is not None]
    return f"{sum(not broken for broken in run)} of {len(run)}"


if __name__ == "__main__":
    main()
