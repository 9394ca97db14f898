"""Globs of paths: `*` and `?` within a name, `[a-z]`, `{one,other}`, and `**` for any number of folders."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_SPECIAL = re.compile(r"\*\*/|\*\*|\*|\?|\[[^]/]+\]|[{},]")


@lru_cache(maxsize=1024)
def pattern(glob: str) -> str:
    """A regular expression that matches what a glob does, as a whole."""
    parts, at, depth = [], 0, 0
    for found in _SPECIAL.finditer(glob):
        parts.append(re.escape(glob[at : found.start()]))
        at = found.end()
        word = found[0]
        if word == "{":
            depth += 1
            parts.append("(?:")
        elif word in "},":
            parts.append({"}": ")", ",": "|"}[word] if depth else re.escape(word))
            depth -= word == "}" and depth > 0
        else:
            parts.append(_WORDS.get(word) or "[" + word[1:-1].replace("!", "^", 1).replace("\\", "\\\\") + "]")
    return "".join((*parts, re.escape(glob[at:]))) + ")" * depth


_WORDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(glob: str, path: str) -> bool:
    """Whether a path, relative to the root, is one that a glob means."""
    return _compiled(glob).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(pattern(glob), re.DOTALL)


def split_braces(glob: str) -> list[str]:
    """A glob without braces for each choice that it has: `a.{b,c}` gives `a.b` and `a.c`."""
    start = glob.find("{")
    if start < 0:
        return [glob]
    depth, cuts = 0, [start]
    for at in range(start, len(glob)):
        depth += {"{": 1, "}": -1}.get(glob[at], 0)
        if glob[at] == "," and depth == 1:
            cuts.append(at)
        if depth == 0:
            cuts.append(at)
            break
    else:
        return [glob]
    ends = split_braces(glob[cuts[-1] + 1 :])
    choices = [glob[before + 1 : after] for before, after in pairwise(cuts)]
    return [glob[:start] + one + end for choice in choices for one in split_braces(choice) for end in ends]
