# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""A folder on the controller that nobody else may look into, made once and filled file by file."""

from __future__ import annotations

import os
import time

from .._errors import FleetError
from .._run import atomic

_TRIES = 100


def fresh(parent: str) -> str:
    """Make a folder that was not there, named by the time in UTC, and all missing ones above it (mode 0700)."""
    name = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    _make_all(parent)
    for number in range(_TRIES):
        path = os.path.join(parent, f"{name}-{number}" if number else name)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise _failure(path, error) from error
        return path
    raise FleetError(f"cannot make a new folder in {parent}: there are {_TRIES} of this second")


def write(folder: str, files: dict[str, str]) -> None:
    """Write files (mode 0600) below a folder; C(files) are texts by path."""
    for path, text in files.items():
        whole = os.path.join(folder, path)
        _make_all(os.path.dirname(whole))
        atomic.write(whole, text)


def _make_all(path: str) -> None:
    # os.makedirs gives its mode to the last folder alone.
    if not path or os.path.isdir(path):
        return
    _make_all(os.path.dirname(path))
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass  # another host's worker was faster
    except OSError as error:
        raise _failure(path, error) from error


def _failure(path: str, error: OSError) -> FleetError:
    return FleetError(f"cannot make the folder {path}: {os.strerror(error.errno or 0)}")
