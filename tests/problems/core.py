"""The problems on which the tests dwell; all the others prove themselves by `grader verify`, in tox and CI.

They cover every kind of argument, gradient and check of plain functions, and were there first.
"""

CORE = (
    "discounted_returns",
    "policy_gradient_loss",
    "generalized_advantage_estimate",
    "td_error",
    "categorical_entropy",
    "ppo_clip_objective",
    "scaled_dot_product_score",
    "layer_norm",
    "masked_attention",
)

TRAINED = frozenset({"train"})
"""Whole agents, which take long: `tests/submissions` has their honest answers, and their references run once."""
