"""Lists of folders in one variable, as recipes write them: `/opt/bin:$PATH`."""

from __future__ import annotations


def around_own_name(name: str, value: str) -> tuple[list[str], bool, list[str]]:
    """The elements of a list before and after its own name, and whether it names itself."""
    words = value.split(":")
    for own in (f"${name}", f"${{{name}}}"):
        if own in words:
            at = words.index(own)
            return [word for word in words[:at] if word], True, [word for word in words[at + 1 :] if word]
    return [], False, []
