# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

"""The tool in a process of its own, with guests that need no image and no ssh.

usage: fake_tool.py CACHE RUN_DIR COMMAND...
"""

import pathlib
import sys

sys.path[0] = str(pathlib.Path(__file__).resolve().parents[2])

from vmfleet import accelerator, fleet, saved, session, spec
from vmfleet.images import Image
from vmfleet.ledger import Ledger
from vmfleet.rundir import RunDir


class Builder:
    def __init__(self, folder):
        self.made, self.cache, self.keys = Image(folder, "bookworm", "6.1.0-50-cloud-amd64", "3.11.2"), folder, folder
        self.ledger = Ledger()

    def image(self, _spec):
        return self.made


def main(folder, run_dir, command):
    accelerator.choose = lambda *_arguments: ("tcg", "in a test")
    (folder / "memory").write_bytes(b"saved")
    saved.state = lambda image, *_arguments: saved.Saved(image.disk, folder / "memory")
    return session.run(command, [spec.parse("bookworm=2")], RunDir(run_dir), Builder(folder), fleet.Options())


sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]))
