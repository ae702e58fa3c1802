"""`--device` and `--per-gpu`: what is said where there is no GPU, and what each command makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli import main
from grader.commands.verify import Request, run
from grader.commands.verify_cache import Cache
from grader.exit_codes import ExitCode

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.mark.parametrize(
    "command",
    [
        ["check", str(EXAMPLES / "mixed"), "--problem", "td_error"],
        ["verify", "td_error", "--no-cache"],
        ["batch", str(EXAMPLES)],
    ],
    ids=lambda command: command[0],
)
def test_a_gpu_that_is_not_there_is_a_mistake_in_the_command(
    command: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*command, "--device", "cuda"]) == ExitCode.USAGE
    told = " ".join(capsys.readouterr().err.split())
    assert "--device cuda:" in told
    assert "--device cpu" in told
    assert not (tmp_path / "gradebook.sqlite").exists()


@pytest.mark.parametrize("command", [["check", "x"], ["verify"], ["batch", "x"]], ids=lambda command: command[0])
def test_a_device_that_does_not_exist_is_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--device", "tpu"]) == ExitCode.USAGE
    assert "tpu" in capsys.readouterr().err


def test_auto_verifies_on_the_cpu_where_there_is_no_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "entropy_coefficient", "--device", "auto", "--no-cache", "--formulas"]) == ExitCode.PASSED
    assert "everything holds" in capsys.readouterr().out


def test_what_holds_on_the_cpu_is_not_taken_to_hold_on_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys: list[str] = []
    monkeypatch.setattr(Cache, "get", lambda _self, _place, key: keys.append(key) or [])
    for device in ("cpu", "cuda"):
        monkeypatch.setattr("grader.commands.verify.resolve_device", lambda _wanted, device=device: device)
        run(Request(("entropy_coefficient",), None, True, tmp_path / "out.json", 10.0, device=device))
    assert len(set(keys)) == 2
