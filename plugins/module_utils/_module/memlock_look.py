# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

from .._kernel import errors, procfs, rlimit, systemd
from .._objects import dropin, limit_pair, process, systemd_limit
from .._objects.limit_pair import Unfit
from . import config_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from ansible.module_utils.basic import AnsibleModule

    from .._objects.limit_pair import Pair
    from .memlock import Wanted

    Place = Union[systemd_limit.Unit, systemd_limit.Manager]

# systemd speaks the language of the environment, and colours where it is told to.
_ENVIRONMENT = {"LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
# A start is known to 10 ms, and the clock may have been set in between.
_SLACK = 1.0


def open_systemctl(module: AnsibleModule) -> systemd.Systemctl:
    """Return the door to systemd; raises `Unfit` where it does not run this host."""
    if not systemd.is_booted():
        raise Unfit(
            f"systemd does not run this host ({systemd.BOOTED} is missing): set the limit where the service is "
            "started, or that of its processes with scope=process"
        )
    return systemd.Systemctl(lambda words: module.run_command(list(words), environ_update=_ENVIRONMENT))


class Look:
    """A unit's or the manager's limit at one moment: what systemd knows, and what our file holds (None: no file)."""

    def __init__(self, place: Place, systemctl: systemd.Systemctl) -> None:
        self.place = place
        self.seen = place.read(systemctl)
        self.content = config_file.read(place.file)

    def text(self, content: bytes | None) -> str | None:
        """Return the setting in our file, as it is written there."""
        return dropin.get(content, self.place.section, self.place.key)

    def settled(self, content: bytes | None) -> tuple[str | None, Pair]:
        """Return the file that counts if ours holds ``content``, and its limit; (None, (None, None)) for none."""
        place = self.place
        return systemd_limit.settle(
            place, self.seen.paths, lambda path: content if path == place.file else config_file.read(path)
        )

    def effective(self) -> tuple[str | None, Pair]:
        """Return the file that counts now and the limit that systemd gives to what it starts."""
        source, pair = self.settled(self.content)
        return source, pair if self.seen.pair == (None, None) else self.seen.pair

    def is_outdated(self, present: bool) -> bool:
        """Return whether systemd has to read its files before it goes by them."""
        source, pair = self.settled(self.content)
        if source is None or self.seen.pair == (None, None):
            # only a setting that was taken away can be what it still goes by
            return self.seen.stale and not present
        return pair != self.seen.pair

    def pending(self, pair: Pair, changes: bool) -> list[str]:
        """Return the units whose main process runs with another limit than the one that is to be.

        One that is younger than the setting has been given its limit and changed it since: unless the setting
        ``changes`` now, a restart would not help.
        """
        if None in pair:
            return []
        changed = None if changes else _changed_at(self.place.file)
        return [unit for unit, pid in self.seen.mains if _is_older(pid, changes, changed) and _differs(pid, pair)]


def plan(look: Look, wanted: Wanted) -> bytes | None:
    """Return what our file shall hold; raises `Unfit`."""
    content, why = _plan(look, wanted), config_file.mask(look.place.file)
    if content != look.content and why is not None:
        raise Unfit(f"cannot write {look.place.file}: {why}")
    return content


def _plan(look: Look, wanted: Wanted) -> bytes | None:
    place = look.place
    if not wanted.present:
        return dropin.put(look.content, place.section, place.key, None)
    if look.seen.missing:
        raise Unfit(look.seen.missing)
    now = look.settled(look.content)[1]
    now = look.seen.pair if now == (None, None) else now
    pair = limit_pair.plan(now, wanted.pair, wanted.at_least)
    if None in pair:
        raise Unfit("what the other half of the limit is cannot be told here: give soft and hard")
    ours = dropin.parse_pair(look.text(look.content))
    # at_least is content with what other files give; exact has a setting of ours in any case
    if pair == (now if wanted.at_least else ours):
        return look.content
    return dropin.put(look.content, place.section, place.key, dropin.pair_text(pair))


def _differs(pid: int, pair: Pair) -> bool:
    try:
        return rlimit.memlock(pid) != pair
    except errors.Vanished:
        return False


def _is_older(pid: int, changes: bool, changed: float | None) -> bool:
    start = process.start_time(pid)
    if changes or start is None or changed is None:
        return changes
    started = procfs.boot_time_ns() / 1e9 + start / os.sysconf("SC_CLK_TCK")
    return started + _SLACK < changed


def _changed_at(path: str) -> float | None:
    """Return when a setting was changed, in seconds since the epoch: its file, or the folder that it was taken from."""
    for place in (path, os.path.dirname(path)):
        try:
            return os.stat(place).st_mtime
        except OSError:
            continue
    return None
