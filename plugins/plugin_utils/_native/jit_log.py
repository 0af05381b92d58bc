# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Images out of the kernel's log -> listings as those of bpf_jit_disasm."""

from __future__ import annotations

from .._errors import FleetError
from .disassemble import disassemble


def finish(image, machine, opcodes):
    """Put the listing of an image into its record as C(text); what comes back is why it could not be made, or "".

    Addresses count from the first byte, as in bpf_jit_disasm: the one in the log is no address on newer kernels.
    """
    code = bytes.fromhex(image["code"])
    image["text"] = None
    try:
        insns = disassemble(code, machine) if code else []
    except FleetError as error:
        image.setdefault("unavailable", {})["text"] = "not disassembled"
        return str(error)
    image["text"] = _head(image, len(code)) + "".join(_line(insn, opcodes) for insn in insns)
    return ""


def _head(image, size):
    found = f"{size} of {image['proglen']} bytes" if size < image["proglen"] else f"{size} bytes"
    where = image["image"] or "?"
    return f"{found} emitted from JIT compiler (pass:{image['pass']}, flen:{image['flen']})\n{where} + <x>:\n"


def _line(insn, opcodes):
    line = f"{insn['offset']:4x}:\t{insn['text']}\n"
    return f"{line}\t{insn['bytes']}\n" if opcodes else line
