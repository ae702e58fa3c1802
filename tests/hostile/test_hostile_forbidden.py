"""Calls that an assignment forbids, on many ways to reach them: what is seen costs points, what is not is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.apply import Applied
from grader.assignment.choose import chosen
from grader.assignment.read import read_assignment
from grader.catalog.find import bundled
from grader.intake import read_submission
from grader.marking import mark
from grader.model.verdict import Outcome, Verdict
from grader.run.zygote import Slot
from grader.symbolic.judge import judge

ASSIGNMENT = """
title = "Normalisation"
choose = ["layer_norm"]

[problem.layer_norm]
forbidden = ["layer_norm", "native_layer_norm"]
forbidden_points = 4
"""

OWN = """
def own(x, gamma, beta, eps):
    mean = x.mean(-1, keepdim=True)
    return gamma * (x - mean) / ((x - mean).square().mean(-1, keepdim=True) + eps).sqrt() + beta
"""
"""What is written oneself, for those that show one thing and do another."""

SEEN = {
    "directly": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "under another name": """
from torch.nn.functional import layer_norm as softly
ways = {"a": lambda *args: softly(*args)}
def layer_norm(x, gamma, beta, eps=1e-5):
    return ways["a"](x, x.shape[-1:], gamma, beta, eps)
""",
    "by a name put together": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return getattr(F, "layer_" + "norm"[:4])(x, x.shape[-1:], gamma, beta, eps)
""",
    "by eval of hidden text": """
import base64
def layer_norm(x, gamma, beta, eps=1e-5):
    text = base64.b64decode(b"Ri5sYXllcl9ub3JtKHgsIHguc2hhcGVbLTE6XSwgZ2FtbWEsIGJldGEsIGVwcyk=")
    return eval(text, {"F": F, "x": x, "gamma": gamma, "beta": beta, "eps": eps})
""",
    "an operation of ATen": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return torch.ops.aten.native_layer_norm(x, x.shape[-1:], gamma, beta, eps)[0]
""",
    "an overload of an operation": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return torch.ops.aten.layer_norm.default(x, list(x.shape[-1:]), gamma, beta, eps)
""",
    "PyTorch's table of functions": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return torch._C._VariableFunctions.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "a native call below the wrapper": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return torch._VF.native_layer_norm(x, x.shape[-1:], gamma, beta, eps)[0]
""",
    "a module": """
def layer_norm(x, gamma, beta, eps=1e-5):
    module = torch.nn.LayerNorm(x.shape[-1], eps, dtype=x.dtype)
    del module.weight, module.bias
    module.weight, module.bias = gamma, beta
    return module(x)
""",
    "a module called by functional_call": """
def layer_norm(x, gamma, beta, eps=1e-5):
    module = torch.nn.LayerNorm(x.shape[-1], eps, dtype=x.dtype)
    return torch.func.functional_call(module, {"weight": gamma, "bias": beta}, (x,))
""",
    "in a module that has it inside": """
def layer_norm(x, gamma, beta, eps=1e-5):
    whole = torch.nn.Sequential(torch.nn.Identity(), torch.nn.LayerNorm(x.shape[-1], eps, elementwise_affine=False))
    return whole(x) * gamma + beta
""",
    "a function of its own for autograd": """
class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma, beta)
        ctx.eps = eps
        return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
    @staticmethod
    def backward(ctx, gradient):
        with torch.enable_grad():
            inputs = [tensor.detach().requires_grad_() for tensor in ctx.saved_tensors]
            result = F.layer_norm(inputs[0], inputs[0].shape[-1:], inputs[1], inputs[2], ctx.eps)
        return *torch.autograd.grad(result, inputs, gradient), None
def layer_norm(x, gamma, beta, eps=1e-5):
    return Own.apply(x, gamma, beta, eps)
""",
    "where functions of PyTorch aren't overridden": """
