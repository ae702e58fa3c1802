"""What a submission may use."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1 << 20
GB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one submission; each that is reached has its own outcome and message."""

    call_seconds: float = 10.0
    """CPU seconds of one call, on one thread."""

    calls: float = 6.0
    """All calls for one problem may take this many times what one may."""

    problems: float = 10.0
    """A whole submission, loading included, may take this many times what one problem may; trainings not counted."""

    load_seconds: float = 30.0
    """CPU seconds of one file or notebook cell while the submission is loaded."""

    training_seconds: float = 60.0
    """CPU seconds of one training of an agent."""

    patience: float = 3.0
    """Wall time is limited to this many times the CPU time; waiting for a free processor doesn't count."""

    longest: float = 4.0
    """With waiting for a free processor, to this many times as much: so busy is a machine that can't be used."""

    memory: int = 4 * GB
    """Address space on top of what the libraries take, in bytes; with a GPU, host memory that is held."""

    gpu_memory: int | None = None
    """What PyTorch may allocate on a GPU, in bytes; as much as `memory` where None."""

    processes: int = 16
    """Processes that the submission may have at one time, besides its own."""

    open_files: int = 256
    file_size: int = 64 * MB
    """Bytes of the largest file it may write."""

    disk: int = 512 * MB
    """Bytes of all its files together, those included that it has deleted and keeps open."""

    files: int = 10_000
    """Files and folders that it may have."""

    output: int = 64 * MB
    """Bytes it may print between two answers; 64 KB of them are kept."""

    lifetime: int = 3600
    """CPU seconds of one process altogether: the end of what nobody watches any more."""

    @property
    def problem_seconds(self) -> float:
        """CPU seconds of all calls for one problem."""
        return self.call_seconds * self.calls

    @property
    def submission_seconds(self) -> float:
        """CPU seconds of a whole submission but for trainings."""
        return self.problem_seconds * self.problems

    def for_guest(self) -> dict[str, int]:
        """What the guest enforces."""
        return {
            "memory": self.memory,
            "gpu_memory": self.memory if self.gpu_memory is None else self.gpu_memory,
            "processes": self.processes,
            "open_files": self.open_files,
            "file_size": self.file_size,
            "disk": self.disk,
            "files": self.files,
            "output": self.output,
            "lifetime": self.lifetime,
        }

    def clocks(self, seconds: float) -> dict[str, float]:
        """CPU and wall seconds for one request, and wall seconds on a machine that is busy with other things."""
        wall = seconds * self.patience
        return {"cpu": seconds, "wall": wall, "longest": wall * self.longest}
