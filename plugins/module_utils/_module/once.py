# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Import what travels in the archive of a module with one compilation a file.

Since CPython 3.10 zipimport compiles a file to learn its name (`zipimporter.get_filename`) and once more to run it,
which is half of what an import costs on the target. Code that does not come out of an archive is left to Python.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import spec_from_file_location
from pkgutil import get_importer
from zipimport import ZipImportError, zipimporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ROOM = __name__.partition("._module.")[0] + "."


def find_spec(fullname, path=None, target=None):
    """Return the spec of a file of ours in an archive, with the name that zipimport would compile it for; else None."""
    importer = get_importer(path[0]) if path and fullname.startswith(ROOM) else None
    if not isinstance(importer, zipimporter):
        return None
    location = path[0] + "/" + fullname.rpartition(".")[2]
    try:
        package = importer.is_package(fullname)
    except ZipImportError:
        return None
    if package:
        return spec_from_file_location(
            fullname, location + "/__init__.py", loader=importer, submodule_search_locations=[location]
        )
    return spec_from_file_location(fullname, location + ".py", loader=importer)


@contextmanager
def compiled() -> Iterator[None]:
    """Ask `find_spec` before the finders of Python for what the block imports."""
    finder = sys.modules[__name__]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
