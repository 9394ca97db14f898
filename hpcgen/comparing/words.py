"""A shell command as the words that the shell makes of it."""

from __future__ import annotations

import re
import shlex

_BETWEEN = ";&|\n"
"""What stands between simple commands."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_SWITCH = re.compile(r"--(?:with|without|enable|disable|no)-([\w.+-]+)")
_OPTION = re.compile(r"(--?[^=\s]+|[A-Za-z_][\w.+-]*\+?)=")


def words(command: str) -> list[tuple[str, str]]:
    """The words of a command, each with the program that it is said to; none where quotes do not pair."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=_BETWEEN)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    try:
        tokens = [*lexer, ";"]
    except ValueError:
        return []
    found: list[tuple[str, str]] = []
    simple: list[str] = []
    for token in tokens:
        if token and set(token) <= set(_BETWEEN):
            program = next((word for word in simple if not _ASSIGNMENT.match(word)), "")
            found += ((program.rpartition("/")[2], word) for word in simple)
            simple = []
        else:
            simple.append(token)
    return found


def option(word: str) -> str:
    """An option without its value, a variable's name; any other word as it is."""
    found = _OPTION.match(word)
    return found[1].partition(":")[0] if found else word


def setting(word: str) -> str:
    """What a word sets: `--with-x` and `--without-x` set one thing."""
    switch = _SWITCH.match(word)
    return f"--{switch[1]}" if switch else option(word)
