"""What a sandbox shows of the GPUs, and what holds with one of the limits; no test here needs a GPU.

Where a device is needed a stand-in is taken that every Linux has: it is opened for writing and asked by ioctl, as a GPU
is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from grader.errors import SandboxError, UsageError
from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.marking import resolve_device
from grader.model.case import Case
from grader.model.exchange import Call, Precision, Raised, Returned
from grader.run.backend import Isolation, Room
from grader.run.gpu import Gpus, gpus_here, may_be_used
from grader.run.limits import MB, Limits
from grader.run.runner import Runner
from grader.run.zygote import BACKENDS, Slot

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = "/dev/full"
HIDDEN_STAND_IN = "/dev/autofs"
"""bubblewrap makes a /dev of its own, and the other one is in it."""

CARD = "Model: \t\t {model}\nIRQ:   \t\t 35\nGPU UUID: \t {uuid}\nBus Location: \t {bus}\nDevice Minor: \t {minor}\n"


def machine(root: Path, *cards: tuple[str, str, int], model: str = "NVIDIA H200") -> Path:
    """A file system with GPUs: of each its place on the bus, its UUID, and the number of its node."""
    for bus, uuid, minor in cards:
        put(root / "proc/driver/nvidia/gpus" / bus / "information",
            CARD.format(model=model, uuid=uuid, bus=bus, minor=minor))  # fmt: skip
        put(root / f"dev/nvidia{minor}")
    for name in ("nvidiactl", "nvidia-uvm", "nvidia-modeset", "nvidia-uvm-tools", "null"):
        put(root / "dev" / name)
    return root


def put(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


TWO = (("0000:0a:00.0", "GPU-aaaa-1", 1), ("0000:0b:00.0", "GPU-bbbb-2", 0))


def nodes(found: Gpus) -> set[str]:
    return {Path(path).name for path in found.devices} - {"nvidiactl", "nvidia-uvm"}


@pytest.mark.parametrize(
    ("visible", "shown", "told"),
    [
        (None, {"nvidia1"}, "GPU-aaaa-1"),
        ("0", {"nvidia1"}, "GPU-aaaa-1"),
        ("1", {"nvidia0"}, "GPU-bbbb-2"),
        (" 1 ,0", {"nvidia0"}, "GPU-bbbb-2"),
        ("GPU-bb", {"nvidia0"}, "GPU-bbbb-2"),
        ("GPU-", set(), ""),
        ("7,1", set(), ""),
        ("-1", set(), ""),
        ("", set(), ""),
        ("MIG-1234", {"nvidia0", "nvidia1"}, "MIG-1234"),
    ],
)
def test_only_the_first_gpu_that_is_allowed_is_shown(
    tmp_path: Path, visible: str | None, shown: set[str], told: str
) -> None:
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    found = gpus_here(environment, machine(tmp_path, *TWO))
    assert nodes(found) == shown
    assert {Path(path).name for path in found.devices} >= {"nvidiactl", "nvidia-uvm"}
    assert found.environment["CUDA_VISIBLE_DEVICES"] == told


def test_a_number_is_not_trusted_where_gpus_differ_and_nothing_says_how_they_are_counted(tmp_path: Path) -> None:
    machine(machine(tmp_path, TWO[0]), TWO[1], model="NVIDIA T4")
    asked = {"CUDA_VISIBLE_DEVICES": "1"}
    assert nodes(gpus_here(asked, tmp_path)) == {"nvidia0", "nvidia1"}
    assert gpus_here(asked, tmp_path).environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert nodes(gpus_here(asked | {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, tmp_path)) == {"nvidia0"}


def test_a_driver_that_has_not_named_its_gpus_yet_has_all_shown_and_the_variable_as_it_is(tmp_path: Path) -> None:
    machine(tmp_path, ("0000:0a:00.0", "GPU-????????-????", 0), ("0000:0b:00.0", "GPU-????????-????", 1))
    found = gpus_here({"CUDA_VISIBLE_DEVICES": "1"}, tmp_path)
    assert nodes(found) == {"nvidia0", "nvidia1"}
    assert found.environment["CUDA_VISIBLE_DEVICES"] == "1"


def test_parts_of_a_gpu_can_be_opened_and_not_made(tmp_path: Path) -> None:
    machine(tmp_path, *TWO)
    capabilities = tmp_path / "proc/driver/nvidia/capabilities"
    for path, number in (("mig/config", 1), ("gpu0/mig/gi1/access", 12), ("gpu1/mig/gi1/ci0/access", 13)):
        put(capabilities / path, f"DeviceFileMinor: {number}\nDeviceFileMode: 292\n")
        put(tmp_path / f"dev/nvidia-caps/nvidia-cap{number}")
    assert nodes(gpus_here({}, tmp_path)) == {"nvidia1", "nvidia-cap13"}
    assert nodes(gpus_here({"CUDA_VISIBLE_DEVICES": "1"}, tmp_path)) == {"nvidia0", "nvidia-cap12"}
    assert nodes(gpus_here({"CUDA_VISIBLE_DEVICES": "MIG-1"}, tmp_path)) >= {"nvidia-cap12", "nvidia-cap13"}


def test_a_driver_in_an_unusual_folder_is_readable_and_found(tmp_path: Path) -> None:
    library = put(tmp_path / "store/libcuda.so.580")
    folder = tmp_path / "usr/local/nvidia/lib64"
    folder.mkdir(parents=True)
    (folder / "libcuda.so.1").symlink_to(library)
    toolkit, other = tmp_path / "toolkit", tmp_path / "other"
    put(toolkit / "libcudart.so.12")
    put(other / "libgreeting.so")
    told = os.pathsep.join([str(toolkit), str(other), "", "relative"])
    found = gpus_here({"LD_LIBRARY_PATH": told}, tmp_path)
    assert found.environment["LD_LIBRARY_PATH"] == os.pathsep.join([str(toolkit), str(folder)])
    assert {str(folder), str(library.parent), str(toolkit)} <= set(found.readable)
    assert str(other) not in found.readable


def test_of_the_bus_only_the_vendors_devices_are_readable(tmp_path: Path) -> None:
    for name, vendor in (("0000:0a:00.0", "0x10de\n"), ("0000:00:01.0", "0x8086\n")):
        put(tmp_path / "sys/devices/pci0000:00" / name / "vendor", vendor)
        bus = tmp_path / "sys/bus/pci/devices"
        bus.mkdir(parents=True, exist_ok=True)
        (bus / name).symlink_to(tmp_path / "sys/devices/pci0000:00" / name)
    readable = gpus_here({}, tmp_path).readable
    assert str(tmp_path / "sys/devices/pci0000:00/0000:0a:00.0") in readable
    assert not [path for path in readable if path.endswith("0000:00:01.0")]


@pytest.mark.parametrize(
    ("built_for", "node", "usable"),
    [("'13.0'", "nvidiactl", True), ("'13.0'", "dxg", True), ("None", "nvidiactl", False), ("'13.0'", "null", False)],
)
def test_a_sandbox_shows_a_gpu_by_itself_only_where_pytorch_can_use_it(
    built_for: str, node: str, usable: bool, tmp_path: Path
) -> None:
    put(tmp_path / "dev" / node)
    version = put(tmp_path / "version.py", f"debug = False\ncuda: Optional[str] = {built_for}\nhip: str = None\n")
    assert may_be_used(tmp_path, version) is usable


def test_the_installed_pytorch_says_what_it_was_built_for_where_that_is_looked_up(tmp_path: Path) -> None:
    put(tmp_path / "dev/nvidiactl")
    assert may_be_used(tmp_path) is (torch.version.cuda is not None)


CONTROL = """
import errno, fcntl, os, sys
try:
    fcntl.ioctl(os.open(sys.argv[1], os.O_RDWR), 0xC0204600, bytes(32))
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def controlled(isolation: Isolation, device: str, gpus: Gpus | None, folder: Path) -> str:
    """What becomes of opening a device for writing and controlling it, with the backend's own confinement."""
    backend = BACKENDS[isolation]
    reason = backend.unavailable()
    if reason is not None:
        pytest.skip(reason)
    (folder / "scratch").mkdir(parents=True)
    room = Room(folder / "scratch", folder, (), Limits(), gpus)
    command = [os.path.realpath(sys.executable), "-S", "-c", CONTROL, device]
    process = backend.start(command, {"HOME": str(room.scratch)}, room)
    printed = b""
    while part := os.read(process.from_guest, 1 << 16):
        printed += part
    process.end(at_once=False)
    return printed.decode().strip()


