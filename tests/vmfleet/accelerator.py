# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hardware help (KVM) where a guest really boots with it, emulation (TCG) everywhere else."""

from __future__ import annotations

import fcntl
import os
import pathlib
import re
import subprocess

from . import commands, places, qemu, recipe
from .errors import FleetError

KVM_CREATE_VM = 0xAE01
PROBE_SECONDS = 20
# Patience for a boot. Emulated it takes 20 to 50 s, and took 290 s on two cores with a load of 16.
BOOT_SECONDS = {"kvm": 120, "tcg": 900}


def objection(cpuinfo: str, device: pathlib.Path = pathlib.Path("/dev/kvm")) -> str:
    """Why KVM cannot work, told without booting anything, or nothing."""
    # a KVM without them needs kernels that are made for it, and a distribution's is not
    if not re.search(r"^flags\s*:.*\b(vmx|svm)\b", cpuinfo, re.MULTILINE):
        return "the processor shows neither vmx nor svm"
    try:
        with device.open("r+b", buffering=0) as kvm:
            os.close(fcntl.ioctl(kvm, KVM_CREATE_VM, 0))
    except OSError as error:
        return f"{device} does not make a machine: {error.strerror}"
    return ""


def boots(accelerator: str, image: pathlib.Path, seconds: float = PROBE_SECONDS) -> bool:
    """Whether the kernel of an image comes up to its first process with this accelerator."""
    words = ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", "256", "-serial", "stdio"]
    words += ["-machine", "q35", "-accel", qemu.ACCELERATORS[accelerator], "-cpu", qemu.CPUS[accelerator]]
    words += ["-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initrd")]
    words += ["-append", f"console=ttyS0 quiet panic=-1 {recipe.PROBE_ARGUMENT}"]
    child = commands.start([qemu.PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return recipe.PROBE_ANSWER.encode() in child.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        return False
    finally:
        child.kill()
        child.communicate()


def why_not_kvm(image: pathlib.Path, cache: pathlib.Path) -> str:
    """Nothing where KVM works. The answer of a boot is remembered until this machine or its qemu changes."""
    why = objection(pathlib.Path("/proc/cpuinfo").read_text(errors="replace"))
    if why:
        return why
    boot_id = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text()
    answer = cache / "kvm" / places.digest([boot_id, qemu.version(), qemu.CPUS["kvm"]])
    with places.locked(cache / "kvm.lock", "the probe of KVM"):
        if not answer.exists():
            places.put(answer, "" if boots("kvm", image) else f"a guest did not boot with it in {PROBE_SECONDS} s")
        return answer.read_text()


def choose(wanted: str, image: pathlib.Path, cache: pathlib.Path) -> tuple[str, str]:
    """(accelerator, why)."""
    commands.require(commands.TO_RUN)
    if wanted == "tcg":
        return "tcg", "as asked for"
    why = why_not_kvm(image, cache)
    if not why:
        return "kvm", "a guest boots with it"
    if wanted == "kvm":
        raise FleetError(f"KVM does not work here: {why}; take --accelerator tcg")
    return "tcg", f"no KVM: {why}"
