"""Right answers to `entropy_coefficient`, written in the ways that students write them."""

import numpy as np
import torch


def clamped_fraction(step, total_steps, start, end):
    frac = min(max(step / total_steps, 0.0), 1.0)
    return start + frac * (end - start)


def three_cases(step, total_steps, start, end):
    if step <= 0:
        return start
    if step >= total_steps:
        return end
    return start + (end - start) * step / total_steps


def clamped_step(step, total_steps, start, end):
    step = max(0, min(step, total_steps))
    return start - (start - end) * step / total_steps


def interpolated_in_numpy(step, total_steps, start, end):
    return np.interp(step, [0, total_steps], [start, end])


def lerp(step, total_steps, start, end):
    progress = torch.tensor(step / total_steps, dtype=torch.float64).clamp(0, 1)
    return torch.lerp(torch.tensor(start, dtype=torch.float64), torch.tensor(end, dtype=torch.float64), progress)


def what_is_left(step, total_steps, start, end):
    remaining = np.clip(1 - step / total_steps, 0, 1)
    return float(end + remaining * (start - end))
