"""Figures as people read and write them: "4.1 GB", "+2 %"."""

from __future__ import annotations

import math
import re

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_SIZE = re.compile(r"([0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)\s*([kmgtp]?)(i?)b?", re.IGNORECASE)
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*%")
_STEP = 1000


def size(number: int) -> str:
    """Bytes with three digits: 999 B, 1.00 kB, 41.2 MB; units are powers of 1000, as registries and disks count."""
    shown = float(abs(number))
    unit = 0
    while unit + 1 < len(_UNITS) and shown >= (_STEP if unit == 0 else 999.5):
        shown, unit = shown / _STEP, unit + 1
    sign = "-" if number < 0 else ""
    if unit == 0:
        return f"{sign}{abs(number)} B"
    return f"{sign}{shown:.{2 if shown < 9.995 else 1 if shown < 99.95 else 0}f} {_UNITS[unit]}"  # noqa: PLR2004 (three digits)


def change(number: int) -> str:
    """A difference of bytes with its sign."""
    return f"+{size(number)}" if number > 0 else size(number)


def percent(part: float) -> str:
    """A part of 1 as per cent, never rounded up to a whole that it is not."""
    if not math.isfinite(part):
        return "no figure" if math.isnan(part) else "without bound"
    shown = f"{100 * part:.1f}"
    if shown == "100.0" and part < 1:
        shown = "99.9"
    return f"{shown} %"


def read_size(text: str) -> int | None:
    """The bytes that a person means by "4 GB", "4GiB", "1,500 kb" or "1000"; None where it is no size."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    base: float = 1024 if found[3] else _STEP
    if found[3] and not found[2]:
        return None
    return round(float(found[1].replace(",", "")) * base ** "_kmgtp".index(found[2].lower() or "_"))


def read_part(text: str) -> float | None:
    """The part of 1 that a person means by "98 %" or "0.98"; None where it is none."""
    found = _PERCENT.fullmatch(text.strip())
    if found:
        return float(found[1]) / 100
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def plural(number: int, word: str) -> str:
    """A number of things: "1 layer", "9 layers"."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
