# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lives in the guests: keeps the compiled code of what Python imports from archives.

Ansible sends a module with everything it imports as one archive, and Python compiles it anew for each task. Under
emulation that is half of the time of a task. What is kept is found by the hash of the source, so that nothing stale is
ever used.
"""

import _imp
import marshal
import os
import zipimport

FOLDER = "/var/cache/vmfleet-zipimport"
# private, and the same from Python 3.8 on
_NAME = "_compile_source"
_compile = getattr(zipimport, _NAME)


def _kept(pathname, source):
    name = f"{FOLDER}/{_imp.source_hash(0, source).hex()}-{len(source)}"
    try:
        with open(name, "rb") as stream:
            return marshal.loads(stream.read())
    except OSError:
        pass
    code = _compile(pathname, source)
    try:
        part = f"{name}.{os.getpid()}"
        with open(part, "xb") as kept:
            kept.write(marshal.dumps(code))
        os.rename(part, name)
    except OSError:  # only root keeps code, and all use it
        pass
    return code


setattr(zipimport, _NAME, _kept)
