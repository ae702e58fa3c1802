"""Takes from a process what could reach beyond it or outlast it: root's capabilities, and the system calls that make
kernel objects no folder shows, look into other processes, change their limits and priorities, or open sockets to more
than Unix and internet addresses (a virtual machine's vsock is in no network namespace).

Landlock and namespaces leave these open, in part. A call that is refused fails with EPERM.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

_CAPABILITIES_V3 = 0x20080522
_X32 = 0x40000000
_REFUSE, _ALLOW = 0x00050000 | errno.EPERM, 0x7FFF0000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Offsets in struct seccomp_data; of a little-endian argument the first half is the low one."""

_COLUMN = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Which of the numbers below, and what linux/audit.h calls the architecture."""

_REFUSED = {
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41), "mount": (165, 40),
    "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "mount_setattr": (442, 442), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
}  # fmt: skip

_OF_ITSELF = {
    "prlimit64": (302, 261, 0), "sched_setaffinity": (203, 122, 0), "sched_setattr": (314, 274, 0),
    "sched_setparam": (142, 118, 0), "sched_setscheduler": (144, 119, 0), "migrate_pages": (256, 238, 0),
    "move_pages": (279, 239, 0), "setpriority": (141, 140, 1), "ioprio_set": (251, 30, 1),
}  # fmt: skip
"""Allowed for the calling process alone; the last number says which argument names the process."""

_SOCKET = (41, 198)
_FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; where there is no network the sandbox refuses the rest of it."""

_WHOSE_LARGEST = {"setpriority": 1, "ioprio_set": 2}
"""Their first argument beyond this means every process of the user."""


Line = tuple[int, int, int, int]
"""Of a filter in the kernel's classic BPF: code, how far to jump if true and if false, operand."""


def give_them_up() -> None:
    """Give up every capability and refuse those system calls from now on; nothing where the system is not Linux."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.capset(struct.pack("<Ii", _CAPABILITIES_V3, 0), bytes(24)):
        raise OSError(ctypes.get_errno(), "capabilities can't be given up")
    if platform.machine() in _COLUMN:
        lines = [struct.pack("<HBBI", *line) for line in _program(*_COLUMN[platform.machine()])]
        code = ctypes.create_string_buffer(b"".join(lines))
        program = struct.pack("HP", len(lines), ctypes.addressof(code))
        if libc.prctl(PR_SET_SECCOMP, 2, program, 0, 0):
            raise OSError(ctypes.get_errno(), "system calls can't be refused")


def _program(column: int, architecture: int) -> list[Line]:
    lines: list[Line] = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE)]
    lines += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for numbers in _REFUSED.values():
        lines += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _REFUSE)]
    for name, (*both, argument) in _OF_ITSELF.items():
        tests = _one_of(argument, (0, os.getpid()))
        if name in _WHOSE_LARGEST:
            whose = [(_LOAD, 0, 0, _ARGUMENTS), (_AT_LEAST, 0, 1, _WHOSE_LARGEST[name] + 1), (_RETURN, 0, 0, _REFUSE)]
            tests = whose + tests
        lines += [(_EQUAL, 0, len(tests), both[column]), *tests]
    families = _one_of(0, _FAMILIES)
    lines += [(_EQUAL, 0, len(families), _SOCKET[column]), *families]
    return [*lines, (_RETURN, 0, 0, _ALLOW)]


def _one_of(argument: int, allowed: tuple[int, ...]) -> list[Line]:
    """Allow the call if that argument is one of these, else refuse it."""
    tests = [(_EQUAL, len(allowed) - i, 0, value) for i, value in enumerate(allowed)]
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *tests, (_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
