# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The door to systemd: its own command, run by the function that the caller brings."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Sequence

    # (words) -> (exit status, output, errors)
    Run = Callable[[Sequence[str]], "tuple[int, str, str]"]

BOOTED = "/run/systemd/system"


class SystemdError(Exception):
    """A call of systemctl that failed: ``call`` is the call, the text what it said."""

    def __init__(self, call: str, status: int, said: str) -> None:
        super().__init__(said or f"exit status {status}")
        self.call, self.status = call, status


def is_booted(root: str = "") -> bool:
    """Return whether systemd runs this host; sd_booted(3) looks at the same folder."""
    return os.path.isdir(root + BOOTED)


class Systemctl:
    """Calls of systemctl; each raises `SystemdError` where it fails."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def _call(self, *words: str) -> str:
        status, output, errors = self._run(("systemctl", "--no-ask-password", *words))
        if status:
            raise SystemdError("systemctl " + " ".join(words), status, errors.strip().replace("\n", " "))
        return output

    def show(self, unit: str | None, names: Sequence[str]) -> dict[str, str]:
        """Return properties of a unit, or of the manager itself; one that this release does not know is left out."""
        words = ("--", unit) if unit else ()
        output = self._call("show", "--no-pager", "--property=" + ",".join(names), *words)
        return {key: value for key, equals, value in (line.partition("=") for line in output.split("\n")) if equals}

    def unit_files(self, name: str) -> list[str]:
        """Return the names of unit files that a name or pattern means."""
        # No match is status 1 in newer releases, and no failure here.
        words = ("systemctl", "--no-ask-password", "list-unit-files", "--no-pager", "--no-legend", "--full", "--", name)
        return _first_words(self._run(words)[1])

    def loaded(self, pattern: str) -> list[str]:
        """Return the names of the active units that a pattern means."""
        words = ("--plain", "--no-legend", "--no-pager", "--full", "--state=active,reloading,activating")
        return _first_words(self._call("list-units", *words, "--", pattern))

    def daemon_reload(self) -> None:
        """Let the manager read its files again; running services keep what they have."""
        self._call("daemon-reload")

    def daemon_reexec(self) -> None:
        """Let the manager start itself again, which reads its own settings too."""
        self._call("daemon-reexec")

    def try_restart(self, units: Sequence[str]) -> None:
        """Restart those of some units that are running."""
        self._call("try-restart", "--", *units)


def _first_words(output: str) -> list[str]:
    return [line.split()[0] for line in output.split("\n") if line.strip()]
