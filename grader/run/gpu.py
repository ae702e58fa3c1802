"""What of this machine a process needs for its GPU: device nodes, the driver's libraries and facts, and which it is.

All of it is read from the file system: no CUDA is initialised here, nor anything that would do so imported.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

NVIDIA = "0x10de"
"""The vendor's number on the PCI bus."""

CONTROL = ("nvidiactl", "nvidia-uvm", "dxg")
"""Nodes in /dev that every GPU needs; the last is all that there is under Windows."""

DRIVER_FOLDERS = ("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/wsl/lib", "/run/opengl-driver/lib")
"""Where containers, Windows and NixOS put the driver's libraries; the loader looks there only if told."""

FACTS = (
    "/sys/module/nvidia", "/sys/module/nvidia_uvm", "/sys/bus/pci/devices", "/sys/devices/system/node",
    "/sys/devices/system/memory/block_size_bytes", "/etc/nvidia",
)  # fmt: skip

VISIBLE, ORDER, LIBRARIES = "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "LD_LIBRARY_PATH"
UNTOUCHED = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
"""Whether there is a GPU is then asked in a way that leaves a process fit to be forked."""


@dataclass(frozen=True, slots=True)
class Gpus:
    """What a sandbox shows of the GPUs, and the variables that its processes find."""

    devices: tuple[str, ...] = ()
    """Nodes that are opened for reading and writing, and controlled by ioctl."""

    readable: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """One GPU as the driver tells of it."""

    bus: str
    model: str
    minor: int
    """Number of its node."""

    uuid: str
    """`GPU-…`; with question marks as long as nobody has used the GPU."""


def gpus_here(environment: Mapping[str, str], root: Path = Path("/")) -> Gpus:
    """What the first GPU that CUDA_VISIBLE_DEVICES allows needs; the nodes of all where it can't be told which that is.

    `root` is where the system's files lie.
    """
    name = environment.get(VISIBLE, "0").partition(",")[0].strip()
    chosen = _chosen(_cards(root), name, environment)
    folders = [*_libraries(environment, root)]
    readable = [str(root / path.lstrip("/")) for path in FACTS]
    readable += [*_on_the_bus(root), *(place for folder in folders for place in _with_targets(folder))]
    variables = {VISIBLE: name if chosen is None else "".join(card.uuid for card in chosen), **UNTOUCHED}
    if ORDER in environment:
        variables[ORDER] = environment[ORDER]
    if folders:
        variables[LIBRARIES] = os.pathsep.join(map(str, folders))
    shown = (path for path in dict.fromkeys(readable) if Path(path).exists())
    return Gpus(tuple(_nodes(root, chosen)), tuple(shown), variables)


def may_be_used(root: Path = Path("/"), version: Path | None = None) -> bool:
    """Whether there is a GPU and a PyTorch that was built for it, as far as files tell: PyTorch isn't imported.

    `version` is the file in which PyTorch says what it was built for; that of the installed one where None.
    """
    if not any((root / "dev" / name).exists() for name in ("nvidiactl", "dxg")):
        return False
    spec = importlib.util.find_spec("torch") if version is None else None  # finds a package without importing it
    path = Path(spec.origin).with_name("version.py") if spec is not None and spec.origin else version
    return path is not None and re.search(r"^cuda\b[^=\n]*= *['\"]", _text(path), re.MULTILINE) is not None


def unreachable(isolation: str, trouble: str) -> str:
    """What to say where processes in the sandbox can't use the GPU, and what to do about that."""
    told = trouble.partition("\n")[0].rstrip(".")
    uvm = "" if Path("/dev/nvidia-uvm").exists() or not Path("/dev/nvidiactl").exists() else (
        " /dev/nvidia-uvm is not there: any CUDA program outside the sandbox makes it, or `nvidia-modprobe -u -c 0`."
    )  # fmt: skip
    return (
        f"The GPU can't be used inside the sandbox (isolation {isolation}): {told}.{uvm} Try another --isolation "
        "(bubblewrap, or none for code that you would run yourself), or grade with --device cpu."
    )


