# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from .._objects import sysctl, sysctl_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable


def records(
    settings: Iterable[sysctl.Setting], merged: dict[str, sysctl_files.Merged], systemd: bool
) -> list[dict[str, Any]]:
    """Return the settings as records, sorted by name; ``systemd`` tells whose merge counts at boot of this host."""
    return sorted((record(setting, merged[setting.name], systemd) for setting in settings), key=_by_name)


def record(setting: sysctl.Setting, merged: sysctl_files.Merged, systemd: bool) -> dict[str, Any]:
    """Return one setting as a record.

    ``persistent`` is what a boot would set (None: nothing, or unknown with a reason), ``sources`` every line that
    assigns to it, ``conflicts`` the files that assign another value than the one that counts.
    """
    by_systemd, why_systemd = _persistent(merged.systemd, merged.doubt_systemd)
    by_procps, why_procps = _persistent(merged.procps, merged.doubt_procps)
    persistent, why = (by_systemd, why_systemd) if systemd else (by_procps, why_procps)
    reasons = {
        "persistent": why,
        "persistent_systemd": why_systemd,
        "persistent_procps": why_procps,
        "reboot_required": why or setting.unavailable.get("running"),
    }
    unavailable = dict(setting.unavailable)
    unavailable.update({key: text for key, text in reasons.items() if text is not None})
    reboot = None if "reboot_required" in unavailable else needs_reboot(setting.name, setting.running, persistent)
    result = {
        "name": setting.name,
        "running": setting.running,
        "effective": setting.effective,
        "persistent": persistent,
        "persistent_systemd": by_systemd,
        "persistent_procps": by_procps,
        "sources": [_source(line, merged) for line in merged.lines],
        "conflicts": _conflicts(merged, merged.systemd if systemd else merged.procps),
        "reboot_required": reboot,
    }
    if unavailable:
        result["unavailable"] = unavailable
    return result


def needs_reboot(name: str, running: int | None, persistent: int | None) -> bool:
    """Return whether only a reboot can bring the running value to the persistent one."""
    return bool(is_locked(name, running)) and persistent is not None and persistent != 1


def is_locked(name: str, running: int | None) -> bool | None:
    """Return whether the kernel takes no other value until it is booted again, None where that cannot be told."""
    if name != sysctl.UNPRIVILEGED:
        return False
    # 1 is a latch
    return None if running is None else running == 1


def _persistent(line: sysctl_files.Line | None, doubt: int) -> tuple[int | None, str | None]:
    if doubt:
        return None, errors.errno_name(doubt)
    if line is None:
        return None, None
    value = sysctl.parse_number(line.value)
    return value, sysctl.NOT_A_NUMBER if value is None else None


def _source(line: sysctl_files.Line, merged: sysctl_files.Merged) -> dict[str, Any]:
    return {
        "file": line.file,
        "line": line.number,
        "value": value_of(line),
        "active_systemd": line == merged.systemd,
        "active_procps": line == merged.procps,
    }


def _conflicts(merged: sysctl_files.Merged, active: sysctl_files.Line | None) -> list[str]:
    lines = [line for line in merged.lines if active is None or value_of(line) != value_of(active)]
    # A line that names the setting decides wherever a glob stands.
    named = active is not None and not sysctl_files.is_glob(active.key)
    return sorted({line.file for line in lines if not (named and sysctl_files.is_glob(line.key))})


def value_of(line: sysctl_files.Line) -> int | str:
    """Return the number that the kernel would take, else the text as it stands in the file."""
    value = sysctl.parse_number(line.value)
    return line.value if value is None else value


def _by_name(one: dict[str, Any]) -> str:
    name: str = one["name"]
    return name
