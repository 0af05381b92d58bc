# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A systemd made of files in a temporary folder, behind the words of systemctl."""

from __future__ import annotations

import os
import re
import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs, rlimit, systemd
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import dropin, process, systemd_limit

_DEFAULT = "65536"


class FakeSystemd:
    """Units with their files; what is loaded changes with daemon-reload only, what runs with a restart only.

    ``calls`` lists what was asked for. ``old`` is a release whose reload leaves the manager's settings alone.
    """

    def __init__(self, root):
        self.root = str(root)
        self.system = self.root + "/etc/systemd/system"
        self.manager = self.root + "/etc/systemd"
        self.units = {}
        self.running = {}
        self.started = {}
        self.calls = []
        self.fails = {}
        self.old = False
        os.makedirs(self.system)
        self._loaded = {}
        self._default = None
        self.reload()

    def install(self, monkeypatch):
        monkeypatch.setattr(systemd, "BOOTED", self.system)
        monkeypatch.setattr(systemd_limit, "SYSTEM", self.system)
        monkeypatch.setattr(systemd_limit, "MANAGER", (self.root + "/usr/lib/systemd", self.manager))
        monkeypatch.setattr(rlimit, "memlock", lambda pid: tuple(dropin.parse_pair(v)[0] for v in self.running[pid]))
        monkeypatch.setattr(process, "start_time", self.start_time)
        monkeypatch.setattr(AnsibleModule, "run_command", lambda _module, words, **_options: self.run(tuple(words)))
        return self

    def start_time(self, pid):
        """Return when a process started, in clock ticks since boot; None where there is none."""
        if pid not in self.running:
            return None
        return int((self.started[pid] - procfs.boot_time_ns() / 1e9) * os.sysconf("SC_CLK_TCK"))

    def add_unit(self, name, pid=0, state="loaded"):
        """Add a unit, running with the limit that it is given now if it has a pid."""
        self.units[name] = {"pid": pid, "state": state}
        self.write(f"{name}", "[Unit]\nDescription=a unit\n")
        self._loaded[name] = self._resolve(name)
        if pid:
            self._start(name, pid, time.time() - 3600)
        return self

    def _start(self, name, pid, when):
        self.units[name]["pid"] = pid
        self.running[pid], self.started[pid] = self._loaded[name], when

    def write(self, name, text):
        path = f"{self.system}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
        return path

    def read(self, name):
        with open(f"{self.system}/{name}", encoding="utf-8") as handle:
            return handle.read()

    def run(self, words):
        """Answer a call as `Systemctl` makes it."""
        assert words[:2] == ("systemctl", "--no-ask-password")
        verb, rest = words[2], [word for word in words[3:] if word != "--"]
        self.calls.append(" ".join([verb, *(word for word in rest if not word.startswith("--"))]))
        if verb in self.fails:
            return 1, "", self.fails[verb]
        return getattr(self, "_" + verb.replace("-", "_"))(rest)

    def mutations(self):
        return [call for call in self.calls if not call.startswith(("show", "list-"))]

    def reload(self, manager=True):
        if manager:
            self._default = self._pair(f"{self.manager}/system.conf", f"{self.manager}/system.conf.d", "Default") or (
                _DEFAULT,
                _DEFAULT,
            )
        self._loaded = {name: self._resolve(name) for name in self.units}

    def _daemon_reload(self, _rest):
        self.reload(manager=not self.old)
        return 0, "", ""

    def _daemon_reexec(self, _rest):
        self.reload()
        return 0, "", ""

    def _try_restart(self, names):
        for name in names:
            unit = self.units[name]
            if unit["pid"]:
                del self.running[unit["pid"]]
                self._start(name, unit["pid"] + 1, time.time() + 5)
        return 0, "", ""

    def _list_unit_files(self, rest):
        names = [name for name in os.listdir(self.system) if name == rest[-1]]
        return 0 if names else 1, "".join(f"{name} enabled enabled\n" for name in names), ""

    def _list_units(self, rest):
        pattern = re.compile(re.escape(rest[-1]).replace(r"\*", ".*"))
        names = [name for name in self.units if pattern.fullmatch(name)]
        return 0, "".join(f"{name} loaded active running a unit\n" for name in names), ""

    def _show(self, rest):
        asked = next(word for word in rest if word.startswith("--property=")).partition("=")[2].split(",")
        names = [word for word in rest if not word.startswith("--")]
        told = self._told_of_unit(names[0]) if names else self._told("DefaultLimitMEMLOCK", self._default)
        return 0, "".join(f"{name}={told[name]}\n" for name in asked if name in told), ""

    def _told_of_unit(self, name):
        unit = self.units.get(name, {"pid": 0, "state": "not-found"})
        told = {"LoadState": unit["state"], "ActiveState": "active", "MainPID": unit["pid"]}
        pair = self._loaded.get(name, self._default)
        told.update(self._told("LimitMEMLOCK", pair), FragmentPath=f"{self.system}/{self._source(name)}")
        stale = pair != self._resolve(name)
        return dict(told, DropInPaths=" ".join(self._dropins(name)), NeedDaemonReload="yes" if stale else "no")

    def _told(self, key, pair):
        soft, hard = pair
        return {key + "Soft": soft, key: hard}

    def _source(self, name):
        prefix, at, rest = name.partition("@")
        return f"{prefix}@.{rest.rpartition('.')[2]}" if at else name

    def _dropins(self, name):
        found = []
        for owner in sorted({name, self._source(name)}):
            folder = f"{self.system}/{owner}.d"
            if os.path.isdir(folder):
                found += [f"{folder}/{base}" for base in os.listdir(folder) if base.endswith(".conf")]
        return sorted(found, key=os.path.basename)

    def _resolve(self, name):
        pair = None
        for path in [f"{self.system}/{self._source(name)}", *self._dropins(name)]:
            pair = _assigned(path, "") or pair
        return pair or self._default

    def _pair(self, file, folder, prefix):
        pair = _assigned(file, prefix)
        for base in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            pair = _assigned(f"{folder}/{base}", prefix) or pair
        return pair


def _assigned(path, prefix):
    """Return (soft, hard) as systemctl prints it, out of the last line that sets it."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as handle:
        found = re.findall(rf"^{prefix}LimitMEMLOCK=(\S+)$", handle.read(), re.MULTILINE)
    if not found:
        return None
    soft, _colon, hard = found[-1].partition(":")
    return soft, hard or soft