def _cards(root: Path) -> list[Card]:
    """In the order of the bus."""
    found = (_card(path) for path in sorted(root.glob("proc/driver/nvidia/gpus/*/information")))
    return [card for card in found if card is not None]


def _card(path: Path) -> Card | None:
    facts = dict(re.findall(r"^([\w ]+?):\s*(.*?)\s*$", _text(path), re.MULTILINE))
    minor = facts.get("Device Minor", "")
    if not minor.isdigit():
        return None
    return Card(path.parent.name, facts.get("Model", ""), int(minor), facts.get("GPU UUID", "?"))


def _chosen(cards: list[Card], name: str, environment: Mapping[str, str]) -> list[Card] | None:
    """The GPU of that name, or none if there is no such GPU; None where what is known doesn't tell which one it is.

    Numbers follow the bus only if that is asked for, or if all GPUs are of one model; CUDA puts the fastest first.
    """
    by_number = environment.get(ORDER) == "PCI_BUS_ID" or len({card.model for card in cards}) == 1
    if not cards or any("?" in card.uuid for card in cards) or name.startswith("MIG-"):
        return None
    if name.isdigit():
        return [card for k, card in enumerate(cards) if name == str(k)] if by_number else None
    found = [card for card in cards if name.startswith("GPU-") and card.uuid.startswith(name)]
    return found if len(found) == 1 else []


def _nodes(root: Path, chosen: Iterable[Card] | None) -> Iterator[str]:
    """Control nodes, those of the chosen cards, and what gives access to their parts where they are divided (MIG)."""
    folder = root / "dev"
    names = [*CONTROL]
    if chosen is None:
        names += sorted(path.name for path in folder.glob("nvidia[0-9]*") if path.name[6:].isdigit())
    else:
        names += [f"nvidia{card.minor}" for card in chosen]
    minors = [-1] if chosen is None else [card.minor for card in chosen]
    names += [f"nvidia-caps/nvidia-cap{number}" for minor in minors for number in _access(root, minor)]
    yield from (str(folder / name) for name in names if (folder / name).exists())


def _access(root: Path, minor: int) -> Iterator[int]:
    """Numbers of the nodes that open parts of a GPU, or of all; never those that divide it."""
    gpu = "gpu*" if minor < 0 else f"gpu{minor}"
    for path in sorted(root.glob(f"proc/driver/nvidia/capabilities/{gpu}/mig/**/access")):
        number = re.search(r"DeviceFileMinor:\s*(\d+)", _text(path))
        if number is not None:
            yield int(number[1])


def _on_the_bus(root: Path) -> list[str]:
    """The folders in /sys/devices of NVIDIA's devices, which those of the bus are links to."""
    vendors = sorted(root.glob("sys/bus/pci/devices/*/vendor"))
    return [os.path.realpath(path.parent) for path in vendors if _text(path).strip() == NVIDIA]


def _libraries(environment: Mapping[str, str], root: Path) -> Iterator[Path]:
    """Folders to search for CUDA's and the driver's libraries, beside those that the loader knows."""
    told = [Path(entry) for entry in environment.get(LIBRARIES, "").split(os.pathsep) if entry.startswith("/")]
    known = [root / folder.lstrip("/") for folder in DRIVER_FOLDERS]
    for folder in dict.fromkeys([*told, *known]):
        wanted = ("libcu*.so*", "libnv*.so*") if folder in told else ("libcuda.so.1",)
        if any(next(folder.glob(pattern), None) is not None for pattern in wanted):
            yield folder


def _with_targets(folder: Path) -> list[str]:
    """A folder, and where it and the driver's library in it really lie."""
    targets = [os.path.realpath(folder), *(str(path.resolve().parent) for path in folder.glob("libcuda.so.1"))]
    return [str(folder), *targets]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
