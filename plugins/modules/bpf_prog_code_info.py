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
  - Without a selector it shows the code of every program, which is much.
  - Names of called functions come from the symbol table of the kernel. Where they are hidden, C(hints) says why and
    what to do.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.select
  - ebpf.fleet.select.name
  - ebpf.fleet.select.pinned
  - ebpf.fleet.select.tag
options:
  format:
    description:
      - What to make of the code. V(text) is the listing of C(bpftool), V(records) one dictionary an instruction, V(dot)
        a graph of basic blocks for graphviz with one cluster a function, V(raw) the bytes in hexadecimal.
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
  - module: ebpf.fleet.bpf_prog_info
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
      description: The listing, with prototypes and source lines where there is BTF.
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
          type: int
          sample: 0
        disasm:
          description: The instruction as text.
          type: str
          sample: (b7) r0 = 2
        opcodes:
          description: The fields of its bytes.
          returned: O(opcodes=true)
          type: dict
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
      returned: O(format=raw)
      type: str
      sample: b7000000020000009500000000000000
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
"""

from ..module_utils._module.listing import run_listing
from ..module_utils._module.prog_code import OPTIONS, read
from ..module_utils._module.select import TAG_OPTION


def main() -> None:
    run_listing("programs", read, (), ("id", "name", "pinned", "type", "required"), dict(TAG_OPTION, **OPTIONS))


if __name__ == "__main__":
    main()
