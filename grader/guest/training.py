"""Carries out a training in an environment that counts steps, and asks the policy that came of it for actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from safetensors.torch import load

from .call import Answer, fresh_world
from .load import Workspace
from .trouble import described

LARGEST_ACTION = 1_000_000_000

Tell = Callable[[dict[str, Any]], None]


def carry_out_training(workspace: Workspace, request: dict[str, Any], tell: Tell) -> Answer:
    """Train, and keep the policy; the answer's header says how many steps that took and what was earned on the way."""
    from grader_environments.lesson import Lesson  # noqa: PLC0415 -- lies beside this package in the sandbox alone

    train = workspace.found[request["function"]]
    workspace.policy = None

    def on_the_way(taken: int, mean: float | None) -> None:
        tell({"steps": taken, "mean": mean})

    lesson = Lesson(request["environment"], request["total_steps"], request["seed"], on_the_way)
    try:
        with fresh_world(request):
            policy = train(lesson.make_env, request["total_steps"], request["seed"])
            if not callable(policy):
                raise TypeError(
                    f"train has to return the policy, a function; it returned {type(policy).__name__[:100]}"
                )
    except BaseException as error:
        return {"status": "raised", **described(error, workspace.folder)}, b""
    workspace.policy = policy
    return {"status": "trained", "steps": lesson.taken, "curve": lesson.curve}, b""


def carry_out_acting(workspace: Workspace, request: dict[str, Any], payload: bytes) -> Answer:
    """Ask the policy about one observation after the other."""
    if workspace.policy is None:
        return {"status": "untrained"}, b""
    observations = load(payload)["observations"].numpy()
    try:
        with fresh_world(request):
            actions = [_action(workspace.policy(seen.copy())) for seen in observations]
    except BaseException as error:
        return {"status": "raised", **described(error, workspace.folder)}, b""
    return {"status": "acted", "actions": actions}, b""


def _action(chosen: Any) -> int | dict[str, str]:
    """The number of an action; of anything else the name of its type."""
    if isinstance(chosen, torch.Tensor | np.ndarray | np.generic) and np.prod(chosen.shape, dtype=int) == 1:
        chosen = chosen.item()
    if isinstance(chosen, int) and 0 <= chosen < LARGEST_ACTION:
        return int(chosen)
    if type(chosen) is int:
        return {"opaque": "a negative number" if chosen < 0 else "a number that is too large"}
    return {"opaque": type(chosen).__name__[:100]}
