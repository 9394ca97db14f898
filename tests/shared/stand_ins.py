"""Recipes out of chance: stages of blocks that stand for real ones and write down what they find, with all that a recipe may say between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from hpcgen.block.paths import is_own, is_within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

BUILT = '''
from hpcgen.block import Block, Upon, Variables, Words, option, partner
from hpcgen.block.compilers import given_by
from hpcgen.graph.nodes import Install, Label, PrependPath, Run, SetEnv


class built(Block):
    """Stands for what is built: it names its partners' paths, and writes down what it finds."""

    prefix: str = option("", "where it goes")
    says_all: bool = option(True, "whether its options name all that it may find")
    first: Upon = partner("built", "a partner", default=False, with_="{path}", system="system")
    second: Upon = partner("built", "a partner", default=False, with_="{path}", system="system")
    paths: Words = option((), "further paths that its commands name")
    installs: Words = option((), "packages that it needs")
    lists: Variables = option((), "lists that it adds to")
    sets: Variables = option((), "variables that it leaves")
    inside: Variables = option((), "variables that it sets before it builds")

    def validate(self):
        self.closed = self.says_all

    @property
    def called(self):
        return self.prefix.rpartition("/")[2]

    def tools(self, place):
        return given_by(None, place)

    def build(self, place):
        if self.installs:
            yield Install(self.installs)
        for name, value in self.inside:
            yield SetEnv(name, value)
        named = (*(one.path for one in self.partners(place).values() if one.path), *self.paths)
        yield Run((" ".join(("survey", self.prefix, *named)),))
        yield Label(self.called, "built")

    def exported(self, place):
        yield from (PrependPath(name, path) for name, path in self.lists)
        yield from (SetEnv(name, value) for name, value in self.sets)

    runtime_environment_nodes = exported
'''

MANAGED = '''
from hpcgen.block import Block, Variables, Words, option
from hpcgen.graph.nodes import AddRepository, Install, PrependPath, Run


class managed(Block, closed=True):
    """Stands for what the package manager does all of."""

    prefix: str = option("", "where it is")
    repository: str = option("", "where they come from")
    installs: Words = option((), "packages")
    languages: Words = option((), "what it has compilers for")
    lists: Variables = option((), "lists that it adds to")
    chooses: str = option("", "a file that it leaves, as update-alternatives does")

    @property
    def compiles(self):
        return self.languages

    def prefixes(self):
        return ()

    def build(self, place):
        if self.repository:
            yield AddRepository(self.repository, "https://example.org", "https://example.org/key", "0" * 40)
        if self.installs:
            yield Install(self.installs)
        if self.chooses:
            yield Run((f"touch {self.chooses}",))

    def exported(self, place):
        yield from (PrependPath(name, path) for name, path in self.lists)
