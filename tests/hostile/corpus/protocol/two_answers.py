"""Sends a second answer after every answer of its own, so that all later answers are one request behind.

Spoils: itself, if anything were asked after it
Outcome: has shape
"""

import json
import os
import struct
import sys


def _frame(header, payload=b""):
    text = json.dumps(header).encode()
    return struct.pack(">IQ", len(text), len(payload)) + text + payload


def _number():
    frame = sys._getframe(2)
    while "request" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"]["id"]


def layer_norm(x, gamma, beta, eps=1e-5):
    value = {"number": "0.5", "type": "float"}
    os.write(3, _frame({"id": _number(), "status": "returned", "value": value, "device": "cpu", "modified": []}))
    return x
