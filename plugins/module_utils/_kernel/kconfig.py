# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

from . import errors
from .procfs import read

_PLAIN = ("/boot/config-{}", "/usr/lib/modules/{}/config", "/lib/modules/{}/config")


def option(name: str) -> str | None:
    """Return an option of the running kernel's configuration ("y", "m", a value; "" where it is not set).

    None where no configuration is found: many kernels keep none, and distributions put it into a file of their own.
    """
    text = _packed()
    if text is None:
        paths = [form.format(os.uname().release) for form in _PLAIN]
        text = next((found for found in map(_plain, paths) if found is not None), None)
    return None if text is None else parse(text, name)


def parse(text: bytes, name: str) -> str:
    """Return an option out of the text of a configuration, "" where it is not set."""
    start = name.encode() + b"="
    for line in text.split(b"\n"):
        if line.startswith(start):
            return line[len(start) :].decode("utf-8", "backslashreplace").strip('"')
    return ""


def _packed() -> bytes | None:
    try:
        data = read("/proc/config.gz")
    except errors.KernelError:
        return None
    import zlib  # gzip.decompress brings more along than it takes to unpack 60 kB

    try:
        return zlib.decompress(data, 16 + zlib.MAX_WBITS)
    except zlib.error:  # masked, as containers do with files of procfs
        return None


def _plain(path: str) -> bytes | None:
    try:
        return read(path)
    except errors.KernelError:
        return None
