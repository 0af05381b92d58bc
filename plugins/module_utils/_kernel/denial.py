# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

# What procfs tells about the rights of this process; None where it does not tell. ``caps`` is the bit set of effective
# capabilities, ``seccomp`` 0, 1 or 2, ``lockdown`` the mode's name, ``lsms`` the active security modules, ``memlock``
# the soft limit in bytes (-1: unlimited).
Context = namedtuple("Context", "caps initial_userns unprivileged seccomp lockdown lsms memlock")

CAPABILITY_BITS = {
    "CAP_NET_ADMIN": 12,
    "CAP_SYS_PTRACE": 19,
    "CAP_SYS_ADMIN": 21,
    "CAP_SYS_RESOURCE": 24,
    "CAP_SYSLOG": 34,
    "CAP_PERFMON": 38,
    "CAP_BPF": 39,
}
# Linux 5.8 split these off; before, and as a fallback ever since, CAP_SYS_ADMIN stands for them.
_SPLIT_OFF = ("CAP_BPF", "CAP_PERFMON")

# For calls that begin with a text: what every such call needs, and what some types of object need on top. Reading by id
# stayed with CAP_SYS_ADMIN in the split of 5.8. The first row that fits counts.
_NEEDS = (
    ("BPF_MAP_GET_NEXT_KEY", (), ()),
    ("BPF_MAP_CREATE", ("CAP_BPF",), ("CAP_NET_ADMIN",)),
    ("BPF_PROG_LOAD", ("CAP_BPF",), ("CAP_NET_ADMIN", "CAP_PERFMON")),
    ("BPF_BTF_LOAD", ("CAP_BPF",), ()),
    ("BPF_TOKEN_CREATE", ("CAP_BPF",), ()),
    ("BPF_OBJ_GET_INFO_BY_FD", (), ()),
    # until about Linux 6.5, and only where kernel.unprivileged_bpf_disabled is set
    ("BPF_OBJ_GET", ("CAP_BPF",), ()),
    ("BPF_PROG_GET_", ("CAP_SYS_ADMIN",), ()),
    ("BPF_MAP_GET_", ("CAP_SYS_ADMIN",), ()),
    ("BPF_BTF_GET_", ("CAP_SYS_ADMIN",), ()),
    ("BPF_LINK_GET_", ("CAP_SYS_ADMIN",), ()),
    ("BPF_ENABLE_STATS", ("CAP_SYS_ADMIN",), ()),
    ("BPF_PROG_QUERY", ("CAP_NET_ADMIN",), ()),
    ("BPF_PROG_ATTACH", ("CAP_NET_ADMIN",), ()),
    ("BPF_PROG_DETACH", ("CAP_NET_ADMIN",), ()),
    ("BPF_LINK_", (), ("CAP_NET_ADMIN", "CAP_PERFMON")),
    ("BPF_TASK_FD_QUERY", ("CAP_PERFMON",), ()),
    ("BPF_RAW_TRACEPOINT_OPEN", ("CAP_PERFMON",), ()),
    ("perf_event_open", ("CAP_PERFMON",), ()),
    ("setns", ("CAP_SYS_ADMIN",), ()),
    ("mount", ("CAP_SYS_ADMIN",), ()),
    ("prlimit", ("CAP_SYS_RESOURCE",), ()),
    # where kernel.dmesg_restrict is set
    ("/dev/kmsg", ("CAP_SYSLOG",), ()),
    ("/proc/sys/", ("CAP_SYS_ADMIN",), ()),
    ("/proc/", ("CAP_SYS_PTRACE",), ()),
)

