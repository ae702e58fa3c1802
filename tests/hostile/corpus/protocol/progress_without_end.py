"""Reports progress hundreds of times while it is asked for nothing of the kind, so that it never has to answer.

Outcome: not an answer to this call
"""

import json
import os
import struct


def _frame(header, payload=b""):
    text = json.dumps(header).encode()
    return struct.pack(">IQ", len(text), len(payload)) + text + payload


def layer_norm(x, gamma, beta, eps=1e-5):
    for step in range(1000):
        os.write(3, _frame({"progress": {"steps": step, "mean": 1e9}}))
    return x