@pytest.mark.parametrize("isolation", [Isolation.SANDLOCK, Isolation.BUBBLEWRAP])
def test_a_device_is_opened_and_controlled_only_where_it_is_shown(isolation: Isolation, tmp_path: Path) -> None:
    shown = controlled(isolation, HIDDEN_STAND_IN, Gpus((HIDDEN_STAND_IN,)), tmp_path / "shown")
    hidden = controlled(isolation, HIDDEN_STAND_IN, None, tmp_path / "hidden")
    assert shown in ("ENOTTY", "EINVAL")
    assert hidden in ("EACCES", "ENOENT")


WHAT_CUDA_NEEDS = """
import errno, fcntl, mmap, os, socket, threading
NORESERVE, READ_AND_WRITE = 0x4000, 3
reserved = mmap.mmap(-1, 1 << 38, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NORESERVE, READ_AND_WRITE)
print("reserved", len(reserved))
try:
    fcntl.ioctl(os.open("/dev/full", os.O_RDWR), 0xC0204600, bytes(32))
except OSError as error:
    print("ioctl", errno.errorcode[error.errno])
shared = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
shared.bind(f"\\0cuda-uvmfd-1-{os.getpid()}")
shared.listen()
print("socket", len(socket.socketpair()))
threads = [threading.Thread(target=threading.Event().wait, args=(5,)) for _ in range(40)]
for thread in threads:
    thread.start()
print("threads", sum(thread.is_alive() for thread in threads))
for name in ("CUDA_CACHE_PATH", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR"):
    print(name, os.environ[name] == os.getcwd() == os.environ["HOME"])
print("visible", os.environ["CUDA_VISIBLE_DEVICES"])
"""

