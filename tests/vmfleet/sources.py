# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where this machine gets Debian packages from: its own apt sources, in both of their formats."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re

from . import commands
from .errors import FleetError

APT = pathlib.Path("/etc/apt")
RELEASES = [
    "buster",
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "sid",
    "stable",
    "oldstable",
    "oldoldstable",
    "testing",
    "unstable",
]
SUITE = re.compile(rf"({'|'.join(RELEASES)})(-updates|-backports(-sloppy)?|-proposed-updates)?")
ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)")
# what another apt must know too in order to reach the archive as this machine's does
SETTINGS = re.compile(r"Acquire::(https?::\S*|Check-Valid-Until|Check-Date|Retries|ForceIPv[46])", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Source:
    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""


def parse_one_line(text: str) -> list[Source]:
    found = []
    for line in text.splitlines():
        match = ONE_LINE.fullmatch(line.partition("#")[0].strip())
        if match:
            signed = re.search(r"signed-by=(\S+)", match["options"] or "", re.IGNORECASE)
            components = tuple(match["components"].split())
            found.append(Source(match["uri"], match["suite"], components, signed[1] if signed else ""))
    return found


def parse_deb822(text: str) -> list[Source]:
    found = []
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", plain):
        fields: dict[str, str] = {}
        # a line that begins with white space goes on with the field above
        for line in re.sub(r"\n[ \t]+", " ", stanza).splitlines():
            name, _colon, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        components, signed = tuple(fields.get("components", "").split()), fields.get("signed-by", "")
        for uri in fields.get("uris", "").split():
            found += [Source(uri, suite, components, signed) for suite in fields.get("suites", "").split()]
    return found


def read(folder: pathlib.Path = APT) -> list[Source]:
    found = []
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if path.suffix in (".list", ".sources") and path.is_file():
            text = path.read_text(encoding="utf-8", errors="backslashreplace")
            found += parse_one_line(text) if path.suffix == ".list" else parse_deb822(text)
    return found


def debian_archive(found: list[Source]) -> str:
    """The address of the Debian archive among the sources of a machine; others may use its names of suites."""
    fitting = [
        source
        for source in found
        if SUITE.fullmatch(source.suite) and "main" in source.components and not source.uri.startswith("cdrom:")
    ]
    if not fitting:
        raise FleetError(
            "no Debian archive in this machine's apt sources: add one to /etc/apt, or name one with --mirror"
        )

    def likeness(source: Source) -> int:
        return 2 * ("debian-archive" in source.signed_by) + bool(re.search(r"/debian(/|$)", source.uri))

    return max(fitting, key=likeness).uri.rstrip("/")


def apt_settings() -> list[tuple[str, str]]:
    """(name, value) of the settings of this machine's apt that reaching the archive may need: proxies, certificates."""
    found = []
    for line in commands.output("apt-config", "dump").splitlines():
        match = re.fullmatch(r'(\S+) "(.*)";', line)
        if match and SETTINGS.fullmatch(match[1]) and match[2]:
            found.append((match[1], match[2]))
    return found


def credentials() -> list[pathlib.Path]:
    """Files with names and passwords for archives."""
    return [path for path in (APT / "auth.conf", *sorted((APT / "auth.conf.d").glob("*.conf"))) if path.is_file()]


def mirror(named: str = "") -> str:
    return named or os.environ.get("VMFLEET_MIRROR", "") or debian_archive(read())
