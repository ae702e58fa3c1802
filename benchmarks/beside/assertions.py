"""The assertions that all three graders make: values on fixed inputs, within a tolerance.

Its text is put into otter's test files and nbgrader's cells as it is; it needs nothing but torch. It does without
`torch.testing.assert_close`, whose first call in a process imports SymPy, for one second: others would pay that for
each submission.
"""

import torch

CASES = {
    "td_error": [
        (
            {
                "rewards": [1.0, -0.5, 2.0, 0.25],
                "values": [0.5, 1.5, -1.0, 0.75],
                "next_values": [1.5, -1.0, 0.75, 2.0],
                "dones": [0.0, 0.0, 1.0, 0.0],
                "gamma": 0.9,
            },
            [1.85, -2.9, 3.0, 1.3],
        ),
        (
            {"rewards": [3.0], "values": [1.0], "next_values": [100.0], "dones": [1.0], "gamma": 0.5},
            [2.0],
        ),
        (
            {
                "rewards": [[1.0, 0.0], [0.0, 1.0]],
                "values": [[2.0, 1.0], [0.5, 0.25]],
                "next_values": [[0.5, 0.25], [4.0, 8.0]],
                "dones": [[0.0, 1.0], [0.0, 0.0]],
                "gamma": 1.0,
            },
            [[-0.5, -1.0], [3.5, 8.75]],
        ),
    ],
    "categorical_entropy": [
        ({"logits": [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]]}, [1.0986123, 1.0986123]),
        ({"logits": [1.0, 2.0, 3.0]}, 0.8323955),
        ({"logits": [[0.0, float("-inf"), 0.0], [10000.0, -10000.0, 0.0]]}, [0.6931472, 0.0]),
    ],
    "layer_norm": [
        (
            {"x": [[1.0, 0.0]], "gamma": [0.0, 1.0], "beta": [0.0, 0.0], "eps": 1.0},
            [[0.0, -0.4472136]],
        ),
        (
            {
                "x": [[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 2.0]],
                "gamma": [1.0, 2.0, 1.0, 0.5],
                "beta": [0.0, 1.0, -1.0, 0.0],
                "eps": 1e-5,
            },
            [[-1.3416355, 0.1055763, -0.5527882, 0.6708177], [0.0, 1.0, -1.0, 0.0]],
        ),
        (
            {"x": [0.5, -0.5, 1.5], "gamma": [1.0, 1.0, 1.0], "beta": [1.0, 1.0, 1.0], "eps": 0.5},
            [1.0, 0.0741799, 1.9258201],
        ),
    ],
}
"""Arguments and the result that they should give, for each function."""


def agrees(function, name):
    for arguments, expected in CASES[name]:
        tensors = {k: torch.tensor(v) if isinstance(v, list) else v for k, v in arguments.items()}
        result, expected = function(**tensors), torch.tensor(expected)
        assert result.shape == expected.shape, f"{name}: shape {result.shape}, not {expected.shape}"
        assert torch.allclose(result, expected, rtol=1e-4, atol=1e-5), f"{name}: {result}, not {expected}"


def test_td_error(td_error):
    agrees(td_error, "td_error")


def test_categorical_entropy(categorical_entropy):
    agrees(categorical_entropy, "categorical_entropy")


def test_layer_norm(layer_norm):
    agrees(layer_norm, "layer_norm")
