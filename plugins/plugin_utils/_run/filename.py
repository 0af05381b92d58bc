# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

# File systems take 255 bytes; the rest is for the ending and for the temporary name.
_LONGEST = 200


def quoted(name):
    """File name (without ending) for a host of any name: no slash, no leading dot, no two names alike.

    The name itself stands in the file; this one is for people who look for it.
    """
    safe = quote(name, safe="").replace("~", "%7E")
    if safe.startswith("."):
        safe = "%2E" + safe[1:]
    if len(safe) <= _LONGEST:
        return safe
    # no half of an escape at the end; a tilde occurs in no short name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return re.sub("%.?$", "", safe[:_LONGEST]) + "~" + digest[:24]
