"""Answers in JSON that few readers agree on: doubled keys, NaN, endless numbers, unpaired surrogates.

Outcome: the header is not JSON
"""

import os
import struct
import sys
import time


def layer_norm(x, gamma, beta, eps=1e-5):
    number = sys._getframe(1).f_locals.get("request", {}).get("id", 0)
    text = (
        f'{{"status": "raised", "id": {number}, "id": {number}.0, "status": "returned", "modified": [NaN, -Infinity],'
        f' "device": "\\ud800", "line": {"9" * 100_000}, "value": {{"number": "1e999", "type": "int"}}}}'
    ).encode()
    os.write(3, struct.pack(">IQ", len(text), 0) + text)
    time.sleep(60)
