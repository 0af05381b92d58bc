# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the files of an image: userland, kernel, initial file system, disk."""

from __future__ import annotations

import lzma
import pathlib
import re
import shlex
import shutil
import subprocess

from . import commands, places, recipe, sources
from .archive import Kernel, Suite
from .errors import FleetError


def userland(suite: str, packages: list[str], mirror: str, root: pathlib.Path, lock: int) -> None:
    """Unpack and set up the packages of a suite in ``root``, with mmdebstrap in a mount namespace of its own."""
    words = ["--quiet", "--variant=minbase", "--mode=root", f"--include={','.join(packages)}"]
    words += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in recipe.EXCLUDED]
    words += [f'--aptopt={name} "{value}"' for name, value in sources.apt_settings()]
    for path in sources.credentials():
        # named so that the second of two with one name does not replace the first
        target = f'"$1"/etc/apt/auth.conf.d/{path.parent.name}-{path.stem}.conf'
        words.append(f"--setup-hook=install -D -m 600 {shlex.quote(str(path))} {target}")
    try:
        commands.output("mmdebstrap", *words, suite, root, mirror, env=environment(root.parent), keep=[lock])
    except FleetError as error:
        raise FleetError(f"cannot build the userland {suite} with {', '.join(packages)}: {error}") from None


def environment(folder: pathlib.Path) -> dict[str, str]:
    """Programs of the host and of the guest, no locale that the guest lacks, nothing left in /tmp."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TMPDIR": str(folder), "HOME": "/root"}


def in_guest(root: pathlib.Path, *command: str) -> str:
    return commands.output("chroot", root, *command, env=environment(pathlib.Path("/tmp")))


def configure(root: pathlib.Path, keys: pathlib.Path) -> None:
    for pattern in recipe.REMOVED:
        for path in root.glob(pattern):
            path.unlink()
    for name, (text, mode) in recipe.FILES.items():
        places.put(root / name, text, mode)
    places.put(root / "etc/ssh/ssh_host_ed25519_key", (keys / "host").read_text(), 0o600)
    places.put(root / "etc/ssh/ssh_host_ed25519_key.pub", (keys / "host.pub").read_text())
    in_guest(root, "useradd", "--create-home", "--shell", "/bin/bash", "ops")
    for home in ("root", "home/ops"):
        places.put(root / home / ".ssh/authorized_keys", (keys / "login.pub").read_text(), 0o600)
        (root / home / ".ssh").chmod(0o700)
    in_guest(root, "chown", "-R", "ops:ops", "/home/ops")
    in_guest(root, "systemctl", "enable", recipe.NETWORK_NAME)
    for folder, names in (("system", recipe.MASKED_UNITS), ("system-generators", recipe.REFUSED_GENERATORS)):
        for name in names:
            path = root / "etc/systemd" / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.symlink_to("/dev/null")


def install_kernel(suite: Suite, kernel: Kernel, root: pathlib.Path, image: pathlib.Path) -> None:
    """Put modules and config of the kernel into the guest, and the kernel beside the disk; dpkg does not know of it."""
    unpacked = image / "kernel"
    suite.unpack(kernel, unpacked)
    modules = first(unpacked / "lib/modules" / kernel.release, unpacked / "usr/lib/modules" / kernel.release)
    # from 6.19 on both lie beside the modules
    shutil.copy(first(unpacked / f"boot/vmlinuz-{kernel.release}", modules / "vmlinuz"), image / "vmlinuz")
    config = first(unpacked / f"boot/config-{kernel.release}", modules / "config")
    places.put(root / f"boot/config-{kernel.release}", config.read_text())
    target = root / "lib/modules" / kernel.release
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(modules, target)
    in_guest(root, "depmod", kernel.release)
    initrd(target, image)
    shutil.rmtree(unpacked)


def first(*paths: pathlib.Path) -> pathlib.Path:
    for path in paths:
        if path.exists():
            return path
    raise FleetError(f"the kernel's package has none of {', '.join(map(str, paths))}: this tool must learn its layout")


def module_name(path: str) -> str:
    return re.sub(r"\.ko(\.\w+)?$", "", path.rpartition("/")[2]).replace("-", "_")


def loading_order(dependencies: str, wanted: list[str]) -> list[str]:
    """Paths of modules, each behind what it needs, from the text of modules.dep; what is built in is not there."""
    needs = {}
    for line in dependencies.splitlines():
        path, _colon, others = line.partition(":")
        # depmod names the direct need first, so the reverse can be loaded as it stands
        needs[module_name(path)] = [*reversed(others.split()), path]
    order: dict[str, None] = {}
    for name in wanted:
        order.update(dict.fromkeys(needs.get(name, [])))
    return list(order)


def module_bytes(path: pathlib.Path) -> bytes:
    if path.suffix == ".ko":
        return path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(path.read_bytes())
    raise FleetError(f"the module {path.name} is packed in a way that this tool cannot unpack")


def initrd(modules: pathlib.Path, image: pathlib.Path) -> None:
    """A small initial file system: busybox and the modules that the disk and the network card need."""
    tree = image / "initrd.tree"
    for name in ("bin", "dev", "proc", "disk", "modules"):
        (tree / name).mkdir(parents=True)
    busybox = shutil.which("busybox")
    if not busybox:
        raise FleetError("busybox is missing: install with 'python3 tests/vmfleet deps'")
    shutil.copy(busybox, tree / "bin/busybox")
    places.put(tree / "init", recipe.INIT, 0o755)
    order = loading_order((modules / "modules.dep").read_text(), recipe.INITRD_MODULES)
    for path in order:
        (tree / "modules" / module_name(path)).write_bytes(module_bytes(modules / path))
    places.put(tree / "modules.list", "".join(f"{module_name(path)}\n" for path in order))
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with (image / "initrd").open("wb") as archive:
        command = ["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"]
        subprocess.run(command, cwd=tree, input=names.encode(), stdout=archive, check=True)
    shutil.rmtree(tree)


def disk(root: pathlib.Path, target: pathlib.Path) -> None:
    """A sparse ext4 from a folder, without a loop mount."""
    options = "lazy_itable_init=1,lazy_journal_init=1,nodiscard"
    words = ["-q", "-t", "ext4", "-L", "root", "-m", "0", "-E", options, "-d", str(root)]
    commands.output("mke2fs", *words, target, recipe.IMAGE_SIZE)


def python_version(root: pathlib.Path) -> str:
    return in_guest(root, "python3", "-c", "import platform; print(platform.python_version())").strip()
