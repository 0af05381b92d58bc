#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_kallsyms_info
short_description: List the symbols of BPF programs in the kernel
version_added: 0.1.0
description:
  - Lists the symbols that BPF has in C(/proc/kallsyms), the functions of compiled programs above all, and tells which
    program each of them belongs to.
  - Tells which function and program an address lies in, as it stands in the output of C(perf script) or in a log of
    the kernel. The filter P(ebpf.fleet.bpf_symbolize#filter) does that for a whole text.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
options:
  addresses:
    description:
      - Addresses to look up, in hexadecimal with or without C(0x). Quote them.
    type: list
    elements: raw
    default: []
notes:
  - Everybody may read the names. Addresses need C(CAP_SYSLOG) unless C(kernel.kptr_restrict) is V(0), and are hidden
    from everybody where it is V(2). To tell whose a symbol is, the programs must be listed, which needs
    C(CAP_SYS_ADMIN). Where something is missing, RV(hints) says why and what to do.
  - Classic BPF filters of sockets have neither an id nor a symbol, so an address in one is in no symbol of BPF.
seealso:
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_sysctl
  - plugin: ebpf.fleet.bpf_symbolize
    plugin_type: filter
"""

EXAMPLES = r"""
- name: List the symbols of BPF
  ebpf.fleet.bpf_kallsyms_info:
  register: kallsyms

- name: Show which programs they belong to
  ansible.builtin.debug:
    msg: "{{ item.address }} {{ item.name }}: program {{ item.prog_ids | join(' or ') }}"
  loop: "{{ kallsyms.symbols | selectattr('kind', 'eq', 'prog') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Tell which program an address of a crash lies in
  ebpf.fleet.bpf_kallsyms_info:
    addresses: ["ffffffffc0025ce4"]
  register: crash
"""

RETURN = r"""
symbols:
  description: One record a symbol, sorted by address, and by name where addresses are hidden.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: Where it begins. V(null) where addresses are hidden.
      type: str
      sample: "0xffffffffc0025cd0"
    name:
      description: The name as in the table.
      type: str
      sample: bpf_prog_82e8076d76d2ea5c_filter
    kind:
      description:
        - V(prog) is a function of a program, V(cfi) what the kernel puts in front of one against misguided jumps.
        - V(trampoline), V(dispatcher) and V(struct_ops) are code that the kernel made to call programs. V(other) is
          what newer kernels may have.
      type: str
      sample: prog
    tag:
      description: Hash of the instructions of the function. V(null) where it is no function of a program.
      type: str
      sample: 82e8076d76d2ea5c
    function:
      description: Name of the function. V(null) where the symbol has none.
      type: str
      sample: filter
    size:
      description: Bytes of machine code. V(null) where it is no function of a program, or the kernel does not tell.
      type: int
      sample: 643
    prog_id:
      description: Id of the program. V(null) where none or several fit.
      type: int
      sample: 406
    prog_type:
      description: Type of that program.
      type: str
      sample: sched_cls
    prog_name:
      description: Name of that program, cut after 15 characters.
      type: str
      sample: filter
    prog_ids:
      description:
        - Ids of all programs that fit. There are several where addresses are hidden and programs have the same code
          under the same name.
      type: list
      elements: int
      sample: [406]
    in_kallsyms:
      description:
        - Whether the symbol is in the table. V(false) is what the kernel tells of compiled programs where it keeps all
          of them out of its table. The name is the one that the symbol would have.
      type: bool
      sample: true
    unavailable:
      description: Why keys are V(null) that could not be told.
      returned: when something is missing
      type: dict
      sample: {address: hidden by kptr_restrict}
addresses:
  description: What lies at each address of O(addresses), in that order.
  returned: O(addresses) is not empty
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      type: str
      sample: "0xffffffffc0025ce4"
    name:
      description: The symbol that it lies in. V(null) where it is in none of BPF.
      type: str
      sample: bpf_prog_82e8076d76d2ea5c_filter
    offset:
      description: Bytes from the beginning of the symbol.
      type: int
      sample: 20
    tag:
      description: As in RV(symbols[].tag).
      type: str
      sample: 82e8076d76d2ea5c
    function:
      description: As in RV(symbols[].function).
      type: str
      sample: filter
    prog_id:
      description: As in RV(symbols[].prog_id).
      type: int
      sample: 406
    prog_type:
      description: As in RV(symbols[].prog_type).
      type: str
      sample: sched_cls
    prog_name:
      description: As in RV(symbols[].prog_name).
      type: str
      sample: filter
    prog_ids:
      description: As in RV(symbols[].prog_ids).
      type: list
      elements: int
      sample: [406]
    unavailable:
      description: Why keys are V(null).
      returned: when something is missing
      type: dict
      sample: {name: in no symbol of BPF}
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
  sample: {call: open /proc/kallsyms, errno: 2, name: ENOENT, hint: ""}
"""

from ..module_utils._module.kallsyms_info import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