LIMITS = Limits(call_seconds=5.0, load_seconds=20.0, memory=256 * MB)


CONFINEMENTS = [each.value for each in (Isolation.SANDLOCK, Isolation.BUBBLEWRAP, Isolation.NONE)]


@pytest.fixture(params=[*CONFINEMENTS, "sandlock alone"])
def slot(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Slot]:
    """A slot that shows a device which stands for a GPU.

    Where there is something to hide sandlock opens files on behalf of a process, and what the child confines itself
    with is not asked; where there isn't, it is.
    """
    name, _, alone = request.param.partition(" ")
    isolation = Isolation(name)
    reason = BACKENDS[isolation].unavailable()
    if reason is not None:
        pytest.skip(reason)
    if alone:
        monkeypatch.setattr("grader.run.sandlock.hidden_paths", list)
    shown = Gpus((STAND_IN,), (), {"CUDA_VISIBLE_DEVICES": "GPU-1"})
    monkeypatch.setattr("grader.run.zygote.gpus_here", lambda _environment: shown)
    with Slot(BACKENDS[isolation], LIMITS, gpu=True) as slot:
        yield slot


def runner(slot: Slot, tmp_path: Path, source: str, device: str = "cpu") -> Runner:
    put(tmp_path / "answers.py", source + "\ndef f(x):\n    return x\n" * ("def f(" not in source))
    submission = read_submission(tmp_path / "answers.py")
    return Runner(slot, submission, dict(find_answers(submission, ["f"]).found), device)


def test_a_child_may_do_what_cuda_does_and_keeps_its_caches_to_itself(slot: Slot, tmp_path: Path) -> None:
    loaded = (running := runner(slot, tmp_path, WHAT_CUDA_NEEDS)).load()
    printed = running.take_printed()
    running.end()
    assert [notice.message for notice in loaded.notices] == []
    assert printed.splitlines() == [
        f"reserved {1 << 38}", "ioctl ENOTTY", "socket 2", "threads 40", "CUDA_CACHE_PATH True",
        "TRITON_CACHE_DIR True", "TORCHINDUCTOR_CACHE_DIR True", "visible GPU-1",
    ]  # fmt: skip


def test_memory_that_is_held_is_bounded_though_address_space_is_not(tmp_path: Path) -> None:
    holding = "import time\nheld = []\nwhile True:\n    held.append(bytes(1) * (64 << 20))\n    time.sleep(0.02)\n"
    with Slot(BACKENDS[Isolation.NONE], LIMITS, gpu=True) as slot:
        loaded = (running := runner(slot, tmp_path, holding)).load()
        running.end()
    assert ["used more memory than allowed (0.25 GB)" in notice.message for notice in loaded.notices] == [True]


def test_a_run_without_a_gpu_finds_none(tmp_path: Path) -> None:
    with Slot(BACKENDS[Isolation.NONE], LIMITS) as slot:
        running = runner(slot, tmp_path, "import os\nprint([os.environ['CUDA_VISIBLE_DEVICES']])\n")
        running.load()
        printed = running.take_printed()
        running.end()
    assert printed == "['']\n"


