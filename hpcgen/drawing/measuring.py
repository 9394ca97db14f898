"""How wide text is: no picture knows its reader's fonts, so it is taken to be as wide as in DejaVu Sans, among the widest of those in use."""

from __future__ import annotations

from unicodedata import category, east_asian_width

_WIDTHS = {
    "'": 0.3,
    " ,./IJ\\ijl|": 0.35,
    "-:;f": 0.4,
    "!()[]rt": 0.45,
    '"*_`': 0.5,
    "?csz": 0.55,
    "Lkvxy": 0.6,
    "$0123456789EFPSTYabdeghnopqu{}": 0.65,
    "ABCKRVXZ": 0.7,
    "NU": 0.75,
    "&DGHOQ": 0.8,
    "#+<=>^w~": 0.85,
    "M": 0.9,
    "%@Wm": 1.0,
}
"""Letters -> the width of the widest of them, in the font's size."""

_LETTERS = {letter: width for letters, width in _WIDTHS.items() for letter in letters}
_BOLD = 1.13
_WIDE = 1.3
"""Of characters of East Asia, 1, and of pictures, which some fonts draw wider."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text in pixels, rather too large than too small."""
    return sum(_LETTERS.get(letter) or _other(letter) for letter in text) * size * (_BOLD if bold else 1)


def _other(letter: str) -> float:
    """The width of a character beyond ASCII; marks stand on the letter before."""
    if category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return _WIDE if east_asian_width(letter) in "WF" else 1.0


def fitting(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as there is room for and an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    left = room - width("…", size, bold=bold)
    for count, letter in enumerate(text):
        left -= width(letter, size, bold=bold)
        if left < 0:
            return text[:count].rstrip() + "…"
    return text
