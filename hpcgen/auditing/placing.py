"""Which rule each path belongs to: the first whose globs match. Folders are looked at once each, files by their name alone.

An image has 200,000 files and there are 400 globs, so globs are sorted by what a path must have for them to match: a folder's name, a file's
name or its ending. What is left is one regular expression.
"""

from __future__ import annotations

import re
from array import array
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing.globs import matches, pattern, split_braces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

NONE = -1
"""The place of no rule."""
_LAST = 1 << 30
_WILD = re.compile(r"[*?\[{]")
_LITERAL = re.compile(r"[^*?\[\]{},]+(?![^\[]*\])")
_START = 3
"""Characters of a name by which globs are told apart."""
_REPEATED = re.compile(r"(?:\*\*/)+(?=\*\*(?:/|$))")
_SLASH_IN_BRACES = re.compile(r"\{[^{}/]*/[^{}]*\}")


class Globs(NamedTuple):
    """A rule: what it matches, and names that it leaves to later ones."""

    globs: Sequence[str]
    excepted: Sequence[str] = ()


class Place(NamedTuple):
    """A path's rule, and the topmost folder that belongs to it as a whole, or the path itself."""

    rule: int
    root: str


class Places(NamedTuple):
    """The rules of many files, and the topmost folder of those that belong to one as a whole."""

    rules: array[int]
    roots: dict[int, str]


class _Named(NamedTuple):
    """Names of one rule."""

    rule: int
    name: str


class _Folders(NamedTuple):
    """What holds of folders that a glob matches: all in them is one rule's, or names in them are, in theirs too where it is `deep`."""

    glob: str
    rule: int
    name: str
    deep: bool


class _State(NamedTuple):
    """What is known of a folder: the rule that all of it is, from which folder on, and what else names in it may be."""

    whole: int
    root: str
    deep: frozenset[_Named]
    names: _Names


class _Names:
    """Tells a name's rule.

    Args:
        named: what names may be.
        excepted: by rule, what they may not be.
    """

    def __init__(self, named: Iterable[_Named], excepted: Mapping[int, re.Pattern[str]]) -> None:
        self.exact: dict[str, int] = {}
        self.endings: dict[str, int] = {}
        self.excepted = excepted
        starting: dict[str, list[tuple[int, str]]] = {}
        holding: dict[str, list[tuple[int, str]]] = {}
        for rule, glob in sorted(named):
            for name in split_braces(glob):
                first = _WILD.split(name, maxsplit=1)[0]
                if first == name:
                    self.exact.setdefault(name, rule)
                elif name.startswith("*.") and not _WILD.search(name[2:]) and "." not in name[2:]:
                    self.endings.setdefault(name[2:], rule)
                elif len(first) >= _START:
                    starting.setdefault(first[:_START], []).append((rule, name))
                else:
                    holding.setdefault(max(_LITERAL.findall(name), key=len, default=""), []).append((rule, name))
        self.starting = {start: _Either(found) for start, found in starting.items()}
        self.holding = [(part, _Either(found)) for part, found in holding.items()]

    def find(self, name: str) -> int:
        """The first rule of a name, _LAST for none."""
        found = self.exact.get(name, _LAST)
        if found in self.excepted and self.is_excepted(found, name):
            found = _LAST
        dot = name.rfind(".")
        if dot >= 0:
            rule = self.endings.get(name[dot + 1 :], _LAST)
            if rule < found and not (rule in self.excepted and self.is_excepted(rule, name)):
                found = rule
        either = self.starting.get(name[:_START])
        if either is not None:
            found = min(found, self._of(either, name))
        for part, one in self.holding:
            if part in name:
                found = min(found, self._of(one, name))
        return found

    def _of(self, either: _Either, name: str) -> int:
        """The rule of a name among some globs."""
        rule = either.find(name)
        return _LAST if rule != _LAST and self.is_excepted(rule, name) else rule

    def is_excepted(self, rule: int, name: str) -> bool:
        """Whether a rule leaves a name to later ones."""
        return rule in self.excepted and self.excepted[rule].fullmatch(name) is not None


class _Either:
    """Some globs of names."""

    def __init__(self, globs: Sequence[tuple[int, str]]) -> None:
        self.globs = globs
        self.rules = [rule for rule, _ in globs]

    @cached_property
    def match(self) -> Callable[[str], re.Match[str] | None]:
        """All of them as one, made when it is first asked for."""
        return re.compile("|".join(f"({pattern(name)})" for _, name in self.globs), re.DOTALL).fullmatch

    def find(self, name: str) -> int:
        """The rule of the first that matches, _LAST for none."""
        found = self.match(name)
        return _LAST if found is None or found.lastindex is None else self.rules[found.lastindex - 1]


