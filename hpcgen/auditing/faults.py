"""What can go wrong with what is audited."""

from __future__ import annotations

from hpcgen.errors import HpcgenError


class Unreadable(HpcgenError):
    """What is to be audited is no image, is damaged, or cannot be had."""

    kind = "cannot be read"
    status = 3
