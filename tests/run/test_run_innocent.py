"""What costs right answers their points elsewhere costs none here."""

from __future__ import annotations

import nbformat
import pytest

from grader.run.zygote import Slot
from tests.run.submissions import Grade, layer_norm, named, returns

BOTH = returns() + layer_norm()

BEFORE = {
    "a warning": "import warnings; warnings.warn('careful')",
    "warnings as errors": "import warnings; warnings.simplefilter('error')",
    "text on stderr": "import sys; print('x' * 200000, file=sys.stderr)",
    "logging": "import logging; logging.basicConfig(level='DEBUG'); logging.info('hello')",
    "numpy raising": "import numpy as np; np.seterr(all='raise')",
    "float64 by default": "import torch; torch.set_default_dtype(torch.float64)",
    "a default device": "import torch; torch.set_default_device('meta')",
    "a seed": "import torch; torch.manual_seed(0)",
    "no gradients": "import torch; torch.set_grad_enabled(False)",
    "deterministic algorithms": "import torch; torch.use_deterministic_algorithms(True)",
    "many threads": "import torch; torch.set_num_threads(8)",
    "printing": "print('x' * 3_000_000)",
    "a missing library": "import a_library_that_is_not_here as nowhere",
    "parts of a missing library": "from nowhere.to import be, found as f\nf.go(be)[3].now()",
    "plots": "import nowhere_plotlib as plt\nfig, (a, b) = plt.subplots(1, 2)\na.plot([1])\nwith plt.x(): plt.show()",
    "a missing decorator": "from nowhere import checked\n@checked\ndef same(x): return x\nassert same(3) == 3",
    "a progress bar": "from nowhere_bar import tqdm\nassert [x for x in tqdm([1, 2])] == [1, 2]",
    "a base class": "import nowhere_ml as pl\nclass Net(pl.Module):\n    pass",
    "input": "name = input('who?')",
    "an exception": "raise RuntimeError('a demo that fails')",
    "sys.exit": "import sys; sys.exit()",
    "closed streams": "import sys; sys.stdout.close(); sys.stderr.close()",
    "a lost stdout": "import sys; sys.stdout = None",
    "another folder": "import os; os.makedirs('/tmp/elsewhere', exist_ok=True) if 0 else os.chdir('/')",
}

AFTER = {
    "a demo": "if __name__ == '__main__':\n    raise SystemExit('never run')",
    "sys.exit": "import sys; sys.exit(1)",
    "an F of one's own": "F = 3.0",
    "a failing demo": "layer_norm(torch.zeros(3), 1, 2, 3, 4, 5, 6)",
    "lost modules": "import sys; del sys.modules['json']; sys.path.clear()",
    "lost grader names": "load = save = np = random = frames = None",
}


@pytest.mark.parametrize("what", BEFORE)
def test_before_the_answers_it_costs_nothing(what: str, sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, BEFORE[what] + "\n" + BOTH, "discounted_returns", "layer_norm")
    assert report.score == report.max_score, report.notices


@pytest.mark.parametrize("what", AFTER)
def test_after_the_answers_it_costs_nothing(what: str, sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, BOTH + "\n" + AFTER[what], "discounted_returns", "layer_norm")
    assert report.score == report.max_score, report.notices


def test_megabytes_of_prints_in_every_call_cost_nothing_and_are_kept_capped(sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, returns("print('x' * 2_000_000)"), "discounted_returns")
    assert report.score == report.max_score
    assert 1000 < len(report.problems[0].output) <= 1 << 16


def test_the_libraries_name_may_be_lost_after_use(sandlock: Slot, grade: Grade) -> None:
    source = "import torch\nsqrt, zeros_like = torch.sqrt, torch.zeros_like\n" + BOTH.replace(
        "import torch", ""
    ).replace("torch.sqrt", "sqrt").replace("torch.zeros_like", "zeros_like")
    report = grade(sandlock, source + "\ntorch = None\n", "discounted_returns", "layer_norm")
    assert report.score == report.max_score


def test_an_error_while_loading_is_told_with_its_line(sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, "import torch\n\nx = 1 / 0\n" + BOTH, "layer_norm")
    (notice,) = report.notices
    assert str(notice).startswith("answers.py:3: ZeroDivisionError")


def test_a_missing_library_is_told(sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, "import nowhere_plotlib as plt\n" + BOTH, "layer_norm")
    assert "`nowhere_plotlib` is not installed here" in str(report.notices[0])


def test_answers_spread_over_a_package_with_relative_imports(sandlock: Slot, grade: Grade) -> None:
    files = {
        "__init__.py": "from .norms import layer_norm",
        "norms.py": "from .deep.shared import *\n" + layer_norm(),
        "deep/__init__.py": "",
        "deep/shared.py": "import nowhere_plotlib\nraise ValueError('still fine')",
        "rl.py": "from . import norms\n" + returns(),
    }
    report = grade(sandlock, files, "discounted_returns", "layer_norm")
    assert report.score == report.max_score