class Placing:
    """Rules, ready to be asked."""

    def __init__(self, rules: Iterable[Globs]) -> None:
        self.rules = tuple(rules)
        self._excepted = {rule: re.compile("|".join(map(pattern, one.excepted)), re.DOTALL) for rule, one in enumerate(self.rules) if one.excepted}
        self._by_name: dict[str, list[_Folders]] = {}
        self._wild: list[tuple[str, str, _Folders]] = []
        everywhere: set[_Named] = set()
        for rule, one in enumerate(self.rules):
            for glob in (part for whole in one.globs for part in _without_slashes_in_braces(whole)):
                folder, _, name = _REPEATED.sub("", glob).rpartition("/")
                if folder == "**" and name != "**":
                    everywhere.add(_Named(rule, name))
                else:
                    self._add(folder, name, rule)
        self._matchers: dict[frozenset[_Named], _Names] = {}
        self._folders: dict[str, _State] = {}
        self._top = _State(_LAST, "", frozenset(everywhere), self._names(frozenset(everywhere)))

    def _add(self, folder: str, name: str, rule: int) -> None:
        deep = folder.endswith("/**") or name == "**"
        top = folder.removesuffix("/**")
        one = _Folders(top, rule, "" if name == "**" else name, deep)
        for last in split_braces(top.rpartition("/")[2]):
            if _WILD.search(last):
                self._wild.append((_WILD.split(top, maxsplit=1)[0], _WILD.split(last, maxsplit=1)[0], one))
            else:
                self._by_name.setdefault(last, []).append(one)

    def _names(self, named: frozenset[_Named]) -> _Names:
        if named not in self._matchers:
            self._matchers[named] = _Names(named, self._excepted)
        return self._matchers[named]

    def _state(self, folder: str) -> _State:
        """What is known of a folder."""
        found = self._folders.get(folder)
        if found is None:
            missing = [folder]
            while missing[-1] and (above := missing[-1].rpartition("/")[0]) not in self._folders:
                missing.append(above)
            for one in reversed(missing):
                above = one.rpartition("/")[0]
                found = self._folders[one] = self._entered(one, self._folders[above] if one else self._top)
        assert found is not None
        return found

    def _entered(self, folder: str, above: _State) -> _State:
        """What is known of a folder in another."""
        last = folder.rpartition("/")[2]
        found = [one for one in self._by_name.get(last, ()) if matches(one.glob, folder)]
        wild = (one for start, begin, one in self._wild if last.startswith(begin) and folder.startswith(start))
        found += [one for one in wild if matches(one.glob, folder) and (folder or one.glob == "**")]  # the root has no name
        if not found:
            return above if above.names is self._names(above.deep) else above._replace(names=self._names(above.deep))
        whole = min((one.rule for one in found if not one.name), default=_LAST)
        deep = above.deep.union(_Named(one.rule, one.name) for one in found if one.name and one.deep)
        own = deep.union(_Named(one.rule, one.name) for one in found if one.name)
        first, root = (whole, folder) if whole < above.whole else (above.whole, above.root)
        return _State(first, root, deep, self._names(own))

    def place(self, path: str) -> Place:
        """The rule of a file, NONE for none."""
        folder, _, name = path.rpartition("/")
        state = self._state(folder)
        rule = self._in(state, name)
        return Place(rule if rule != _LAST else NONE, state.root if rule == state.whole != _LAST else path)

    def _in(self, state: _State, name: str) -> int:
        """The rule of a name in a folder, _LAST for none."""
        rule = state.names.find(name)
        if state.whole <= rule and state.whole != _LAST and not state.names.is_excepted(state.whole, name):
            return state.whole
        return rule

    def places(self, paths: Sequence[str], kinds: Sequence[int], without: int) -> Places:
        """The rules of many files, NONE also for those of a kind that is left out."""
        rules = array("h", [NONE]) * len(paths)
        roots: dict[int, str] = {}
        state, last = self._top, "/"  # no path has such a folder
        for row, (path, kind) in enumerate(zip(paths, kinds, strict=True)):
            if kind != without:
                folder, _, name = path.rpartition("/")
                if folder != last:
                    state, last = self._state(folder), folder
                rule = self._in(state, name)
                if rule != _LAST:
                    rules[row] = rule
                    if rule == state.whole:
                        roots[row] = state.root
        return Places(rules, roots)


def _without_slashes_in_braces(glob: str) -> list[str]:
    """A glob for each choice of those of its braces that have folders in them."""
    found = _SLASH_IN_BRACES.search(glob)
    if found is None:
        return [glob]
    choices = found[0][1:-1].split(",")
    return [part for one in choices for part in _without_slashes_in_braces(glob[: found.start()] + one + glob[found.end() :])]
