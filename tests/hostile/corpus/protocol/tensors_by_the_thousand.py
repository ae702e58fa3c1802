"""Sends a description of thousands of empty tensors with every answer, which would all be made in the grader's process.

Spoils: itself, whose tensors are sent in the same way
Outcome: too many tensors
"""

import json

import grader_guest.call as call


def _tensors(header, data=b""):
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


EMPTY = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
PAYLOAD = []


def layer_norm(x, gamma, beta, eps=1e-5):
    if not PAYLOAD:
        PAYLOAD.append(_tensors({str(number): EMPTY for number in range(20_000)}))
    call.save = lambda tensors: PAYLOAD[0]
    return x
