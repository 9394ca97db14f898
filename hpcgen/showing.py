r"""Text that others wrote, as it is shown: on a terminal, in Markdown, HTML, XML, SARIF and addresses. The only place that escapes for eyes.

`quoting` makes words that are run and refuses what a format cannot carry. Here nothing is refused: a file's name may be anything, and a report has to
show it. What nobody would see is shown as Python writes it (`\x1b`, `\u202e`), a byte that is not UTF-8 as `\xff`, so that a name can neither
drive a terminal, nor turn a line round, nor end an element.
"""

from __future__ import annotations

import re
from typing import Any

_HIDDEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f\xad"  # controls, the soft hyphen
    "\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # no width, direction, separators of lines
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # no characters of UTF-8 or XML
    "\U000e0000-\U000e0fff"  # tags and selectors without a form
    "]"
)
_WORD = re.compile(r"[(]?(?!\d+[.)]$)(?:[A-Za-z0-9][A-Za-z0-9'%-]*|[+~-]?\d+(?:\.\d+)?|%)[)]?[,.;:?]?")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_SPECIAL = re.compile("[&<>\"']")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_FIRST_BYTE, _LAST_BYTE = "\udc80", "\udcff"  # what os.fsdecode makes of bytes that are not UTF-8


def visible(text: str) -> str:
    """A text as one line in which nothing is hidden and nothing is an order to a terminal."""
    return _HIDDEN.sub(_as_escape, text)


def _as_escape(found: re.Match[str]) -> str:
    char = found[0]
    if _FIRST_BYTE <= char <= _LAST_BYTE:
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters: of a longer one both ends, since a path's say most."""
    if len(text) <= most:
        return text
    head = (most - 1) // 3
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


# --- HTML and XML ---


def html(text: str) -> str:
    """Text within an element or an attribute of HTML or XML."""
    return _SPECIAL.sub(lambda found: _ENTITIES[found[0]], visible(text))


def page_value(value: object) -> object:
    """A value as a template shows it: a text without what is hidden. Jinja2 calls this (`finalize`) before it escapes; markup stays as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return "" if value is None else value


def script_data(data: Any) -> str:
    """Data as JSON that may stand within an element `script`, which knows no entities and ends at its own name."""
    import json

    text = json.dumps(_seen(data), separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _seen(data: Any) -> Any:
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, list | tuple):
        return [_seen(one) for one in data]
    return {visible(key): _seen(value) for key, value in data.items()} if isinstance(data, dict) else data


# --- Markdown ---


def code(text: str) -> str:
    """A code span that shows exactly this text, what nobody would see as an escape."""
    shown = visible(text) or "(empty)"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    blank = shown.strip(" ") and shown[0] == shown[-1] == " "
    pad = " " if blank or "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(text: str) -> str:
    """Markdown within a table, where a bar ends a cell even in code."""
    return text.replace("|", "\\|")


def markdown(text: str) -> str:
    """A sentence in Markdown: words as they are, all that could mean more (an option, a path, an address, a person's name) as code.

    Escapes would not do: GitHub and GitLab look for names and addresses in what Markdown has already unescaped, but never in code.
    """
    parts: list[tuple[bool, str]] = []
    for word in visible(text).split():
        plain = _WORD.fullmatch(word) is not None
        if parts and not plain and not parts[-1][0]:
            parts[-1] = (False, f"{parts[-1][1]} {word}")
        else:
            parts.append((plain, word))
    return " ".join(word if plain else _spanned(word) for plain, word in parts)


def _spanned(words: str) -> str:
    """Code, with the stop that ends the sentence behind it."""
    end = words[-1] if len(words) > 1 and words[-1] in ",.;" else ""
    return code(words[: len(words) - len(end)]) + end


# --- others ---


def sarif(text: str) -> str:
    """The text of a SARIF message, in which brackets are links and braces are arguments."""
    shown = re.sub(r"[\\\[\]]", lambda found: f"\\{found[0]}", visible(text))
    return shown.replace("{", "{{").replace("}", "}}")


def address(path: str) -> str:
    """A path as a relative URI, byte by byte."""
    from urllib.parse import quote

    data = _LONE.sub(_as_escape, path).encode("utf-8", "surrogateescape")
    return quote(data, safe="/")


def portable(text: str) -> str:
    """A text that every reader of JSON takes: half a pair of surrogates, which many refuse, is shown as what it stands for."""
    return _SURROGATES.sub(_as_escape, text)
