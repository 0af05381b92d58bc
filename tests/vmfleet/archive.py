# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernels of one Debian suite: a private package index, from which packages are unpacked and never installed."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import tempfile
import time

from . import commands, places
from .errors import FleetError

KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# cloud kernels have the same BPF settings as the others and a third of the modules
KERNEL = re.compile(r"linux-image-([0-9].*-cloud-amd64)")
# from 6.19 on linux-image is an empty shell over the others
PARTS = ("image", "base", "binary", "modules")
FRESH_SECONDS = 12 * 3600


@dataclasses.dataclass(frozen=True)
class Kernel:
    # what uname -r tells
    release: str
    # of the package: Debian changes it while the release stays
    package_version: str


def numbers(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", release)]


def choose(releases: list[str], version: str) -> str | None:
    """The newest release whose first numbers are those of ``version``."""
    wanted = numbers(version)
    fitting = [release for release in releases if numbers(release)[: len(wanted)] == wanted]
    return max(fitting, key=numbers, default=None)


class Suite:
    def __init__(self, name: str, mirror: str, cache: pathlib.Path) -> None:
        self.name, self.mirror = name, mirror
        self.root = cache / "index" / f"{name}-{places.digest([mirror])}"
        settings = {
            "Dir::State": self.root,
            "Dir::State::Lists": self.root / "lists",
            "Dir::State::status": self.root / "status",
            "Dir::Cache": self.root / "cache",
            "Dir::Etc::sourcelist": self.root / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Acquire::Languages": "none",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",
            "APT::Update::Post-Invoke": "",
        }
        self.options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]

    def refresh(self) -> None:
        """Fetch the index unless it is fresh; an old one does where the archive cannot be reached."""
        with places.locked(self.root.with_suffix(".lock"), f"the index of {self.name}"):
            stamp = self.root / "fetched"
            if stamp.exists() and time.time() - stamp.stat().st_mtime < FRESH_SECONDS:
                return
            for folder in ("lists/partial", "cache/archives/partial"):
                (self.root / folder).mkdir(parents=True, exist_ok=True)
            places.put(self.root / "status", "")
            places.put(self.root / "sources.list", f"deb [signed-by={KEYRING}] {self.mirror} {self.name} main\n")
            try:
                commands.output("apt-get", *self.options, "-qq", "-o", "APT::Update::Error-Mode=any", "update")
            except FleetError as error:
                if not stamp.exists():
                    raise FleetError(self.why_not(str(error))) from None
                places.say(f"cannot refresh the index of {self.name}, taking the old one: {error}")
                return
            places.put(stamp, "")

    def why_not(self, error: str) -> str:
        if re.search(r"404|does not have a Release file|no longer has a Release file", error):
            return f"the Debian archive of this machine has no suite {self.name}: {error}"
        return f"cannot reach the Debian archive of this machine's apt sources: {error}"

    def releases(self) -> list[str]:
        names = commands.output("apt-cache", *self.options, "pkgnames", "linux-image-").split()
        return sorted((match[1] for match in map(KERNEL.fullmatch, names) if match), key=numbers)

    def require(self, packages: list[str]) -> None:
        known = set(commands.output("apt-cache", *self.options, "pkgnames").split())
        unknown = [name for name in packages if name not in known]
        if unknown:
            raise FleetError(f"{self.name} has no package {' and no '.join(unknown)}")

    def newest(self, version: str = "") -> Kernel:
        releases = self.releases()
        release = choose(releases, version)
        if not release:
            raise FleetError(f"no cloud kernel {version} in {self.name}: there are {', '.join(releases) or 'none'}")
        shown = commands.output("apt-cache", *self.options, "show", "--no-all-versions", f"linux-image-{release}")
        found = re.search(r"^Version: (\S+)$", shown, re.MULTILINE)
        return Kernel(release, found[1] if found else "")

    def unpack(self, kernel: Kernel, target: pathlib.Path) -> None:
        known = set(commands.output("apt-cache", *self.options, "pkgnames", "linux-").split())
        packages = [name for name in (f"linux-{part}-{kernel.release}" for part in PARTS) if name in known]
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            commands.output("apt-get", *self.options, "-qq", "download", *packages, cwd=folder)
            for package in pathlib.Path(folder).glob("*.deb"):
                commands.output("dpkg-deb", "-x", package, target)
