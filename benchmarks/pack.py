# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the archive that Ansible would send to a target for one of our modules: pack.py MODULE FILE."""

from __future__ import annotations

import base64
import io
import pathlib
import re
import sys
import zipfile

from ansible.executor import module_common
from ansible.plugins.loader import init_plugin_loader, module_loader


def payload(module: str) -> bytes:
    """Return the zip archive out of the wrapper script that ansible-core builds for a module."""
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

    name = "ebpf.fleet." + module
    # The path through site-packages: only below an ansible_collections folder does the packer see a collection.
    path = module_loader.find_plugin(name)
    arguments = {"module_name": name, "module_path": path, "module_args": {}, "templar": Templar(DataLoader())}
    # Up to 2.18 the name and path are positional only by habit; later all of them must be named.
    arguments["task_vars"] = {"ansible_python_interpreter": sys.executable}
    built = module_common.modify_module(**arguments, module_compression="ZIP_STORED")
    wrapper = getattr(built, "b_module_data", None) or built[0]
    encoded = max(re.findall(rb"[A-Za-z0-9+/=]{1000,}", wrapper), key=len)
    return base64.b64decode(encoded)


def main() -> None:
    init_plugin_loader([])
    data = payload(sys.argv[1])
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise SystemExit("no archive in the module that ansible-core built")
    pathlib.Path(sys.argv[2]).write_bytes(data)


if __name__ == "__main__":
    main()