def test_a_gpu_that_the_sandbox_cannot_reach_is_told_with_what_to_do(tmp_path: Path) -> None:
    with Slot(BACKENDS[Isolation.BUBBLEWRAP], LIMITS) as slot:
        running = runner(slot, tmp_path, "", "cuda")
        with pytest.raises(SandboxError, match="isolation bubblewrap") as told:
            running.load()
        running.end()
    assert "--device cpu" in str(told.value)
    assert "No CUDA GPUs" in str(told.value) or "not compiled with CUDA" in str(told.value)


BREAKING = """
import torch
from grader_guest import gpu

broken = False

def f(x):
    global broken
    if x.sum() < 0:
        gpu._ready.append(True)  # as if there were one
        torch.cuda.synchronize = fail
        broken = True
        fail()
    return x + broken

def fail():
    raise RuntimeError("CUDA error: device-side assert triggered\\nCUDA kernel errors might be reported later")
"""


def test_a_child_whose_gpu_has_failed_is_asked_nothing_more(tmp_path: Path) -> None:
    with Slot(BACKENDS[Isolation.NONE], LIMITS) as slot:
        running = runner(slot, tmp_path, BREAKING)
        running.load()
        first, second = (running.ask(call(x)) for x in (-1.0, 1.0))
        running.end()
    assert isinstance(first, Raised)
    assert (first.line, first.code) == (17, 'raise RuntimeError("CUDA error: device-side assert triggered\\nCUDA '
                                            'kernel errors might be reported later")')  # fmt: skip
    assert isinstance(second, Returned)
    assert isinstance(second.value, torch.Tensor)
    assert second.value.item() == 1.0


def call(x: float) -> Call:
    return Call("f", Case("x", {"x": torch.tensor([x], dtype=torch.float64)}, {}), Precision.SINGLE)


def test_a_file_that_makes_the_gpu_fail_is_left_out_and_that_is_told(tmp_path: Path) -> None:
    broken = BREAKING + "\ngpu._ready.append(True)\ntorch.cuda.synchronize = fail\n"
    with Slot(BACKENDS[Isolation.NONE], LIMITS) as slot:
        running = runner(slot, tmp_path, broken)
        loaded = running.load()
        running.end()
    assert loaded.types == {"f": "missing"}
    (notice,) = loaded.notices
    assert "made the GPU fail (CUDA error: device-side assert triggered)" in notice.message


ZYGOTE = """
import torch.cuda
touched = []

def spied(module, name):
    real = getattr(module, name)
    def spy(*given, **named):
        touched.append(name)
        return real(*given, **named)
    setattr(module, name, spy)

for name in ("is_available", "device_count", "_lazy_init", "get_device_properties", "current_device"):
    spied(torch.cuda, name)
from grader.guest import zygote
zygote._import_libraries(True)
zygote._import_what_some_need()
print(touched, torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork())
"""


def test_what_the_zygote_imports_leaves_cuda_alone() -> None:
    """A process that has asked CUDA anything can't be forked into one that uses it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("TRITON_INTERPRET", None)
    done = subprocess.run([sys.executable, "-c", ZYGOTE], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[] False False\n"


def test_a_pytorch_without_cuda_is_told_apart_from_a_machine_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(UsageError, match="was built without CUDA"):
        resolve_device("cuda")
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    with pytest.raises(UsageError, match=r"finds no GPU.*CUDA_VISIBLE_DEVICES is '7'"):
        resolve_device("cuda")
    assert resolve_device("auto") == "cpu"


def test_a_call_is_made_in_full_precision_whatever_was_set_at_import(tmp_path: Path) -> None:
    careless = (
        "import torch\ntorch.set_float32_matmul_precision('medium')\ntorch.backends.cudnn.allow_tf32 = True\n"
        "def f(x):\n    exact = torch.get_float32_matmul_precision() == 'highest'\n"
        "    return x * exact * (not torch.backends.cudnn.allow_tf32)\n"
    )
    with Slot(BACKENDS[Isolation.NONE], LIMITS) as slot:
        running = runner(slot, tmp_path, careless)
        running.load()
        seen = running.ask(call(1.0))
        running.end()
    assert isinstance(seen, Returned)
    assert seen.value == torch.ones(1)
