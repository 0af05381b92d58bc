# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List all programs as JSON without Ansible: the bare core, for comparison with ``bpftool prog show --json``."""

from __future__ import annotations

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "plugins"))

from module_utils._kernel.procfs import boot_time_ns
from module_utils._objects import ids, prog
from module_utils._view.prog import View


def main() -> None:
    reader = prog.Reader()
    programs = list(ids.scan(ids.PROG, reader.read))
    view = View(reader.call.has, boot_time_ns())
    sys.stdout.write(json.dumps([view.record(program) for program in programs]))


if __name__ == "__main__":
    main()