_MAP_WRITES = ("BPF_MAP_UPDATE", "BPF_MAP_DELETE", "BPF_MAP_LOOKUP_AND_DELETE", "BPF_MAP_FREEZE")
_MAP_READS = ("BPF_MAP_LOOKUP", "BPF_MAP_GET_NEXT_KEY")
# The kernel has no errno of its own for a path that is not on a bpffs: pinning there is EPERM, opening EACCES.
_PINS = {
    "BPF_OBJ_GET": {
        errno.EACCES: "The permissions of the pin or of a directory above it refuse this user: run with become or "
        "change them. A file that is not on a BPF file system is refused in the same way.",
    },
    "BPF_OBJ_PIN": {
        errno.EPERM: "The path is not on a BPF file system, or a name in it has a dot, which such a file system keeps "
        "for itself: choose another path, or mount one (mount -t bpf) there.",
        errno.EACCES: "The permissions of the directory refuse this user: run with become or change them.",
    },
}
_CREATES = ("BPF_MAP_CREATE", "BPF_PROG_LOAD", "BPF_BTF_LOAD")
_LOCKED_DOWN = ("BPF_PROG_LOAD", "BPF_RAW_TRACEPOINT_OPEN", "BPF_LINK_CREATE", "perf_event_open")
_CHARGED = ("BPF_MAP_CREATE", "BPF_PROG_LOAD")
_UNLIMITED = -1


def hint(call: str, errno_number: int, context: Context | None = None) -> str:
    """Return one sentence with the most likely cause of a refused call and the way out, or an empty string.

    A second one names what only some types of object need: the call does not tell of which type it was.
    ``call`` is a bpf(2) command's name, the name of another call, or ``open <path>``. ``context`` is read from procfs
    unless it is given.
    """
    if errno_number == errno.ENOSYS and call.lower().startswith("bpf"):
        return "This kernel has no bpf(2) (CONFIG_BPF_SYSCALL), or a seccomp filter hides it from this process."
    if errno_number not in (errno.EPERM, errno.EACCES):
        return ""
    sentence = _of_object(call, errno_number)
    if sentence:
        return sentence
    context = read_context() if context is None else context
    for cause in (_userns, _capabilities, _seccomp, _lockdown, _memlock, _lsm):
        sentence = cause(call, errno_number, context)
        if sentence:
            break
    return " ".join(filter(None, (sentence, _some_types(call, context)))) or (
        "No cause is visible to this process: the kernel's log or the audit log may name a security module."
    )


def read_context(read: Callable[[str], str | None] | None = None) -> Context:
    """Return the rights of this process; ``read`` returns the text of a file or None and is replaced in tests."""
    read = read or _text
    status = read("/proc/self/status")
    uid_map = read("/proc/self/uid_map")
    lsms = read("/sys/kernel/security/lsm")
    return Context(
        _field(status, "CapEff:", 16),
        None if uid_map is None else uid_map.split() == ["0", "0", "4294967295"],
        _field(read("/proc/sys/kernel/unprivileged_bpf_disabled"), "", 10),
        _field(status, "Seccomp:", 10),
        parse_lockdown(read("/sys/kernel/security/lockdown")),
        None if lsms is None else lsms.strip().split(","),
        _memlock_limit(read("/proc/self/limits")),
    )


def parse_lockdown(text: str | None) -> str | None:
    """Return the mode in brackets; None without the file, which proves nothing (securityfs may not be mounted)."""
    if text is None or "[" not in text:
        return None
    return text.partition("[")[2].partition("]")[0]


def missing_capabilities(call: str, caps: int) -> list[str]:
    """Return the names of the capabilities that every such call needs and a bit set lacks."""
    return _without(_needs(call)[0], caps)


