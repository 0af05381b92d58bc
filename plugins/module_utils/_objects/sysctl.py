# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os
from collections import namedtuple

from .._kernel import procfs
from .._kernel.errors import Vanished, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

UNPRIVILEGED = "kernel.unprivileged_bpf_disabled"
JIT_HARDEN = "net.core.bpf_jit_harden"
JIT_KALLSYMS = "net.core.bpf_jit_kallsyms"

NAMES = (
    "kernel.bpf_stats_enabled",
    "kernel.kptr_restrict",
    "kernel.perf_event_paranoid",
    UNPRIVILEGED,
    "net.core.bpf_jit_enable",
    JIT_HARDEN,
    JIT_KALLSYMS,
    "net.core.bpf_jit_limit",
)

# What the kernel has now: ``running`` is the integer of the file, ``effective`` what the kernel acts on,
# ``unavailable`` the reasons of the two where they are None.
Setting = namedtuple("Setting", "name running effective unavailable")

NOT_A_NUMBER = "not a number"
NO_PROC_SYS = "no /proc/sys"
OTHER_NAMESPACE = "network namespace not reachable"
UNSUPPORTED = "unsupported"

# Exists in the initial network namespace only, like the bpf_jit files, but on every kernel with a network.
_INITIAL_NAMESPACE_FILE = "/proc/sys/net/core/netdev_max_backlog"
_ALWAYS_THERE = "/proc/sys/kernel/ostype"


def read(names: Iterable[str] = NAMES) -> list[Setting]:
    """Return the running and effective value of each setting, in the order of the names; each file is opened once."""
    names = list(names)
    # What kallsyms does can be told only with the hardening setting in view.
    values = {name: _running(name) for name in {*names, JIT_HARDEN}}
    return [_setting(name, values) for name in names]


def parse_number(text: bytes | str) -> int | None:
    """Return the integer that the kernel would take from a text written to one of the files, None where it refuses.

    The kernel reads one number in C notation (0x and leading 0 count) and does not look behind the blank that ends it.
    """
    text = text if isinstance(text, str) else text.decode("ascii", "replace")
    words = text.split()
    if not words:
        return None
    digits = words[0][1:] if words[0].startswith("-") else words[0]
    if not digits.isalnum() or not digits.isascii():
        return None
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") else 10
    try:
        value = int(digits, base)
    except ValueError:
        return None
    return -value if words[0].startswith("-") else value


def is_systemd(root: str = "") -> bool:
    """Return whether systemd-sysctl is what applies the persistent settings at boot of this host."""
    paths = ("/run/systemd/system", "/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl")
    return any(os.path.exists(root + path) for path in paths)


def _running(name: str) -> tuple[int | None, str | None]:
    """Return (value, None) or (None, reason)."""
    try:
        value = parse_number(procfs.read("/proc/sys/" + name.replace(".", "/")))
    except Vanished:
        return None, _why_missing(name)
    except OSError as error:
        return None, reason(error)
    return (None, NOT_A_NUMBER) if value is None else (value, None)


def _why_missing(name: str) -> str:
    if not os.path.exists(_ALWAYS_THERE):
        return NO_PROC_SYS
    if name.startswith("net.") and not os.path.exists(_INITIAL_NAMESPACE_FILE):
        return OTHER_NAMESPACE
    return UNSUPPORTED


def _setting(name: str, values: dict[str, tuple[int | None, str | None]]) -> Setting:
    running, why = values[name]
    effective, why_not = _effective(name, values)
    reasons = {"running": why, "effective": why_not}
    return Setting(name, running, effective, {key: text for key, text in reasons.items() if text is not None})


def _effective(name: str, values: dict[str, tuple[int | None, str | None]]) -> tuple[int | None, str | None]:
    running, why = values[name]
    if name != JIT_KALLSYMS or running == 0:
        return running, why
    # The kernel shows no program in kallsyms while hardening is on, to root neither, though the file goes on saying 1.
    harden, why_harden = values[JIT_HARDEN]
    if harden is None:
        return None, why_harden
    return (0, None) if harden else (running, why)