'''


def lay_down(folder: Path) -> str:
    """A folder with the stand-ins' files, for `block_folders`."""
    folder.mkdir(exist_ok=True)
    (folder / "built.py").write_text(BUILT, encoding="utf-8")
    (folder / "managed.py").write_text(MANAGED, encoding="utf-8")
    return str(folder)


@attrs.frozen
class Item:
    """One line of a recipe, with what its author knows of it.

    Attributes:
        line: its number.
        stage: the stage that it is added to.
        kind: `built`, `managed`, `raw` (may do anything), `setting` or `said`.
        text: the line.
        prefix: of a block, or empty.
        upon: lines of the blocks that it builds upon, or that a variable names.
        says_all: whether a built one is closed.
        lonely: whether its nodes can be told apart from what it leaves for others.
        foreign: the paths that it names and that no block has.
        installs: packages, and the names of repositories.
        touches: files outside its prefix.
        user: whom a setting chooses, or empty.
        leaves: the last line of the blocks whose leavings it copies, for a runtime.
    """

    line: int
    stage: str
    kind: str
    text: str
    prefix: str = ""
    upon: tuple[int, ...] = ()
    says_all: bool = False
    lonely: bool = True
    foreign: tuple[str, ...] = ()
    installs: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    user: str = ""
    leaves: int = 0

    @property
    def is_block(self) -> bool:
        """Whether it is a block."""
        return self.kind in ("built", "managed")

    @property
    def leavings(self) -> str:
        """Where it leaves its files: in a folder that it shares with others, the file itself."""
        return self.prefix if is_own(self.prefix) else f"{self.prefix}/found" if self.kind == "built" else ""


@attrs.frozen
class Recipe:
    """A recipe out of chance.

    Attributes:
        text: the whole.
        bases: stage -> the earlier stage that it starts from, or empty.
        items: in the recipe's order.
    """

    text: str
    bases: dict[str, str]
    items: tuple[Item, ...] = attrs.field(repr=False)

    def own(self, stage: str) -> list[Item]:
        """What is added to a stage."""
        return [item for item in self.items if item.stage == stage]

    def line(self, stage: str) -> list[Item]:
        """What is added to a stage, and before that to those that it stands on."""
        return [*(self.line(self.bases[stage]) if self.bases[stage] else ()), *self.own(stage)]


PLAIN_PREFIXES = [f"/opt/p{number}" for number in range(24)]
ODD_PREFIXES = ["/usr/local", "/opt", "/opt/p0/inner", "/opt/p1", "/opt/p2/a/b", "/opt/p2", "/opt/s0"]
LISTS = st.lists(st.sampled_from(["PATH", "LIBS"]), unique=True, max_size=2)


class _Author:
    """Writes a recipe; what it may say next depends on what stands before."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.lines: list[str] = []
        self.items: list[Item] = []
        self.bases: dict[str, str] = {}
        self.stage = ""

    @property
    def recipe(self) -> Recipe:
        """What is written so far."""
        return Recipe("\n".join(self.lines) + "\n", dict(self.bases), tuple(self.items))

    def begin(self, number: int) -> None:
        """The next stage."""
        self.stage = f"s{number}"
        base = self.draw(st.sampled_from(["", *self.bases]))
        self.bases[self.stage] = base
        self.lines.append(f"{self.stage} = Stage({self.stage!r}); {self.stage} += baseimage(image={base or 'debian:12'!r})")

    def before(self) -> list[Item]:
        """What stands before this place."""
        return self.recipe.line(self.stage)

    def add(self, kind: str, thing: str, **known: Any) -> None:
        """One line."""
        number = len(self.lines) + 1
        name = f"b{number}"
        text = f"{name} = {thing}; {self.stage} += {name}" if kind in ("built", "managed") else f"{self.stage} += {thing}"
        self.lines.append(text)
        self.items.append(Item(number, self.stage, kind, text, **known))

    def user(self) -> str:
        """As whom commands run here."""
        return next((item.user for item in reversed(self.before()) if item.user), "root")

    def installs(self, most: int) -> tuple[str, ...]:
        """Packages, which root alone can install."""
        number = len(self.lines)
        names = st.sampled_from(["make", "zlib", f"own{number}"])
        return tuple(self.draw(st.lists(names, unique=True, max_size=most))) if self.user() == "root" else ()

    # --- what it may say ---

    def built(self) -> None:
        """A block that is built."""
        draw, number, before = self.draw, len(self.lines) + 1, self.before()
        copied = [item for item in self.items if any(other.leaves for other in before)]  # blocks know nothing of what a runtime brought
        used = {item.prefix for item in (*before, *copied)}
        fresh = [prefix for prefix in PLAIN_PREFIXES if prefix not in used]
        prefix = draw(st.sampled_from(ODD_PREFIXES if not copied and draw(st.integers(0, 9)) == 9 else fresh))
        says_all = draw(st.integers(0, 4)) < 4
        known = [item for item in before if item.is_block]
        count = min(draw(st.integers(0, 3)), len(known))
        chosen = draw(st.lists(st.sampled_from(known), unique_by=lambda item: item.line, min_size=count, max_size=count)) if known else []
        ways = [draw(st.sampled_from(["block", "path", "named"])) if item.prefix else "block" for item in chosen]
        options: dict[str, str] = {"prefix": repr(prefix), "says_all": repr(says_all)}
        upon = {item.line for item in known if "languages" in item.text}
        paths = []
        for item, way in zip(chosen, ways, strict=True):
            slot = next((name for name in ("first", "second") if name not in options), "")
            if way == "named" or not slot:
                paths += [item.prefix] if item.prefix else []
            else:
                options[slot] = f"b{item.line}" if way == "block" else repr(f"{item.prefix}/lib" if draw(st.booleans()) else item.prefix)
            if way == "block" and slot:
                upon.add(item.line)
            if item.prefix and (slot or item.prefix in paths):
                upon |= {owner.line for owner in _owner(known, item.prefix)}
        foreign = ("/data/x",) if draw(st.integers(0, 5)) == 5 else ()
        paths += foreign
        installs = self.installs(2)
        inside = draw(st.integers(0, 15)) == 15
        lists = draw(LISTS)
        sets = draw(st.sampled_from([{}, {"SHARED": f"b{number}"}, {f"OWN{number}": "1"}]))
        options |= {
            "paths": repr(paths),
            "installs": repr(list(installs)),
            "sets": repr(sets),
            "inside": repr({"INSIDE": str(number)} if inside else {}),
        }
        options["lists"] = repr({name: f"{prefix}/{name.lower()}" for name in lists})
        words = ", ".join(f"{name}={value}" for name, value in options.items())
        self.add(
            "built",
            f"built({words})",
            prefix=prefix,
            upon=tuple(sorted(upon)),
            says_all=says_all,
            lonely=not inside,
            foreign=foreign,
            installs=installs,
        )

    def managed(self) -> None:
        """A block that is nothing but packages."""
        number = len(self.lines) + 1
        installs = self.installs(2)
        repository = f"repository{number}" if installs and self.draw(st.integers(0, 3)) == 3 else ""
        lists = self.draw(LISTS)
        chooses = f"/etc/chosen/{number}" if self.user() == "root" and self.draw(st.integers(0, 3)) == 3 else ""
        prefix = f"/opt/tool{number}" if not chooses and self.draw(st.booleans()) else ""
        words = f"prefix={prefix!r}, installs={list(installs)!r}, chooses={chooses!r}, lists={dict.fromkeys(lists, f'/tool{number}')!r}"
        words += f", repository={repository!r}"
        words += ", languages=['c']" if self.draw(st.integers(0, 2)) == 2 else ""
        self.add(
            "managed",
            f"managed({words})",
            prefix=prefix,
            installs=(*installs, repository) if repository else installs,
            touches=(chooses,) if chooses else (),
        )

    def raw(self) -> None:
        """What may do anything."""
        number = len(self.lines) + 1
        way = self.draw(st.sampled_from(["touch", "survey", "users", "copy", "take", "runtime", "write"]))
        others = [item for item in self.items if item.kind == "built" and item.stage not in self._chain()]
        if way == "copy":
            self.add("raw", f"copy(src='file{number}', dest='/data/{number}')")
        elif way == "write":
            self.add("raw", f"write_file(path='/data/x', content='{number}')")
        elif way == "take" and others:
            item = self.draw(st.sampled_from(others))
            self.add("raw", f"copy(stage={item.stage!r}, src='{item.prefix}/found', dest='/data/{number}/')")
        elif (
            way == "runtime"
            and others
            and not any(item.leaves for item in self.before())
            and _distinct([*self.before(), *self.recipe.line(others[0].stage)])
        ):
            stage = others[0].stage
            self.add(
                "raw", f"{stage}.runtime(kind='prefix')", leaves=next(item.line for item in reversed(self.recipe.line(stage)) if item.kind == "built")
            )
        elif way == "users" and self.user() == "root":
            self.add("raw", "shell(commands=['touch /etc/users/bob'])")
            self.add("setting", "user('bob')", user="bob")
        else:
            commands = [f"survey /data/{number}"] if way == "survey" else [f"touch /data/{self.draw(st.sampled_from(['x', 'y/z']))}"]
            self.add("raw", f"shell(commands={commands!r})")

    def _chain(self) -> set[str]:
        return {item.stage for item in self.before()} | {self.stage}

    def setting(self) -> None:
        """How things are done from here on."""
        number = len(self.lines) + 1
        users = ["root", *(["bob"] if any("users/bob" in item.text for item in self.before()) else [])]
        user = self.draw(st.sampled_from(users))
        ways: tuple[str, ...] = (
            f"environment(variables={{'PATH': '/site{number}:$PATH'}})",
            f"environment(variables={{'LIBS': '$LIBS:/site{number}', 'SHARED': 's{number}'}})",
            f"environment(variables={{'PLAIN': '{number}'}})",
            f"arg(name='ARG', default='{number}')",
            f"arg(name='SHARED', default='{number}')",
            f"workdir('/work/{number}')",
            "use_shell(['/bin/bash', '-c'])",
            f"user({user!r})",
        )
        if self.user() == "root":
            key = f"key='https://example.org/key', fingerprint='{0:040}'"
            ways += (f"repository(name='site{number}', url='https://example.org', suite='x', components=['main'], {key})",)
        owned = [item for item in self.before() if item.is_block and item.prefix]
        named = self.draw(st.sampled_from(owned)) if owned and self.draw(st.integers(0, 3)) == 3 else None
        if named is not None:
            path = f"{named.prefix}/tool"
            upon = tuple(item.line for item in _owner(owned, path))
            self.add("setting", f"environment(variables={{'TOOL': '{path}'}})", upon=upon)
            return
        way = self.draw(st.sampled_from(ways))
        installs = (f"site{number}",) if way.startswith("repository") else ()
        foreign = (f"/site{number}",) if f"/site{number}" in way else ()
        self.add("setting", way, user=user if way.startswith("user") else "", installs=installs, foreign=foreign)

    def said(self) -> None:
        """What is only said of the image."""
        number = len(self.lines) + 1
        ways = (f"label(metadata={{'a': '{number}'}})", f"cmd(['{number}'])", f"entrypoint(['/{number}'])", f"comment('{number}')")
        self.add("said", self.draw(st.sampled_from(ways)))


def _owner(known: Sequence[Item], path: str) -> list[Item]:
    """The block that a path belongs to: the innermost, and of several the last."""
    owners = [item for item in known if item.prefix and is_within(path, item.prefix)]
    return [max(owners, key=lambda item: (len(item.prefix), item.line))] if owners else []


def _distinct(items: Sequence[Item]) -> bool:
    """Whether no two blocks have prefixes within each other."""
    prefixes = [item.prefix for item in items if item.prefix]
    return not any(is_within(one, other) for at, one in enumerate(prefixes) for other in (*prefixes[:at], *prefixes[at + 1 :])) and all(
        map(is_own, prefixes)
    )


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """A recipe of one to three stages."""
    author = _Author(draw)
    ways: list[Callable[[], None]] = [author.built] * 6 + [author.managed] * 2 + [author.raw] * 2 + [author.setting] * 3 + [author.said]
    for number in range(draw(st.integers(1, 3))):
        author.begin(number)
        for _ in range(draw(st.integers(0, 2))):
            draw(st.sampled_from([author.setting, author.raw]))()
        for _ in range(draw(st.integers(1, 7))):
            draw(st.sampled_from(ways))()
    return author.recipe
