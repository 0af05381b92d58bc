# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words that name machines: which userland with which kernel, how many, and what is special about them."""

from __future__ import annotations

import dataclasses
import re

from .errors import FleetError

GRAMMAR = (
    "USERLAND[@KERNEL_SUITE[/VERSION]][=COUNT] [name=NAME] [packages=A,B] [append=KERNEL_ARGUMENT]... [memory=MIB]"
)
HEAD = re.compile(r"([a-z]+)(?:@([a-z]+(?:-[a-z]+)*)(?:/([0-9]+(?:\.[0-9]+)*))?)?(?:=([1-9][0-9]?))?")
NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")


@dataclasses.dataclass(frozen=True)
class Spec:
    userland: str
    kernel_suite: str
    # first numbers of the kernel's version, or "" for the newest of the suite
    version: str = ""
    count: int = 1
    name: str = ""
    packages: tuple[str, ...] = ()
    append: tuple[str, ...] = ()
    memory: int = 0

    @property
    def label(self) -> str:
        """What tells this image from others, for people."""
        version = f"/{self.version}" if self.version else ""
        suite = "" if self.kernel_suite == self.userland and not version else f"@{self.kernel_suite}{version}"
        return self.userland + suite + "".join(f"+{package}" for package in self.packages)


def bad(text: str, why: str) -> FleetError:
    return FleetError(f"cannot read the machine {text!r}: {why}; write {GRAMMAR}")


def parse(text: str, packages: tuple[str, ...] = (), append: tuple[str, ...] = (), memory: int = 0) -> Spec:
    """Read one SPEC; the other arguments are for all machines, and its own words add to them."""
    head, *words = text.split() or [""]
    found = HEAD.fullmatch(head)
    if not found:
        raise bad(text, f"{head!r} names no userland and kernel" if head else "it is empty")
    userland, suite, version, count = found.groups()
    settings: dict[str, list[str]] = {"name": [], "packages": [], "append": [], "memory": []}
    for word in words:
        key, equals, value = word.partition("=")
        if key not in settings or not equals or not value:
            raise bad(text, f"{word!r} is no setting")
        settings[key].append(value)
    return Spec(
        userland,
        suite or userland,
        version or "",
        int(count or 1),
        last(text, "name", settings["name"], NAME),
        package_names(text, packages, settings["packages"]),
        (*append, *settings["append"]),
        int(last(text, "memory", settings["memory"], re.compile(r"[1-9][0-9]{2,4}")) or memory),
    )


def last(text: str, key: str, values: list[str], form: re.Pattern[str]) -> str:
    for value in values:
        if not form.fullmatch(value):
            raise bad(text, f"{value!r} cannot be a {key}")
    return values[-1] if values else ""


def package_names(text: str, common: tuple[str, ...], lists: list[str]) -> tuple[str, ...]:
    names = {*common, *(name for names in lists for name in names.split(","))}
    for name in names:
        if not PACKAGE.fullmatch(name):
            raise bad(text, f"{name!r} cannot be a package")
    return tuple(sorted(names))


def host_names(specs: list[Spec], kernels: list[str]) -> list[list[str]]:
    """Names of the machines of each spec; ``kernels`` are the releases that belong to them."""
    taken: dict[str, int] = {}
    names = []
    for spec, kernel in zip(specs, kernels, strict=True):
        numbers = "".join(re.findall(r"[0-9]+", kernel)[:2])
        base = spec.name or f"{spec.userland}-{numbers}"
        start = taken.get(base, 0)
        taken[base] = start + spec.count
        alone = spec.name and spec.count == 1 and not start
        names.append([base] if alone else [f"{base}-{start + number}" for number in range(1, spec.count + 1)])
    flat = [name for group in names for name in group]
    for name in flat:
        if flat.count(name) > 1:
            raise FleetError(f"two machines would be called {name}: give them other names with name=")
    return names
