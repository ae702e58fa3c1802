"""Early in training an agent should explore, later it should use what it has found. So the weight β of the entropy
bonus is often annealed: it goes from `start` to `end` in a straight line, over the first `total_steps` steps, and stays
there.

- At `step` = 0 the weight is `start`; at `step` = `total_steps` it is `end`.
- Between the two it is linear in `step`, which may be any whole number.
- It is clamped at both ends: `start` for every step before 0 (a warm-up may count from below), and `end` for every step
  after `total_steps`.

`step` and `total_steps` are ints, `total_steps` at least 1; `start` and `end` are Python numbers, not negative. Usually
`start` is the larger one, but it may be the smaller one, too, and either may be 0. Return the weight as a Python number
or as a 0-dimensional tensor.
"""

from grader.checks import Agreement, Contract, Edges, Symbolic
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.signature import Number, Signature
from reference.entropy import entropy_coefficient


def not_clamped(step, total_steps, start, end):
    """You continue the line beyond both of its ends. After `total_steps` the weight would soon be negative, and reward
    certainty: clamp step / total_steps to the range from 0 to 1.
    """
    return start + (end - start) * step / total_steps


def clamped_at_the_end_alone(step, total_steps, start, end):
    """You clamp the weight after `total_steps`, but not before step 0. There it is `start`: clamp step / total_steps at
    0 as well.
    """
    return not_clamped(min(step, total_steps), total_steps, start, end)


def exponential_decay(step, total_steps, start, end):
    """You go from `start` to `end` by the same *factor* in every step. That is exponential annealing; linear annealing
    changes the weight by the same *amount* in every step.
    """
    progress = min(max(step / total_steps, 0.0), 1.0)
    return start ** (1 - progress) * end**progress


def ends_swapped(step, total_steps, start, end):
    """You go from `end` to `start`, so that the agent explores more and more. At step 0 the weight is `start`."""
    return entropy_coefficient(step, total_steps, end, start)


def only_ever_lowered(step, total_steps, start, end):
    """You clamp the weight with max(end, …) and min(start, …). That is right where `start` is the larger one; where it
    is the smaller one, the weight is stuck. Clamp step / total_steps instead, between 0 and 1.
    """
    return min(start, max(end, not_clamped(step, total_steps, start, end)))


def whole_part_of_the_progress(step, total_steps, start, end):
    """You divide with `//`, which leaves the whole part alone: the progress is 0 until the very last step. Divide with
    `/`.
    """
    progress = min(max(step // total_steps, 0), 1)
    return start + (end - start) * progress


def end_reached_one_step_early(step, total_steps, start, end):
    """You divide by total_steps − 1, so that `end` is reached one step too early. At `total_steps` the progress is 1:
    divide by `total_steps`.
    """
    progress = min(max(step / max(total_steps - 1, 1), 0.0), 1.0)
    return start + (end - start) * progress


def formula(step, total_steps, start, end):
    """β = start + (end − start) · min(max(step / total, 0), 1)."""
    return start + (end - start) * min(max(step / total_steps, 0), 1)


_STEPS = (-3, 0, 2, 5, 8, 11)

PROBLEM = Problem(
    title="Annealed entropy coefficient",
    source="Assignment question 6; Schulman et al. 2017, table 5 (the schedule of α)",
    statement=__doc__,
    formula=Formula(
        r"\beta = \beta_{\mathrm{start}} + (\beta_{\mathrm{end}} - \beta_{\mathrm{start}}) \cdot "
        r"\min\left(\max\left(\frac{\mathrm{step}}{\mathrm{total}}, 0\right), 1\right)",
        formula,
        (
            *(Instance({}, {"step": step, "total_steps": 8, "start": 0.75, "end": 0.25}) for step in _STEPS),
            Instance({}, {"step": 3, "total_steps": 8, "start": 0.125, "end": 0.625}),
            Instance({}, {"step": 1, "total_steps": 1, "start": 0.75, "end": 0.0}),
        ),
    ),
    signature=Signature(
        {
            "step": Number("the present step", (0, 30, 77, 150, 400, 1300, -20), 50),
            "total_steps": Number("steps that the annealing takes, at least 1", (100, 200, 1000), 100),
            "start": Number("weight at step 0", (0.1, 0.05, 0.3), 1.0),
            "end": Number("weight from the last step on", (0.01, 0.001, 0.02), 0.0),
        },
        returns="",
    ),
    reference=entropy_coefficient,
    examples=(
        Example("a quarter of the way", values={"step": 250, "total_steps": 1000, "start": 0.1, "end": 0.02}),
        Example("the first step", values={"step": 0, "total_steps": 1000, "start": 0.1, "end": 0.02}),
        Example("one step before the last", values={"step": 9, "total_steps": 10, "start": 0.1, "end": 0.02}),
        Example("long after the last step", values={"step": 5000, "total_steps": 1000, "start": 0.1, "end": 0.02}),
        Example("before the first step", values={"step": -200, "total_steps": 1000, "start": 0.1, "end": 0.02}),
        Example("a weight that grows", values={"step": 250, "total_steps": 1000, "start": 0.01, "end": 0.2}),
    ),
    edges=(
        Example("exactly the last step", values={"step": 7, "total_steps": 7, "start": 0.3, "end": 0.1}),
        Example("a single step", values={"step": 1, "total_steps": 1, "start": 0.3, "end": 0.1}),
        Example("a single step that is still to come", values={"step": 0, "total_steps": 1, "start": 0.3, "end": 0.1}),
        Example("annealed to 0", values={"step": 60, "total_steps": 90, "start": 0.3, "end": 0.0}),
        Example("annealed from 0", values={"step": 60, "total_steps": 90, "start": 0.0, "end": 0.3}),
        Example("start and end are equal", values={"step": 3, "total_steps": 7, "start": 0.1, "end": 0.1}),
        Example("a growing weight, after the end", values={"step": 40, "total_steps": 7, "start": 0.1, "end": 0.4}),
        Example("millions of steps", values={"step": 12345678, "total_steps": 50000000, "start": 0.3, "end": 0.1}),
    ),
    checks=(Agreement(2), Symbolic(1), Edges(1), Contract(1)),
    misconceptions=(
        not_clamped,
        clamped_at_the_end_alone,
        exponential_decay,
        ends_swapped,
        only_ever_lowered,
        whole_part_of_the_progress,
        end_reached_one_step_early,
    ),
)
