# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Writing a setting, and why the kernel may refuse one of its values."""

from __future__ import annotations

import errno

from .._kernel import errors, sysctl_file
from . import sysctl

_READ_ONLY = (
    "This mount of /proc/sys is read-only, as in most containers: run on the host itself, or set runtime to false and "
    "let the next boot apply it."
)
_INVALID = {
    sysctl.JIT_ENABLE: "The kernel is built with CONFIG_BPF_JIT_ALWAYS_ON, which allows 1 only.",
    sysctl.JIT_LIMIT: "It is above the largest limit of this kernel, which the kernel does not tell.",
    sysctl.UNPRIVILEGED: "Kernels before Linux 5.13 know 0 and 1 only.",
}
_MISSING = {
    sysctl.NO_PROC_SYS: "There is no /proc/sys here: mount procfs, or set runtime to false for the next boot.",
    sysctl.OTHER_NAMESPACE: (
        "It is only in the initial network namespace, and this process runs in another one: run on the host itself, or "
        "set runtime to false and let the next boot apply it."
    ),
    sysctl.UNSUPPORTED: (
        "This kernel does not have it (CONFIG_BPF_SYSCALL, CONFIG_BPF_JIT, or an older kernel): set runtime to false "
        "to keep it for one that has."
    ),
}


class Unwritable(errors.KernelError):
    """A setting that cannot be given a value; ``hint`` tells the cause and the way out that belong to both."""

    def __init__(self, name: str, value: int, number: int, way_out: str = "") -> None:
        super().__init__(f"write {sysctl.path(name)}", number)
        self._way_out = way_out or explain(name, value, number)

    @property
    def hint(self) -> str:
        return self._way_out or super().hint


def write(name: str, value: int) -> None:
    """Give a setting a value; raises `Unwritable`."""
    try:
        sysctl_file.write(sysctl.path(name), value)
    except errors.KernelError as error:
        raise Unwritable(name, value, error.errno) from None


def refusal(name: str, value: int, found: sysctl.Value) -> Unwritable | None:
    """Return why a setting cannot be written by this process here, None where the kernel would have to be asked."""
    if found.elsewhere:
        return Unwritable(name, value, errno.ENOENT, _MISSING[sysctl.OTHER_NAMESPACE])
    if found.why in _MISSING:
        return Unwritable(name, value, errno.ENOENT, _MISSING[found.why])
    error = sysctl_file.refusal(sysctl.path(name))
    return None if error is None else Unwritable(name, value, error.errno)


def always_on() -> bool | None:
    """Return whether the kernel can run BPF by the JIT only, None where its configuration is not to be found."""
    from .._kernel import kconfig  # only who wants the JIT off needs it

    option = kconfig.option("CONFIG_BPF_JIT_ALWAYS_ON")
    return None if option is None else option == "y"


def explain(name: str, value: int, number: int) -> str:
    """Return the cause and the way out where the setting or the mount refuses, an empty string where a right may."""
    if number == errno.EROFS:
        return _READ_ONLY
    if number == errno.EINVAL:
        return _INVALID.get(name, "This kernel does not take that value.")
    if number == errno.EPERM and name == sysctl.JIT_ENABLE and value == 2:
        return "It makes the kernel log addresses, which needs CAP_SYSLOG and kernel.kptr_restrict below 2."
    return ""
