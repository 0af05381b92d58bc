# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ssh to the guests: strict about the host key, deaf to the settings of the user."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Mapping

from .errors import FleetError
from .places import put

TIMEOUT_SECONDS = 600


def quoted(path: pathlib.Path) -> str:
    """A path as ssh_config wants it: quotes for spaces, and percent signs doubled."""
    return '"' + str(path).replace("%", "%%") + '"'


def config(keys: pathlib.Path, ports: Mapping[str, int]) -> str:
    """Text of an ssh_config; all guests show the same host key, so one line of known_hosts does for every port."""
    hosts = [f"Host {name}\n    Port {port}\n" for name, port in sorted(ports.items())]
    common = {
        "HostName": "127.0.0.1",
        "User": "root",
        "IdentityFile": quoted(keys / "login"),
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PasswordAuthentication": "no",
        "UserKnownHostsFile": quoted(keys / "known_hosts"),
        "GlobalKnownHostsFile": "none",
        "HostKeyAlias": "vmfleet",
        "StrictHostKeyChecking": "yes",
        "LogLevel": "ERROR",
    }
    return "".join(hosts) + "Host *\n" + "".join(f"    {name} {value}\n" for name, value in common.items())


def write(path: pathlib.Path, keys: pathlib.Path, ports: Mapping[str, int]) -> pathlib.Path:
    put(path, config(keys, ports))
    return path


def run(config_file: pathlib.Path, name: str, script: str) -> str:
    """Standard output of a shell script that root runs on a guest."""
    command = ["ssh", "-F", str(config_file), name, "sh", "-eu"]
    try:
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise FleetError(f"{name} did not finish a script over ssh within {TIMEOUT_SECONDS} s") from None
    if done.returncode:
        raise FleetError(f"a script over ssh failed on {name} ({done.returncode}): {done.stderr.strip()[-500:]}")
    return done.stdout
