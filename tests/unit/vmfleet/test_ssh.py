# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import subprocess

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import ssh
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError


def test_ssh_understands_the_settings(tmp_path):
    keys = tmp_path / "a folder 100%"
    path = ssh.write(tmp_path / "ssh_config", keys, {"one": 4001, "two": 4002})
    shown = subprocess.run(["ssh", "-G", "-F", str(path), "two"], capture_output=True, text=True, check=True).stdout
    settings = dict(line.split(" ", 1) for line in shown.splitlines())
    assert (settings["hostname"], settings["port"], settings["user"]) == ("127.0.0.1", "4002", "root")
    assert settings["stricthostkeychecking"] in ("true", "yes")
    assert settings["hostkeyalias"] == "vmfleet"
    assert pathlib.Path(settings["identityfile"].replace("%%", "%")) == keys / "login"
    assert settings["userknownhostsfile"].strip('"').replace("%%", "%") == str(keys / "known_hosts")


def test_a_script_that_fails_is_told_with_the_machine(tmp_path, monkeypatch):
    (tmp_path / "ssh").write_text("#!/bin/sh\ncat >/dev/null\necho no route >&2\nexit 255\n")
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(FleetError, match=r"a script over ssh failed on one \(255\): no route"):
        ssh.run(tmp_path / "ssh_config", "one", "true")