def test_files_that_share_names_with_libraries(sandlock: Slot, grade: Grade) -> None:
    files = {"random.py": returns(), "json.py": layer_norm(), "typing.py": "x = 1"}
    report = grade(sandlock, files, "discounted_returns", "layer_norm")
    assert report.score == report.max_score


def test_data_files_lie_where_the_code_expects_them(sandlock: Slot, grade: Grade) -> None:
    source = "import pathlib\nE = float(open(pathlib.Path(__file__).parent / 'eps.txt').read())\n" + layer_norm(
        "assert E == 2"
    )
    report = grade(sandlock, {"answers.py": source, "eps.txt": "2"}, "layer_norm")
    assert report.score == report.max_score


def test_a_stopped_file_is_left_out_and_the_others_are_graded(sandlock: Slot, grade: Grade) -> None:
    files = {"a.py": returns() + "\nwhile True: pass", "b.py": layer_norm()}
    report = grade(sandlock, files, "discounted_returns", "layer_norm")
    assert named(report, "layer_norm").score == 10
    assert named(report, "discounted_returns").score == 0
    assert "took longer than 4 s" in str(report.notices)


def _notebook(*cells: str) -> bytes:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return nbformat.writes(made).encode()


def test_notebook_cells_run_in_order_and_the_last_definition_counts(sandlock: Slot, grade: Grade) -> None:
    wrong = "def layer_norm(x, gamma, beta, eps):\n    return x"
    cells = (
        "%matplotlib inline\n!pip install nowhere",
        wrong,
        "1 / 0\nx = 1",
        "raise ValueError",
        layer_norm(),
        "help?",
    )
    report = grade(sandlock, {"hw.ipynb": _notebook(*cells)}, "layer_norm")
    assert report.score == report.max_score
    assert any("ZeroDivisionError" in str(notice) and "cell 3" in str(notice) for notice in report.notices)


@pytest.mark.parametrize("hang", ["while True: pass", "import os; os._exit(1)"])
def test_a_cell_that_stops_the_process_is_left_out_and_later_cells_run(hang: str, sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, {"hw.ipynb": _notebook("import torch", hang, layer_norm())}, "layer_norm")
    assert report.score == report.max_score
    assert "cell 2" in str(report.notices)


def test_an_error_in_a_notebook_names_cell_and_line(sandlock: Slot, grade: Grade) -> None:
    cell = "def layer_norm(x, gamma, beta, eps):\n    return x + undefined"
    report = grade(sandlock, {"hw.ipynb": _notebook("import torch", cell)}, "layer_norm")
    message = report.problems[0].verdicts[0].message
    assert "hw.ipynb, cell 2, line 2: `return x + undefined`" in message


def test_a_name_that_is_not_a_function_is_told(sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, "layer_norm = 3", "layer_norm")
    assert "a value of type int, not a function" in report.problems[0].verdicts[0].message


def test_near_misses_are_told(sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, layer_norm().replace("layer_norm", "layernorm"), "layer_norm")
    assert report.score == 0
    assert "Found `layernorm`, expected `layer_norm`" in report.problems[0].verdicts[0].message


def test_the_same_seed_gives_the_same_report(sandlock: Slot, plain: Slot, grade: Grade) -> None:
    from dataclasses import replace

    source = BOTH.replace("unbiased=False", "unbiased=True")
    reports = [grade(slot, source, seed=7) for slot in (sandlock, sandlock, plain)]
    plainly = [[replace(problem, seconds=0.0) for problem in report.problems] for report in reports]
    assert plainly[0] == plainly[1] == plainly[2]


def test_loading_is_given_up_after_a_few_cells_that_had_to_be_stopped(sandlock: Slot, grade: Grade) -> None:
    hanging = ["import os; os._exit(1)"] * 7
    report = grade(
        sandlock, {"hw.ipynb": _notebook(returns(), *hanging, layer_norm())}, "discounted_returns", "layer_norm"
    )
    assert named(report, "discounted_returns").score == 10
    assert named(report, "layer_norm").score == 0
    assert "5 parts of this submission had to be stopped" in str(report.notices)


def test_many_files_with_long_names(sandlock: Slot, grade: Grade) -> None:
    folder = "/".join(["d" * 200] * 4)
    files = {f"{folder}/{'f' * 180}{k}.txt": "x" for k in range(1500)}
    report = grade(sandlock, {"answers.py": layer_norm(), **files}, "layer_norm")
    assert report.score == report.max_score
