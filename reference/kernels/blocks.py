"""How attention is cut into blocks, for GPUs that hold more and that hold less at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from reference.kernels.launch import power_of_two, shared_memory


@dataclass(frozen=True, slots=True)
class Blocks:
    """How a pass is cut up: queries and keys at a time, and what Triton is asked for."""

    queries: int
    keys: int
    warps: int
    stages: int

    def for_queries(self, length: int) -> Blocks:
        """Half as many queries, for half as many warps, where a sequence isn't longer than that."""
        if length > 64 or self.queries <= 64:
            return self
        return replace(self, queries=self.queries // 2, warps=max(4, self.warps // 2))

    def for_keys(self, length: int) -> Blocks:
        """The same for keys."""
        if length > 64 or self.keys <= 64:
            return self
        return replace(self, keys=self.keys // 2, warps=max(4, self.warps // 2))


Table = Mapping[str, Mapping[int, Blocks]]
"""Blocks by what the memory of a multiprocessor and its registers hold, and by the size of the vectors.

They are the largest that were found for which no variable is spilled, on GPUs of capability 9.0 and 8.6, as
`tests/reference/kernels/compiled.py` tells. Four warps multiply 64 rows at a time on 9.0, and two programs of four
compute exponentials and products by turns; vectors of 128 elements need eight warps to hold what they add up. float32
is multiplied as three products of halves (tf32x3), which takes twice the registers; of 256 elements it spills some.
"""

PLENTY = 200 * 1024
"""Bytes of shared memory that a program may use from an H100 on; an A100 has 163 kB, a laptop 99 kB."""


def blocks_for(table: Table, q: Tensor, v: Tensor) -> Blocks:
    """What a table has for these vectors, on their device."""
    wide = shared_memory(q.device) >= PLENTY
    kind = "float32" if q.dtype is torch.float32 else "plenty" if wide else "little"
    return table[kind][max(64, power_of_two(q.shape[3]), power_of_two(v.shape[3]))]
