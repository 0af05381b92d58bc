# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images in the cache: found by what they are made of, built when they are not there, one builder at a time."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import time

from . import commands, places, recipe, rootfs, sources
from .archive import KEYRING, Kernel, Suite
from .errors import FleetError
from .ledger import Ledger
from .spec import Spec

# an image takes 0.5 GiB and its saved state 0.2; building takes as much again
BUILD_GIB = 1.5


@dataclasses.dataclass(frozen=True)
class Image:
    folder: pathlib.Path
    label: str
    kernel: str
    python: str

    @property
    def key(self) -> str:
        return self.folder.name

    @property
    def disk(self) -> pathlib.Path:
        return self.folder / "root.img"


def keys(cache: pathlib.Path) -> pathlib.Path:
    """The folder with the key to log in with, and the key that all guests show."""
    folder = cache / "keys"
    with places.locked(cache / "keys.lock", "the ssh keys"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("login", "host"):
            if not (folder / f"{name}.pub").exists():
                (folder / name).unlink(missing_ok=True)
                words = ["-q", "-t", "ed25519", "-N", "", "-C", f"vmfleet-{name}"]
                commands.output("ssh-keygen", *words, "-f", folder / name)
        kind, public = (folder / "host.pub").read_text().split()[:2]
        if not (folder / "known_hosts").exists():
            places.replace(folder / "known_hosts", f"vmfleet {kind} {public}\n")
    return folder


def image_key(spec: Spec, kernel: Kernel, mirror: str, public: list[str], parts: list[object]) -> str:
    made_of = [spec.userland, spec.packages, dataclasses.astuple(kernel), mirror, public, parts]
    return f"{spec.userland}-{kernel.release}-{places.digest(made_of)}"


def recipe_parts() -> list[object]:
    """All that decides what is in an image, beside its packages."""
    data = {name: value for name, value in vars(recipe).items() if name.isupper()}
    return [data, pathlib.Path(rootfs.__file__ or "").read_text(encoding="utf-8")]


def load(folder: pathlib.Path) -> Image | None:
    """The finished image in a folder, or None."""
    try:
        facts = json.loads((folder / "image.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Image(folder, facts["label"], facts["kernel"], facts["python"])


class Builder:
    def __init__(self, cache: pathlib.Path, ledger: Ledger, mirror: str = "", rebuild: bool = False) -> None:
        self.cache, self.ledger, self.rebuild = cache, ledger, rebuild
        self.mirror = sources.mirror(mirror)
        self.keys = keys(cache)

    def image(self, spec: Spec) -> Image:
        """The image of a spec, from the cache or built now."""
        suite = Suite(spec.kernel_suite, self.mirror, self.cache)
        suite.refresh()
        kernel = suite.newest(spec.version)
        public = [(self.keys / f"{name}.pub").read_text() for name in ("login", "host")]
        folder = self.cache / "images" / image_key(spec, kernel, self.mirror, public, recipe_parts())
        with places.locked(self.cache / "images" / f"{folder.name}.lock", f"the image {spec.label}") as lock:
            found = None if self.rebuild else load(folder)
            if found:
                self.ledger.note(f"image {spec.label}", f"{kernel.release}, from the cache")
                return found
            return self.build(spec, suite, kernel, folder, lock)

    def build(self, spec: Spec, suite: Suite, kernel: Kernel, folder: pathlib.Path, lock: int) -> Image:
        commands.require(commands.TO_BUILD)
        commands.require_root("building an image")
        if not KEYRING.exists():
            raise FleetError(f"{KEYRING} is missing: install with 'python3 tests/vmfleet deps'")
        own = suite if spec.userland == spec.kernel_suite else Suite(spec.userland, self.mirror, self.cache)
        own.refresh()
        own.require([*recipe.PACKAGES, *spec.packages])
        places.require_space(self.cache, BUILD_GIB, f"building the image {spec.label}")
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        root = part / "root"
        part.mkdir(parents=True)
        try:
            with self.ledger.step(f"image {spec.label}", f"{kernel.release}, built"):
                rootfs.userland(spec.userland, [*recipe.PACKAGES, *spec.packages], self.mirror, root, lock)
                rootfs.configure(root, self.keys)
                rootfs.install_kernel(suite, kernel, root, part)
                python = rootfs.python_version(root)
                rootfs.disk(root, part / "root.img")
            facts = {"label": spec.label, "kernel": kernel.release, "package": kernel.package_version, "python": python}
            places.put(part / "image.json", json.dumps({**facts, "built": time.time()}, indent=2) + "\n")
            shutil.rmtree(root)
            shutil.rmtree(folder, ignore_errors=True)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return Image(folder, spec.label, kernel.release, python)
