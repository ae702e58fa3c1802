"""What can be chosen on the command line; nothing here imports torch."""

from __future__ import annotations

from enum import Enum


class Cluster(Enum):
    """What starts workers for a class."""

    LOCAL = "local"
    SLURM = "slurm"
    KUBERNETES = "kubernetes"
