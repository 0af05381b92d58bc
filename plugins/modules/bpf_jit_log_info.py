#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_jit_log_info
short_description: Show what the BPF JIT compiler wrote into the kernel's log
version_added: 0.1.0
description:
  - Reads the images that the JIT compiler writes into the log of the kernel while C(net.core.bpf_jit_enable) is V(2),
    or those in a file with a copy of such a log, and disassembles them on the controller as C(bpf_jit_disasm) of the
    kernel's sources does.
  - It shows all images and not only the last one. What is damaged, wrapped or missing in the log is told, and
    nothing is guessed.
  - M(ebpf.fleet.bpf_prog_code_info) shows the machine code of loaded programs without all that. The log is for those
    that are gone, and for passes of the compiler.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
requirements:
  - capstone (on the controller), for RV(images[].text)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.attributes.action_plugin
options:
  src:
    description:
      - A file on the target, such as the output of C(dmesg) or C(journalctl -k). Without it the log of the running
        kernel is read as C(dmesg) shows it, and left as it is.
    type: str
  last:
    description:
      - Only so many images, the last ones. C(bpf_jit_disasm) shows one.
    type: int
  machine:
    description:
      - The architecture of the code, as C(uname -m) tells it, where O(src) is of another machine.
    type: str
  opcodes:
    description:
      - Add the bytes below each instruction, as C(bpf_jit_disasm -o) does.
    type: bool
    default: false
notes:
  - Where C(kernel.dmesg_restrict) is V(1), reading the log of the kernel needs C(CAP_SYSLOG).
  - Instructions of x86 have the names of GNU binutils, as C(bpf_jit_disasm) prints them, those of other machines the
    names of capstone.
  - C(net.core.bpf_jit_enable=2) is for debugging alone. It fills the log, and tells addresses and code to everybody who
    may read it. Kernels that were built with C(CONFIG_BPF_JIT_ALWAYS_ON) refuse it.
seealso:
  - module: ebpf.fleet.bpf_prog_code_info
  - module: ebpf.fleet.bpf_sysctl
"""

EXAMPLES = r"""
- name: Read the log of the kernel
  ebpf.fleet.bpf_jit_log_info:
  register: jit

- name: Show the last image in a copy of a log, with its bytes
  ebpf.fleet.bpf_jit_log_info:
    src: /var/tmp/dmesg.txt
    machine: x86_64
    last: 1
    opcodes: true
  register: copy

- name: Print it
  ansible.builtin.debug:
    msg: "{{ copy.images[0].text.splitlines() }}"
"""

RETURN = r"""
images:
  description: One record an image, in the order of their first lines.
  returned: success
  type: list
  elements: dict
  contains:
    line:
      description: Number of its first line, in the log of the kernel that of the record.
      type: int
      sample: 812
    time:
      description: Seconds since boot. V(null) where the lines of O(src) do not have it.
      type: float
      sample: 3389.935842
    flen:
      description: Number of BPF instructions.
      type: int
      sample: 6
    proglen:
      description: Number of bytes of machine code.
      type: int
      sample: 70
    pass:
      description: Number of passes that the compiler took.
      type: int
      sample: 3
    image:
      description:
        - Address of the code as the log has it. V(null) where the kernel hides or hashes it.
      type: str
      sample: ffffffffa0069c8f
    from:
      description: Command name of the process that loaded the program.
      type: str
      sample: tcpdump
    pid:
      description: Its process id.
      type: int
      sample: 20583
    complete:
      description: Whether all bytes are there.
      type: bool
      sample: true
    code:
      description: The bytes in hexadecimal, up to the first that is missing.
      type: str
      sample: 554889e5c9c3
    text:
      description:
        - The listing. Addresses count from the first byte. V(null) where it could not be made, then RV(hints) says why.
      type: str
      sample: "6 bytes emitted from JIT compiler (pass:3, flen:6)\nffffffffa0069c8f + <x>:\n   0:\tpush   %rbp\n"
    unavailable:
      description: Why keys are V(null).
      returned: when something is missing
      type: dict
      sample: {image: hashed by the kernel}
problems:
  description: What is wrong in the log, the first hundred.
  returned: success
  type: list
  elements: dict
  contains:
    line:
      description: Number of the line.
      type: int
      sample: 815
    reason:
      description: What is wrong with it.
      type: str
      sample: "7 bytes where 16 must be: the line is cut or wrapped (image of line 812)"
problem_count:
  description: How many problems there are in all.
  returned: success
  type: int
  sample: 0
machine:
  description: The architecture that the code was taken for.
  returned: success
  type: str
  sample: x86_64
hints:
  description: What is missing, why, and the way out.
  returned: success
  type: list
  elements: str
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: open /dev/kmsg, errno: 1, name: EPERM, hint: "The process lacks CAP_SYSLOG: run with become."}
"""

from ..module_utils._module.jit_log_info import run

# The last one is for the action plugin, which disassembles what the module found.
OPTIONS = {
    "src": {"type": "str"},
    "last": {"type": "int"},
    "machine": {"type": "str"},
    "opcodes": {"type": "bool", "default": False},
}


def main() -> None:
    run(OPTIONS)


if __name__ == "__main__":
    main()
