"""Programs of one version under their plain names, by Debian's alternatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable


def called_by_name(names: Iterable[str], version: str) -> str:
    """The command that makes programs NAME-VERSION those that are called by name, also when a later package brings the distribution's own."""
    divert = 'dpkg-divert --quiet --local --rename --divert "/usr/bin/$name.distribution" --add "/usr/bin/$name"'
    link = f'update-alternatives --install "/usr/bin/$name" "$name" "/usr/bin/$name-{version}" 100'
    return f"for name in {sh_join(names)}; do {divert} && {link} || exit 1; done"


def stands_for(name: str, program: str) -> str:
    """The command that makes a traditional name, such as cc, that of a program in /usr/bin."""
    return f"update-alternatives --install /usr/bin/{name} {name} /usr/bin/{program} 100"
