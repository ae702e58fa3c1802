"""Why a child ended: what the zygote noticed, in the terms of an observation and in words."""

from __future__ import annotations

import signal

from grader.model.exchange import Stopped, StopReason
from grader.run.limits import GB, MB, Limits
from grader.run.zygote import Ended

WORDS = {
    StopReason.CPU: "it took longer than {}",
    StopReason.WALL: "it did not end within {}",
    StopReason.MEMORY: "it used more memory than allowed ({})",
    StopReason.OUTPUT: "it printed more than {}",
    StopReason.PROCESSES: "it started more processes than allowed ({})",
    StopReason.FILE_SIZE: "it wrote a file larger than {}",
    StopReason.DISK: "it filled the disk with more than allowed ({})",
    StopReason.GPU: "it made the GPU fail ({})",
    StopReason.EXITED: "it ended the whole Python process ({})",
    StopReason.CRASHED: "it crashed the Python process ({})",
}
"""What a student is told, with the detail of the observation put in."""


def stop_reason(ended: Ended, limits: Limits, seconds: float) -> Stopped:
    """Why a child ended, in the terms of an observation."""
    match ended.ended_for:
        case "cpu":
            return Stopped(StopReason.CPU, f"{seconds:g} s")
        case "wall":
            return Stopped(StopReason.WALL, f"{seconds * limits.patience:g} s")
        case "output":
            return Stopped(StopReason.OUTPUT, f"{limits.output // MB} MB")
        case "sandbox":
            return Stopped(StopReason.CRASHED, "the sandbox had to be restarted")
        case "memory":
            return Stopped(StopReason.MEMORY, f"{limits.memory / GB:g} GB")
        case "disk":
            return Stopped(StopReason.DISK, f"{limits.disk // MB} MB in {limits.files:,} files, folders 100 deep")
        case "processes":
            return Stopped(StopReason.PROCESSES, str(limits.processes))
    if ended.code >= 0:
        return Stopped(StopReason.EXITED, f"exit status {ended.code}")
    if ended.code == -signal.SIGXFSZ:
        return Stopped(StopReason.FILE_SIZE, f"{limits.file_size // MB} MB")
    if ended.code == -signal.SIGKILL:
        memory = f"{limits.memory / GB:g} GB"
        return Stopped(StopReason.CRASHED, f"SIGKILL, most likely for using more memory than allowed: {memory}")
    return Stopped(StopReason.CRASHED, _signal_name(-ended.code))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
