"""Sends tensors whose shapes, offsets, dtypes and names don't fit their bytes, other ones in each call.

Spoils: itself, whose tensors are sent in the same way
Outcome: its tensors can't be read|has shape
"""

import itertools
import json

import grader_guest.call as call

REAL = call.save


def _tensors(header, data=b""):
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


LIES = itertools.cycle(
    [
        {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [0, (1 << 64) - 1], "data_offsets": [0, 0]},
        {"dtype": "F64", "shape": [1 << 32, 1 << 32], "data_offsets": [0, 1 << 63]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [4, 0]},
        {"dtype": "F8_E8M0", "shape": [1], "data_offsets": [0, 1]},
        {"dtype": "object", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "BOOL", "shape": [0] + [1 << 62] * 3, "data_offsets": [0, 0]},
    ]
)


def layer_norm(x, gamma, beta, eps=1e-5):
    call.save = lambda tensors: _tensors({"value0": next(LIES)}, b"\x07" * 8)
    return x
