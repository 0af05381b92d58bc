# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import json
import os
import tempfile
import time

from ansible import constants

from .._errors import FleetError
from . import atomic
from .filename import quoted

SCHEMA = 1


class Run:
    """The folder of one audit: C(run.json), and C(hosts/<quoted name>.json) for every host that was looked at."""

    def __init__(self, path):
        self.path = os.path.abspath(os.path.expanduser(path))

    def begin(self, rules, dry_run=False):
        """Mark the folder as an audit by these rule ids; hosts that are there stay, so a run can be resumed.

        Returns whether that changed the mark. Below a C(dry_run) mark records may be written in check mode, too.
        """
        path, mark = os.path.join(self.path, "run.json"), {"schema": SCHEMA, "rules": rules, "dry_run": dry_run}
        changed = atomic.read(path) != encode(mark)
        if changed:
            atomic.write(path, encode(mark))
        return changed

    def about(self):
        """What C(begin) wrote, {} for a folder that nobody began."""
        text = atomic.read(os.path.join(self.path, "run.json"))
        return decode(text, "run.json") if text else {}

    def takes(self, dry_run):
        """Whether a record may be written: in check mode only into the temporary folder of a check mode run."""
        return not dry_run or bool(self.about().get("dry_run"))

    def host_file(self, host):
        return os.path.join(self.path, "hosts", quoted(host) + ".json")

    def store(self, host, record):
        """Write one host's record; the name of the host is repeated in it. Returns the path."""
        path = self.host_file(host)
        atomic.write(path, encode({"schema": SCHEMA, "host": host, **record}))
        return path

    def fetch(self, host):
        """The record of a host, None if it has none. FleetError if the file is not what this collection wrote."""
        path = self.host_file(host)
        text = atomic.read(path)
        if text is None:
            return None
        record = decode(text, path)
        if not isinstance(record, dict) or record.get("host") != host or record.get("schema") != SCHEMA:
            raise FleetError(f"{path} is not the record of {host} in a form that this version reads")
        return record


def fresh(base, dry_run):
    """Run in a new folder below base named by time; in check mode in a temporary folder that goes when Ansible ends."""
    if dry_run:
        return Run(tempfile.mkdtemp(prefix="bpf-audit-", dir=constants.DEFAULT_LOCAL_TMP))
    base = os.path.abspath(os.path.expanduser(base))
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for suffix in ("", *(f"-{number}" for number in range(2, 100))):
        path = os.path.join(base, stamp + suffix)
        try:
            os.makedirs(path, mode=0o700)
            return Run(path)
        except FileExistsError:
            continue  # another run began in the same second
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise FleetError(f"cannot make the run directory {path}: {why}; name another base_dir") from error
    raise FleetError(f"cannot make a run directory below {base}: a hundred began in this second")


def encode(value):
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
    except (ValueError, RecursionError) as error:  # a number of more than 4300 digits, or nested too deeply
        raise FleetError(f"this cannot be written as JSON: {error}") from error


def decode(text, what):
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FleetError(f"{what} is not JSON: {error}") from error
