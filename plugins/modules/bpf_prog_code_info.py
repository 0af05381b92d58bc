#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_prog_code_info
short_description: Show the code of BPF programs
version_added: 0.1.0
description:
  - Shows the instructions of loaded programs as the verifier has left them, as C(bpftool prog dump xlated) does and
    character by character the same, or as a graph of their control flow.
  - Or the machine code that the compiler of the kernel has made of them, function by function. It is disassembled on
    the controller, for whatever machine the target is, so that targets need nothing for it.
  - Without a selector it shows the code of every program, which is much.
  - Names of called functions come from the symbol table of the kernel. Where they are hidden, C(hints) says why and
    what to do.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.attributes.action_plugin
  - ebpf.fleet.select
  - ebpf.fleet.select.name
  - ebpf.fleet.select.pinned
  - ebpf.fleet.select.tag
attributes:
  async:
    support: partial
    details:
      - Not for O(what=jited) as V(text) or V(records), which the controller makes of what the module returns.
requirements:
  - capstone (on the controller) for O(what=jited) as V(text) or V(records)
options:
  what:
    description:
      - Which code to show. V(xlated) is what the verifier has left, V(jited) the machine code.
      - Machine code is disassembled on the controller with C(capstone), that of x86 in the words of GNU binutils. Where
        C(capstone) is missing, the bytes are returned as RV(programs[].raw), and C(hints) and a warning say what to
        install.
    type: str
    choices: [xlated, jited]
    default: xlated
  format:
    description:
      - What to make of the code. V(text) is the listing of C(bpftool), V(records) one dictionary an instruction, V(dot)
        a graph of basic blocks for graphviz with one cluster a function, V(raw) the bytes in hexadecimal.
      - V(dot) is for O(what=xlated) only.
    type: str
    choices: [text, records, dot, raw]
    default: text
  opcodes:
    description:
      - Add the bytes of each instruction.
    type: bool
    default: false
  linum:
    description:
      - Add file, line and column to the source lines. There are source lines where the program was loaded with BTF.
    type: bool
    default: false
seealso:
  - ref: ansible_collections.ebpf.fleet.docsite.guide_program_code
    description: How to read the listings, and what to do where names are missing.
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_prog_dump
  - plugin: ebpf.fleet.bpf_disasm
    plugin_type: filter
  - plugin: ebpf.fleet.bpf_jit_disasm
    plugin_type: filter
  - ref: ansible_collections.ebpf.fleet.docsite.guide_bpftool_differences
    description: Where the listing differs from that of C(bpftool).
"""

EXAMPLES = r"""
- name: Show what a pinned program really runs
  ebpf.fleet.bpf_prog_code_info:
    pinned: /sys/fs/bpf/example/filter
    linum: true
  register: code

- name: Print it
  ansible.builtin.debug:
    msg: "{{ code.programs[0].text.splitlines() }}"

- name: Take the control flow of all XDP programs
  ebpf.fleet.bpf_prog_code_info:
    type: xdp
    format: dot
  register: flow

- name: Show the machine code of a program with the names of what it calls
  ebpf.fleet.bpf_prog_code_info:
    pinned: /sys/fs/bpf/example/filter
    what: jited
    opcodes: true
  register: jited