def layer_norm(x, gamma, beta, eps=1e-5):
    with torch._C.DisableTorchFunction(), torch._C.DisableTorchFunctionSubclass():
        return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "under vmap": """
def layer_norm(x, gamma, beta, eps=1e-5):
    flat = x.reshape(-1, x.shape[-1])
    return torch.vmap(lambda row: F.layer_norm(row, row.shape, gamma, beta, eps))(flat).reshape(x.shape)
""",
    "a subclass of tensors": """
class Quiet(torch.Tensor):
    __torch_function__ = torch._C._disabled_torch_function_impl
def layer_norm(x, gamma, beta, eps=1e-5):
    return F.layer_norm(x.as_subclass(Quiet), x.shape[-1:], gamma, beta, eps).as_subclass(torch.Tensor)
""",
    "a traced graph of torch.fx": """
import torch.fx
def honest(x, gamma, beta):
    return F.layer_norm(x, gamma.shape, gamma, beta, 1e-5)
def layer_norm(x, gamma, beta, eps=1e-5):
    traced = torch.fx.symbolic_trace(lambda x, gamma, beta: F.layer_norm(x, gamma.shape, gamma, beta, eps))
    return traced(x, gamma, beta)
""",
    "a scripted function": """
def scripted_source(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], gamma, beta, eps)
scripted = torch.jit.script(scripted_source)
def layer_norm(x, gamma, beta, eps=1e-5):
    return scripted(x, gamma, beta, float(eps))
""",
    "a function traced by jit": """
def layer_norm(x, gamma, beta, eps=1e-5):
    def called(x, gamma, beta):
        return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
    return torch.jit.trace(called, (x, gamma, beta), check_trace=False)(x, gamma, beta)
""",
    "among honest operations that are thrown away": OWN + """
def layer_norm(x, gamma, beta, eps=1e-5):
    shown = own(x, gamma, beta, eps)
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps) + 0 * shown
""",
    "where the recorder is told to pause": """
def layer_norm(x, gamma, beta, eps=1e-5):
    class Shown(torch.Tensor):
        pass
    held = []
    class Format:
        def __format__(self, spec):
            held.append(F.layer_norm(x, x.shape[-1:], gamma, beta, eps))
            return ""
    f"{Format()}"
    return held[0]
""",
    "with the modes taken off": """
from torch.utils._python_dispatch import _disable_current_modes
def layer_norm(x, gamma, beta, eps=1e-5):
    with _disable_current_modes():
        return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "with dispatch to Python switched off": """
def layer_norm(x, gamma, beta, eps=1e-5):
    with torch._C._DisableTorchDispatch():
        return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "before a branch on a value": """
def layer_norm(x, gamma, beta, eps=1e-5):
    result = F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
    if torch.isnan(result).any():
        raise ValueError("not a number")
    return result
""",
    "after a branch on a value": """
def layer_norm(x, gamma, beta, eps=1e-5):
    if torch.isnan(x).any():
        raise ValueError("not a number")
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "before what can't be followed": """
def layer_norm(x, gamma, beta, eps=1e-5):
    result = F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
    return result + 0 * torch.zeros(70, 70).sum() + 0 * torch.ones(3).to_sparse().sum()
""",
    "behind a round trip through NumPy": """
def layer_norm(x, gamma, beta, eps=1e-5):
    plain = [torch.from_numpy(tensor.detach().numpy()) for tensor in (x, gamma, beta)]
    return F.layer_norm(plain[0], x.shape[-1:], plain[1], plain[2], eps)
""",
    "behind a round trip through Python numbers": """
def layer_norm(x, gamma, beta, eps=1e-5):
    plain = [torch.tensor(tensor.tolist(), dtype=x.dtype) for tensor in (x, gamma, beta)]
    return F.layer_norm(plain[0], x.shape[-1:], plain[1], plain[2], eps)
""",
}  # fmt: skip
"""The check finds these."""

UNFOLLOWED = {
    "in a process of its own": """
import os
import pickle
def layer_norm(x, gamma, beta, eps=1e-5):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            while torch._C._len_torch_dispatch_stack():
                torch._C._pop_torch_dispatch_stack()
            while torch._C._len_torch_function_stack():
                torch._C._pop_torch_function_stack()
            with torch.no_grad():
                os.write(writing, pickle.dumps(F.layer_norm(x, x.shape[-1:], gamma, beta, eps).tolist()))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        result = pickle.loads(stream.read())
    os.waitpid(pid, 0)
    return torch.tensor(result, dtype=x.dtype)
