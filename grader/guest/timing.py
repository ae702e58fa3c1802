"""Carries out the host's requests for timings: calls of a student's function, and questions about what they gave."""

from __future__ import annotations

from typing import Any

import torch
from safetensors.torch import save

from .call import Answer, fresh_world
from .load import Workspace
from .stopwatch import Burst, burst, recall
from .trouble import described


def carry_out_timing(workspace: Workspace, request: dict[str, Any]) -> Answer:
    """Make the calls and keep their results; the answer tells what each took."""
    workspace.burst = None
    try:
        with fresh_world(request):
            done = burst(workspace.found[request["function"]], request)
    except BaseException as error:
        return {"status": "raised", **described(error, workspace.folder)}, b""
    workspace.burst = done
    return {"status": "timed", "seconds": done.seconds, "whole": done.whole, "cpu": done.cpu}, b""


def carry_out_recalling(workspace: Workspace, request: dict[str, Any]) -> Answer:
    """Tell of what was kept."""
    if workspace.burst is None:
        return {"status": "untimed"}, b""
    done: Burst = workspace.burst
    try:
        with fresh_world(request), torch.no_grad():
            sums, chosen, changed = recall(done, request["seed"], request["elements"])
    except BaseException as error:
        return {"status": "raised", **described(error, workspace.folder)}, b""
    elements = {f"elements {i}": each for i, each in enumerate(chosen)}
    return {"status": "recalled", "changed": changed}, save({"sums": sums, **elements})
