# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges the system calls of a process and its children, as strace wrote them down: did it do anything but read?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi.commands import COMMAND_NAMES

#: The only commands of bpf(2) that a read may use: they look, and what they open is closed again.
READ_COMMANDS = frozenset(
    {
        "BPF_MAP_LOOKUP_ELEM",
        "BPF_MAP_GET_NEXT_KEY",
        "BPF_MAP_LOOKUP_BATCH",
        "BPF_OBJ_GET",
        "BPF_PROG_GET_NEXT_ID",
        "BPF_MAP_GET_NEXT_ID",
        "BPF_LINK_GET_NEXT_ID",
        "BPF_BTF_GET_NEXT_ID",
        "BPF_PROG_GET_FD_BY_ID",
        "BPF_MAP_GET_FD_BY_ID",
        "BPF_LINK_GET_FD_BY_ID",
        "BPF_BTF_GET_FD_BY_ID",
        "BPF_OBJ_GET_INFO_BY_FD",
        "BPF_PROG_QUERY",
        "BPF_TASK_FD_QUERY",
    }
)
_OPENS = ("open", "openat", "openat2")
#: Calls that change files, limits, mounts, kernel state or other processes. None of them is ever part of a read.
_CHANGES = (
    "creat", "truncate", "ftruncate", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat",
    "rmdir", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "fchmodat2",
    "chown", "fchown", "lchown", "fchownat", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr",
    "removexattr", "lremovexattr", "fremovexattr", "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount",
    "fsconfig", "mount_setattr", "pivot_root", "chroot", "swapon", "swapoff", "reboot", "sethostname", "setdomainname",
    "settimeofday", "clock_settime", "init_module", "finit_module", "delete_module", "kexec_load", "perf_event_open",
    "ptrace", "process_vm_writev", "kill", "tkill", "tgkill", "pidfd_send_signal", "quotactl", "syslog",
)  # fmt: skip
_LIMITS = ("prlimit64", "setrlimit")
_PROGRAMS = ("execve", "execveat")
# "?" keeps strace from failing where an architecture or strace itself does not know a name
_TRACED = ",".join("?" + name for name in ("bpf", *_OPENS, *_CHANGES, *_LIMITS, *_PROGRAMS))
_WRITES = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")
_PATHS = re.compile(r'"((?:[^"\\]|\\.)*)"')


def command(strace: str, folder: Path) -> tuple[str, ...]:
    """Return the words to put before a command, so that its calls are written to files in a folder, one a process."""
    # -y shows what a descriptor stands for: so the answer of OBJ_GET tells whether it opened a map
    return (
        strace,
        "-ff",
        "-y",
        "-s",
        "4096",
        "-e",
        "signal=none",
        "-e",
        "trace=" + _TRACED,
        "-o",
        str(folder / "calls"),
    )


def works(strace: str, folder: Path) -> bool:
    """Return whether processes may be traced here at all."""
    done = subprocess.run([*command(strace, folder), "true"], capture_output=True, check=False)
    return done.returncode == 0


def read(folder: Path) -> list[str]:
    """Return all lines of all processes, one process after the other."""
    files = sorted(folder.glob("calls.*"))
    return [line for path in files for line in path.read_text(errors="backslashreplace").splitlines()]


def violations(lines: list[str], allowed: Path) -> list[str]:
    """Return the calls that were more than a read; files may be written below ``allowed`` alone."""
    found = [line for line in lines if _name(line) not in _PROGRAMS and _is_violation(line, allowed)]
    # the first program is the one that is traced; a read module starts no other
    return found + [line for line in lines if _name(line) in _PROGRAMS][1:]


def _name(line: str) -> str:
    return line.partition("(")[0]


def _is_violation(line: str, allowed: Path) -> bool:
    name = _name(line)
    if name == "bpf":
        return not _bpf_reads(line)
    if name in _OPENS:
        return bool(_WRITES.search(_PATHS.sub("", line))) and not _below(line, allowed)
    if name in _LIMITS:
        return not re.search(r", NULL, |, 0, ", line)
    return name in _CHANGES and not _below(line, allowed)


def _bpf_reads(line: str) -> bool:
    """Return whether a bpf(2) call only looks; a map has to be opened read-only besides."""
    if bpf_command(line) not in READ_COMMANDS:
        return False
    opened_a_map = re.search(r"\) = \d+<anon_inode:bpf-map>$", line)
    return not opened_a_map or "BPF_F_RDONLY" in line


def bpf_command(line: str) -> str:
    """Return the command of a bpf(2) call; a strace that is older than the command prints its number."""
    word = re.match(r"bpf\((\w+)", line).group(1)
    return word if word.startswith("BPF_") else COMMAND_NAMES.get(int(word, 0), word)


def _below(line: str, allowed: Path) -> bool:
    """Return whether every path of a call lies in a folder; no path (a descriptor alone) does not."""
    paths = _PATHS.findall(line)
    return bool(paths) and all(path.startswith(str(allowed) + "/") and "/../" not in path for path in paths)
