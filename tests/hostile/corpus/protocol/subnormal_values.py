"""Sends bit patterns that few comparisons expect: subnormals, signalling NaN, -0, a bool of 127.

Spoils: itself, whose tensors are sent in the same way
Outcome: should be
"""

import itertools
import json

import grader_guest.call as call

REAL = call.save


def _tensors(header, data=b""):
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


BITS = itertools.cycle(
    [
        ("F32", 4, b"\x01\0\0\0"),
        ("F32", 4, b"\x01\0\xa0\x7f"),
        ("F64", 8, b"\x01\0\0\0\0\0\0\x80"),
        ("F64", 8, b"\x01\0\0\0\0\0\xf4\xff"),
        ("BOOL", 1, b"\x7f"),
    ]
)


def layer_norm(x, gamma, beta, eps=1e-5):
    def save(tensors):
        dtype, size, bits = next(BITS)
        described = {"dtype": dtype, "shape": list(x.shape), "data_offsets": [0, size * x.numel()]}
        return _tensors({"value0": described}, bits * x.numel())

    call.save = save
    return x
