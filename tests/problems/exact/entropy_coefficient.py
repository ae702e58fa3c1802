"""More ways to write `entropy_coefficient`."""

import torch


def weighted_mean_of_the_ends(step, total_steps, start, end):
    done = sorted((0, step, total_steps))[1]
    return ((total_steps - done) * start + done * end) / total_steps


def sum_of_two_ramps(step, total_steps, start, end):
    slope = (end - start) / total_steps
    return start + slope * max(step, 0) - slope * max(step - total_steps, 0)


def clamped_between_the_ends(step, total_steps, start, end):
    line = start + (end - start) * step / total_steps
    return min(max(line, min(start, end)), max(start, end))


def absolute_values(step, total_steps, start, end):
    progress = (abs(step) - abs(step - total_steps) + total_steps) / (2 * total_steps)
    return start + progress * (end - start)


def tensors(step, total_steps, start, end):
    fraction = torch.tensor(step, dtype=torch.float64) / total_steps
    return start + (end - start) * torch.clamp(fraction, min=0.0, max=1.0)


def ramps_of_tensors(step, total_steps, start, end):
    left = torch.relu(torch.tensor(float(total_steps - max(step, 0)), dtype=torch.float64)) / total_steps
    return end + (start - end) * left


def matched(step, total_steps, start, end):
    match (step > 0, step < total_steps):
        case (False, _):
            return start
        case (_, False):
            return end
        case _:
            return start * (1 - step / total_steps) + end * step / total_steps
