# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os
from collections import namedtuple

from .._kernel import errors, procfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

STATS = "kernel.bpf_stats_enabled"
KPTR = "kernel.kptr_restrict"
PARANOID = "kernel.perf_event_paranoid"
UNPRIVILEGED = "kernel.unprivileged_bpf_disabled"
JIT_ENABLE = "net.core.bpf_jit_enable"
JIT_HARDEN = "net.core.bpf_jit_harden"
JIT_KALLSYMS = "net.core.bpf_jit_kallsyms"
JIT_LIMIT = "net.core.bpf_jit_limit"

NAMES = (STATS, KPTR, PARANOID, UNPRIVILEGED, JIT_ENABLE, JIT_HARDEN, JIT_KALLSYMS, JIT_LIMIT)

# What the kernel has now: ``running`` is the integer of the file, ``effective`` what the kernel acts on,
# ``unavailable`` the reasons of the two where they are None.
Setting = namedtuple("Setting", "name running effective unavailable")

# What a file says: its number, or None and the reason. ``elsewhere`` tells that it is not in the network namespace of
# this process and was read in the initial one.
Value = namedtuple("Value", "number why elsewhere")

NOT_A_NUMBER = "not a number"
NO_PROC_SYS = "no /proc/sys"
OTHER_NAMESPACE = "network namespace not reachable"
UNSUPPORTED = "unsupported"

# Exists in the initial network namespace only, like the bpf_jit files, but on every kernel with a network.
_INITIAL_NAMESPACE_FILE = "/proc/sys/net/core/netdev_max_backlog"
_ALWAYS_THERE = "/proc/sys/kernel/ostype"


def path(name: str) -> str:
    """Return the file of a setting."""
    return "/proc/sys/" + name.replace(".", "/")


def read(names: Iterable[str] = NAMES) -> list[Setting]:
    """Return the running and effective value of each setting, in the order of the names; each file is opened once."""
    names = list(names)
    return settings(names, values(names))


def values(names: Iterable[str]) -> dict[str, Value]:
    """Return what the files of the settings say, and of what else tells whether they are effective."""
    # What kallsyms does can be told only with the hardening setting in view.
    found = {name: _value(name) for name in {*names, JIT_HARDEN}}
    missing = [name for name, value in found.items() if value.why == OTHER_NAMESPACE]
    if missing:
        found.update(_initial(missing))
    return found


def settings(names: Iterable[str], found: dict[str, Value]) -> list[Setting]:
    """Return the settings out of what their files say, in the order of the names."""
    return [_setting(name, found) for name in names]


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
    if os.path.exists(root + "/run/systemd/system"):
        return True
    # It did not boot this host, or this is an image. A host with another init may have systemd's programs all the same.
    init = root + "/sbin/init"
    if os.path.lexists(init):
        return os.path.basename(os.path.realpath(init)) == "systemd"
    return any(os.path.exists(root + path + "/systemd-sysctl") for path in ("/usr/lib/systemd", "/lib/systemd"))


def _value(name: str) -> Value:
    try:
        return _parse(procfs.read(path(name)))
    except errors.Vanished:
        return Value(None, _why_missing(name), False)
    except OSError as error:
        return Value(None, errors.reason(error), False)


def _parse(text: bytes, elsewhere: bool = False) -> Value:
    number = parse_number(text)
    return Value(number, NOT_A_NUMBER if number is None else None, elsewhere)


def _initial(names: list[str]) -> dict[str, Value]:
    """Return what the initial network namespace says about settings that this one does not have."""
    from .._kernel import netns  # brings ctypes along, and hardly any task runs in another namespace

    texts = netns.read_initial([path(name) for name in names])
    found = {name: texts[path(name)] for name in names}
    return {name: _parse(text, True) for name, text in found.items() if isinstance(text, bytes)}


def _why_missing(name: str) -> str:
    if not os.path.exists(_ALWAYS_THERE):
        return NO_PROC_SYS
    if name.startswith("net.") and not os.path.exists(_INITIAL_NAMESPACE_FILE):
        return OTHER_NAMESPACE
    return UNSUPPORTED


def _setting(name: str, found: dict[str, Value]) -> Setting:
    running, why, _elsewhere = found[name]
    effective, why_not = _effective(name, found)
    reasons = {"running": why, "effective": why_not}
    return Setting(name, running, effective, {key: text for key, text in reasons.items() if text is not None})


def _effective(name: str, found: dict[str, Value]) -> tuple[int | None, str | None]:
    running, why, _elsewhere = found[name]
    if name != JIT_KALLSYMS or running == 0:
        return running, why
    # The kernel shows no program in kallsyms while hardening is on, to root neither, though the file goes on saying 1.
    harden, why_harden, _elsewhere = found[JIT_HARDEN]
    if harden is None:
        return None, why_harden
    return (0, None) if harden else (running, why)