def _needs(call: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    for start, needed, for_types in _NEEDS:
        if call.startswith(start) or (start.startswith("/") and start in call):
            return needed, for_types
    return (), ()


def _of_object(call: str, number: int) -> str:
    """Return the hint where the object itself refuses and no right of the process helps."""
    if call.startswith(_MAP_WRITES):
        return "The map is frozen or read-only, or its descriptor or pin was opened read-only."
    if call.startswith(_MAP_READS):
        return "The map, or the descriptor or pin it was opened by, is write-only."
    if call in _PINS:
        return _PINS[call].get(number, "")
    if number != errno.EACCES:
        return ""
    if call.startswith("BPF_PROG_LOAD"):
        return "The verifier refused the program (its log says why), or SELinux denies this domain to load any."
    if "/proc/sys/" in call or ("/" in call and "/proc/" not in call):
        return "Only its owner, usually root, may open this file: run with become."
    return ""


def _userns(call: str, number: int, context: Context) -> str:
    if context.initial_userns is not False:
        return ""
    return (
        "This process runs in a user namespace (a rootless container?) whose capabilities do not count here: run on "
        "the host itself, or for BPF with a token."
    )


def _capabilities(call: str, number: int, context: Context) -> str:
    missing = [] if context.caps is None else missing_capabilities(call, context.caps)
    if not missing:
        return ""
    old = " (before Linux 5.8: CAP_SYS_ADMIN)" if any(name in _SPLIT_OFF for name in missing) else ""
    shut = ""
    if context.unprivileged and call.startswith(_CREATES):
        shut = f", and kernel.unprivileged_bpf_disabled={context.unprivileged} shuts out users without it"
    filtered = "; a seccomp filter is on too" if context.seccomp == 2 else ""
    names = " and ".join(missing)
    return f"The process lacks {names}{old}{shut}: {_way(context)}{filtered}."


def _some_types(call: str, context: Context) -> str:
    needed, for_types = _needs(call)
    if context.caps is None or _without(needed, context.caps):
        return ""
    some = "Some"
    if _has(context.caps, "CAP_SYS_ADMIN"):
        # It loads programs of all types; for maps and links it stands for CAP_NET_ADMIN since there are tokens.
        for_types = () if call == "BPF_PROG_LOAD" else for_types
        some = "Before Linux 6.9 some"
    names = " and ".join(_without(for_types, context.caps))
    return f"{some} types also need {names}: {_way(context)}." if names else ""


def _way(context: Context) -> str:
    return "add it to the container or service this runs in" if context.caps else "run with become"


def _seccomp(call: str, number: int, context: Context) -> str:
    if context.seccomp != 2:
        return ""
    return (
        "A seccomp filter is on, and the default profiles of container runtimes refuse such calls: allow them in the "
        "profile or run on the host."
    )


def _lockdown(call: str, number: int, context: Context) -> str:
    locked = call.startswith(_LOCKED_DOWN) or "/sys/kernel/" in call
    if not locked or context.lockdown in (None, "none"):
        return ""
    return (
        f"The kernel is locked down (mode {context.lockdown}), which forbids to read or change its memory by tracing: "
        "only a boot without lockdown, which Secure Boot may bring along, allows it."
    )


def _memlock(call: str, number: int, context: Context) -> str:
    charged = number == errno.EPERM and call.startswith(_CHARGED)
    if not charged or context.memlock in (None, _UNLIMITED):
        return ""
    return (
        "If this kernel charges BPF to RLIMIT_MEMLOCK (before Linux 5.11), the "
        f"{context.memlock} bytes of this user may be used up: raise the limit."
    )


def _lsm(call: str, number: int, context: Context) -> str:
    if not context.lsms:
        return ""
    if "selinux" in context.lsms:
        return "SELinux may deny it: look for avc denials of class bpf in the audit log."
    active = ", ".join(context.lsms)
    return f"A security module may deny it: active are {active}."


def _without(names: tuple[str, ...], caps: int) -> list[str]:
    admin = _has(caps, "CAP_SYS_ADMIN")
    return [name for name in names if not _has(caps, name) and not (admin and name in _SPLIT_OFF)]


def _has(caps: int, name: str) -> bool:
    return bool(caps >> CAPABILITY_BITS[name] & 1)


def _field(text: str | None, start: str, base: int) -> int | None:
    for line in (text or "").splitlines():
        if line.startswith(start):
            return int(line[len(start) :].strip(), base)
    return None


def _memlock_limit(text: str | None) -> int | None:
    for line in (text or "").splitlines():
        if line.startswith("Max locked memory"):
            soft = line.split()[3]
            return _UNLIMITED if soft == "unlimited" else int(soft)
    return None


def _text(path: str) -> str | None:
    # Not by the procfs door: that raises our errors, and these ask here for their hint.
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as handle:
            return handle.read()
    except OSError:
        return None