""",
}
"""The check can't tell, says so, and gives its points; the gradient of such an answer is missing."""

NOT_SEEN = {
    "in another thread": """
import threading
def layer_norm(x, gamma, beta, eps=1e-5):
    held = []
    run = lambda: held.append(F.layer_norm(x, x.shape[-1:], gamma, beta, eps))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return held[0]
""",
    "only where no recorder looks on": OWN + """
from torch.utils._python_dispatch import _get_current_dispatch_mode
def layer_norm(x, gamma, beta, eps=1e-5):
    if _get_current_dispatch_mode() is not None:
        return own(x, gamma, beta, eps)
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "with the recorder's memory wiped": """
from torch.utils._python_dispatch import _get_current_dispatch_mode
def layer_norm(x, gamma, beta, eps=1e-5):
    result = F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
    recorder = _get_current_dispatch_mode()
    if recorder is not None:
        recorder.calls -= {"layer_norm", "native_layer_norm"}
    return result
""",
    "with the recorder replaced": """
import sys
for name, module in list(sys.modules.items()):
    if name.endswith("recorder") and hasattr(module, "Recorder"):
        module.Recorder.note = lambda self, name: None
def layer_norm(x, gamma, beta, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
""",
    "as a function of another name": """
def layer_norm(x, gamma, beta, eps=1e-5):
    flat = x.reshape(-1, x.shape[-1])
    return F.group_norm(flat, 1, gamma, beta, eps).reshape(x.shape)
""",
}  # fmt: skip
"""The check doesn't find these, and gives them its points: a submission shares its process with what looks on."""


def verdicts(source: str, slot: Slot, folder: Path) -> dict[str, Verdict]:
    """What is found of an answer, by the names of the checks."""
    (folder / "assignment.toml").write_text(ASSIGNMENT)
    assignment = read_assignment(folder / "assignment.toml")
    (folder / "answers.py").write_text("import torch\nimport torch.nn.functional as F\n" + source)
    catalog = chosen(assignment, bundled())
    applied = Applied(assignment, catalog, final=True)
    report = mark(
        read_submission(folder / "answers.py"), catalog.places, slot, seed=1, device="cpu", notices=(), progress=None,
        prove=judge, load=applied.load,
    )  # fmt: skip
    (problem,) = report.problems
    return {verdict.check: verdict for verdict in problem.verdicts}


@pytest.mark.parametrize("source", SEEN.values(), ids=SEEN)
def test_a_forbidden_call_is_found_and_costs_its_own_points_alone(source: str, sandlock: Slot, tmp_path: Path) -> None:
    found = verdicts(source, sandlock, tmp_path)
    assert (found["own_work"].outcome, found["own_work"].points) == (Outcome.FAILED, 0)
    assert "layer_norm` " in found["own_work"].message or "layer_norm`," in found["own_work"].message
    assert found["agreement"].outcome is Outcome.PASSED


@pytest.mark.parametrize("source", UNFOLLOWED.values(), ids=UNFOLLOWED)
def test_what_can_not_be_followed_is_undecided_and_has_no_gradient(source: str, sandlock: Slot, tmp_path: Path) -> None:
    found = verdicts(source, sandlock, tmp_path)
    assert found["own_work"].outcome is Outcome.UNDECIDED
    assert found["agreement"].outcome is Outcome.PASSED
    assert found["gradient"].points == 0


@pytest.mark.parametrize("source", NOT_SEEN.values(), ids=NOT_SEEN)
def test_what_is_not_held_is_this_and_no_more(source: str, sandlock: Slot, tmp_path: Path) -> None:
    """A way that no longer works belongs into `SEEN`, and out of what the documentation says is not held."""
    found = verdicts(source, sandlock, tmp_path)
    assert found["own_work"].outcome is Outcome.PASSED
    assert found["agreement"].outcome is Outcome.PASSED
