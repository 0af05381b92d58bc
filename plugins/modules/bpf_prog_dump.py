#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_prog_dump
short_description: Write the code of a BPF program to a file
version_added: 0.1.0
description:
  - Writes the code of one loaded program to a file on the target, in the forms of M(ebpf.fleet.bpf_prog_code_info), or
    as a picture of its control flow.
  - Machine code is disassembled and pictures are drawn on the controller, so that targets need nothing for it.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
requirements:
  - capstone (on the controller) for O(what=jited) as V(text) or V(records)
  - graphviz (on the controller) for pictures
extends_documentation_fragment:
  - ansible.builtin.files
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.attributes.action_plugin
attributes:
  check_mode:
    support: full
    details:
      - Reads the program to tell whether the file would change, and writes nothing.
  diff_mode:
    support: full
    details:
      - Shows the digests of the file.
  async:
    support: partial
    details:
      - Not for pictures, and not for O(what=jited) as V(text) or V(records), which the controller makes of what the
        module returns.
options:
  id:
    description:
      - The program with this id. Ids change with every load and every boot.
      - Exactly one of O(id), O(name), O(pinned) and O(tag) names the program.
    type: int
  name:
    description:
      - The program with this name, the kernel's or the full one. It has to be the only one.
    type: str
  pinned:
    description:
      - The program that is pinned at this path.
    type: path
  tag:
    description:
      - The program with this tag, a hash of its instructions. It has to be the only one.
    type: str
  what:
    description:
      - Which code to write. V(xlated) is what the verifier has left, V(jited) the machine code.
      - Where the controller has no C(capstone), listings of machine code have the bytes alone, and C(hints) and a
        warning say what to install.
    type: str
    choices: [xlated, jited]
    default: xlated
  format:
    description:
      - What to write. V(text) is the listing of C(bpftool), V(records) JSON with one line an instruction, V(raw) the
        bytes themselves. V(dot) is a graph of basic blocks for graphviz, V(svg) and V(png) are pictures of it.
      - V(dot), V(svg) and V(png) are for O(what=xlated) only.
    type: str
    choices: [text, records, dot, raw, svg, png]
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
  dest:
    description:
      - The file to write on the target. Its directory has to be there.
      - The file is replaced in one step, and only if its content is another. A new one has mode C(0600) unless O(mode)
        says otherwise, since code shows addresses of the kernel.
    type: path
    required: true
  _content:
    description:
      - What the controller has made of the code. The action plugin gives it to the target, and takes it from nobody.
    type: str
notes:
  - Code has ids of maps and addresses of the kernel in it, so that the file changes when a program is loaded again.
seealso:
  - module: ebpf.fleet.bpf_prog_code_info
  - module: ebpf.fleet.bpf_map_dump
  - plugin: ebpf.fleet.bpf_cfg
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep the listing of a program with its source lines
  ebpf.fleet.bpf_prog_dump:
    pinned: /sys/fs/bpf/example/filter
    linum: true
    dest: /var/tmp/filter.txt

- name: Keep its machine code as well
  ebpf.fleet.bpf_prog_dump:
    pinned: /sys/fs/bpf/example/filter
    what: jited
    opcodes: true
    dest: /var/tmp/filter.jited.txt

- name: Draw its control flow
  ebpf.fleet.bpf_prog_dump:
    pinned: /sys/fs/bpf/example/filter
    format: svg
    dest: /var/tmp/filter.svg
"""

RETURN = r"""
dest:
  description: The file.
  returned: success
  type: str
  sample: /var/tmp/filter.txt
size:
  description: Size of the file in bytes.
  returned: success
  type: int
  sample: 4100
sha256:
  description: SHA-256 of the file. In check mode that of the file as it would be.
  returned: success
  type: str
  sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
program:
  description: The program that was read.
  returned: success
  type: dict
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
  description: What the file lacks, why, and the way out.
  returned: success
  type: list
  elements: str
  sample: []
near_matches:
  description: Up to five programs that come close to the selectors when nothing matched.
  returned: when the program is not found
  type: list
  elements: dict
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_PROG_GET_FD_BY_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN ..."}
"""

from ..module_utils._module.prog_dump import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