"""

RETURN = r"""
programs:
  description: One record a program, in ascending order of ids.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the program until the next reboot.
      type: int
      sample: 406
    type:
      description: Type of the program; a number as a string where it is newer than this collection.
      type: str
      sample: sched_cls
    name:
      description: Name given by the loader. The kernel keeps 15 characters.
      type: str
      sample: cil_from_netdev
    full_name:
      description: The name from BTF where C(name) may be cut.
      type: str
      sample: cil_from_netdevice
    tag:
      description: Hash of the instructions.
      type: str
      sample: e0362f5bd9163a0a
    text:
      description:
        - The listing, with prototypes and source lines where there is BTF.
        - Offsets of O(what=jited) count from the start of each function, and so do jumps within it. Calls and jumps out
          of it show the address and, on x86, its name.
      returned: O(format=text)
      type: str
      sample: "   0: (b7) r0 = 2\n   1: (95) exit\n"
    records:
      description: The instructions.
      returned: O(format=records)
      type: list
      elements: dict
      contains:
        insn:
          description: Number of its first 8 bytes. A load of 64 bits takes two.
          returned: O(what=xlated)
          type: int
          sample: 0
        function:
          description: Name of the function, its address where it has none.
          returned: O(what=jited)
          type: str
          sample: bpf_prog_3b185187f1855c4c_filter
        pc:
          description: Offset in the function.
          returned: O(what=jited)
          type: str
          sample: "0x4"
        operation:
          description: What the instruction does.
          returned: O(what=jited)
          type: str
          sample: mov
        operands:
          description: On what it does it.
          returned: O(what=jited)
          type: list
          elements: str
          sample: ["%rsp", "%rbp"]
        symbol:
          description: Name of the function that is called or jumped to.
          returned: O(what=jited), where the function is left
          type: str
          sample: bpf_get_smp_processor_id
        disasm:
          description: The instruction as text.
          type: str
          sample: (b7) r0 = 2
        opcodes:
          description: The fields of its bytes. With O(what=jited) a list of the bytes.
          returned: O(opcodes=true)
          type: raw
          sample:
            code: "0xb7"
            src_reg: "0x0"
            dst_reg: "0x0"
            "off": ["0x00", "0x00"]
            imm: ["0x02", "0x00", "0x00", "0x00"]
        proto:
          description: Prototype of the function that begins here.
          returned: at the beginning of a function, with BTF
          type: str
          sample: int filter(struct __sk_buff * skb)
        src:
          description: The source line whose code begins here.
          returned: at the beginning of a source line, with BTF
          type: str
          sample: return 2;
        file:
          description: Source file.
          returned: with C(src), O(linum=true)
          type: str
          sample: /src/filter.c
        line_num:
          description: Line in the file.
          returned: with C(src), O(linum=true)
          type: int
          sample: 12
        line_col:
          description: Column in the line.
          returned: with C(src), O(linum=true)
          type: int
          sample: 2
    dot:
      description: The control flow in the language of graphviz. C(?) stands for a place that the code does not tell.
      returned: O(format=dot)
      type: str
      sample: "digraph \"xdp filter id 4\" {\n}\n"
    raw:
      description: The bytes in hexadecimal, in the byte order of the host.
      returned: O(format=raw), and for O(what=jited) where the controller cannot disassemble
      type: str
      sample: b7000000020000009500000000000000
    machine:
      description: The machine that the code is for, as C(uname -m) names it.
      returned: O(what=jited)
      type: str
      sample: x86_64
    functions:
      description: The functions of the program in the order of the code.
      type: list
      elements: dict
      contains:
        name:
          description:
            - The name from BTF. With O(what=jited) the symbol; where the kernel shows none (C(net.core.bpf_jit_harden),
              C(net.core.bpf_jit_kallsyms)) the one that it would have.
          type: str
          sample: filter
        proto:
          description: The prototype from BTF.
          type: str
          sample: int filter(struct __sk_buff * skb)
        address:
          description: Where the machine code lies. Kernels before 5.0 tell it only of programs of several functions.
          returned: O(what=jited)
          type: str
          sample: "0xffffffffc0034000"
        offset:
          description: Where the function begins in the code, in bytes.
          type: int
          sample: 0
        size:
          description: Size of the function in bytes.
          type: int
          sample: 80
    hints:
      description: What the listing lacks, why, and the way out.
      type: list
      elements: str
      sample: []
    unavailable:
      description: Why keys are V(null) that the kernel did not tell.
      returned: when something is missing
      type: dict
      sample: {text: hidden by kptr_restrict}
near_matches:
  description: Up to five programs that come close to the selectors when nothing matched.
  returned: success
  type: list
  elements: dict
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_PROG_GET_NEXT_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN: run with become."}
"""

from ..module_utils._module.listing import run_listing
from ..module_utils._module.prog_code import OPTIONS, read
from ..module_utils._module.select import TAG_OPTION


def main() -> None:
    run_listing("programs", read, (), ("id", "name", "pinned", "type", "required"), dict(TAG_OPTION, **OPTIONS))


if __name__ == "__main__":
    main()
