# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Addresses of the Internet protocols, in the order of the network."""

from __future__ import annotations

import struct

from .._btf.errors import WrongValue
from .form import Form, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

_SIZES = {4: "IPv4", 16: "IPv6"}
_PREFIX = struct.Struct("=I")


def ipv4(size: int) -> Form:
    """Return the form of "192.0.2.1"."""
    return _address(size, 4)


def ipv6(size: int) -> Form:
    """Return the form of "2001:db8::1"."""
    return _address(size, 16)


def cidr(size: int) -> Form:
    """Return the form of "192.0.2.0/24", the key of an LPM trie: a prefix length in 32 bits, then an address.

    The kernel keeps the bits behind the prefix as they were written. They are shown, and are zero in what is read.
    """
    length = size - _PREFIX.size
    if length not in _SIZES:
        raise WrongValue("", f"cidr is for keys of 8 or 20 bytes, and there are {size}")

    def show(data: bytes, stride: int) -> list[str]:
        prefixes = [prefix for (prefix,) in struct.iter_unpack(f"=I{stride - 4}x", data)]
        rows = struct.iter_unpack(f"4x{length}s{stride - size}x", data)
        addresses = _show(b"".join(item for (item,) in rows), length, length)
        return [f"{address}/{prefix}" for address, prefix in zip(addresses, prefixes)]

    def read(value: Any, field: str) -> bytes:
        import ipaddress

        text = text_of(value, field, "'192.0.2.0/24'")
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise WrongValue(field, f"{text!r} is no network: {error}") from None
        if len(network.network_address.packed) != length:
            raise WrongValue(field, f"{text!r} is not {_SIZES[length]}, which the key is for")
        return _PREFIX.pack(network.prefixlen) + network.network_address.packed

    return Form(size, show, read, '"%s"', lambda item: not _is_exact(item))


def _is_exact(key: bytes) -> bool:
    # Only a trie refuses a prefix that is longer than the address.
    return canonical(key) == key and _PREFIX.unpack_from(key)[0] <= 8 * (len(key) - _PREFIX.size)


def prefix(key: bytes) -> bytes:
    """Return the `canonical` key of an LPM trie; raises WrongValue for a prefix that is longer than the address."""
    (length,), bits = _PREFIX.unpack_from(key), 8 * (len(key) - _PREFIX.size)
    if length > bits:
        raise WrongValue("", f"a prefix of {length} bits, but an address has {bits}")
    return canonical(key)


def canonical(key: bytes) -> bytes:
    """Return the key of an LPM trie with zeros behind the prefix: to the kernel both are the same key."""
    (prefix,) = _PREFIX.unpack_from(key)
    bits = 8 * (len(key) - _PREFIX.size)
    drop = max(bits - prefix, 0)
    number = int.from_bytes(key[_PREFIX.size :], "big") >> drop << drop
    return key[: _PREFIX.size] + number.to_bytes(bits // 8, "big")


def _address(size: int, wanted: int) -> Form:
    name = _SIZES[wanted]
    if size != wanted:
        hint = "; cidr is for the keys of LPM tries" if size == wanted + _PREFIX.size else ""
        raise WrongValue("", f"{name.lower()} is {wanted} bytes, and there are {size}{hint}")

    def read(value: Any, field: str) -> bytes:
        import ipaddress

        text = text_of(value, field, "'192.0.2.1'")
        try:
            packed = ipaddress.ip_address(text).packed
        except ValueError:
            packed = b""
        if len(packed) != wanted:
            raise WrongValue(field, f"{text!r} is no {name} address")
        return packed

    return Form(size, lambda data, stride: _show(data, wanted, stride), read, '"%s"')


def _show(data: bytes, length: int, stride: int) -> Sequence[str]:
    if length == 4:
        return list(map("%d.%d.%d.%d".__mod__, struct.iter_unpack(f"4B{stride - 4}x", data)))
    import ipaddress

    return [str(ipaddress.IPv6Address(item)) for (item,) in struct.iter_unpack(f"16s{stride - 16}x", data)]
