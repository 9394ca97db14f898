"""Why a block, at its place, has the flags, variables and packages that it has.

The block is asked once more, and its words are matched with what could have said them: kept while planning, the reasons would cost every plain run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hpcgen.block.because import Because
from hpcgen.block.compilers import LANGUAGES
from hpcgen.block.kinds import ConfiguredBlock, MakeBlock
from hpcgen.block.package_block import PackageBlock
from hpcgen.block.source_block import FLAGS, SourceBlock, assignments
from hpcgen.graph.nodes import Fetch, Git, Install, PrependPath, Run, SetEnv
from hpcgen.graph.stages import walk
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.block.block import Block
    from hpcgen.block.packages import Packages
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node
    from hpcgen.origin import Origin

ALWAYS = "always"
OWN = "the block computes it"
COMPILERS = {"gcc": "GCC", "clang": "Clang"}
"""Compiler as archspec has it -> as people write it."""


@attrs.frozen
class Fact:
    """One thing that follows from a recipe.

    Attributes:
        what: a word, a variable, a package, a block.
        why: the reasons, at least one.
        value: of a variable, or empty.
        only: the architectures that have it, empty: all.
    """

    what: str
    why: tuple[str, ...]
    value: str = ""
    only: tuple[str, ...] = ()


class _Reasons:
    """Reasons by what they are for; each once, in order."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, None]] = {}

    def add(self, things: Iterable[str], why: str) -> None:
        """One reason for some things."""
        for one in things:
            self._known.setdefault(one, {})[why] = None

    def of(self, thing: str, otherwise: str) -> tuple[str, ...]:
        """The reasons for one thing, its own first."""
        own = (thing.why,) if isinstance(thing, Because) else ()
        return (*own, *self._known.get(thing, ())) or (otherwise,)


def described(block: Block) -> str:
    """A block as a reader finds it: what it is called, version, recipe line."""
    return called(block.called, str(block.version or ""), block.origin)


def called(name: str, version: str, origin: Origin | None) -> str:
    """A block's name, version and line as one."""
    return f"{name} {version}".rstrip() + f" ({origin})"


# --- options ---


def option_says(block: Block, place: Place, name: str) -> str:
    """What an option is, who says so, and what follows."""
    one, value = block.options[name], getattr(block, name)
    by = "as the recipe says" if name in block.given else "the default"
    said = f"{name}={_shown(value)}, {by}"
    if one.partner:
        return f"{name if value is None else said}: {_partner_says(block, place, name)}"
    return f"{said} ({one.help})" if one.switch else said


def _shown(value: object) -> str:
    """A value as a recipe has it."""
    return f"{value.__class__.__name__}(...)" if hasattr(value, "prefix") else repr(list(value) if isinstance(value, tuple) else value)


def _partner_says(block: Block, place: Place, name: str) -> str:
    """What a partner option means here, and what decided it."""
    one, value, found = block.options[name], getattr(block, name), place.partner(block, name)
    if found.block is not None:
        whose = "a folder of" if isinstance(value, str) else "the recipe's"
        return f"{whose} {described(found.block)}"
    if found.system:
        return "the distribution's" if value == "system" else f"the distribution's, as its stage has no {one.partner} before it"
    if found.of_image:
        return f"the base image {place.image} brings it"
    if found.path:
        return "no block's folder" if isinstance(value, str) else f"{one.toolchain} of its toolchain"
    return "left out" if value is not None else f"left out, as its stage has no {one.partner} before it"


# --- flags ---


def flags(block: Block, place: Place, nodes: Sequence[Node]) -> Iterator[Fact]:
    """The words that configure, cmake or make is given; none where nothing is built."""
    known = _Reasons()
    if "prefix" in block.options:
        known.add((f"--prefix={block.prefix}", f"-DCMAKE_INSTALL_PREFIX={block.prefix}"), option_says(block, place, "prefix"))
    for name, one in block.options.items():
        value = getattr(block, name)
        if one.kind == "Words" and value:
            known.add((*value, *(f"-D{word[2:].lstrip()}" for word in value if word.startswith("-D "))), _words_say(block, name))
    if isinstance(block, ConfiguredBlock):
        _of_configured(block, place, known)
    elif isinstance(block, MakeBlock):
        _of_make(block, place, known)
    text = _commands(nodes)
    for word in dict.fromkeys(word for word in (*block.flags(place), *block.further_flags(place)) if sh(word) in text):
        yield Fact(str(word), known.of(word, _of_path(block, place, word)))


def _of_path(block: Block, place: Place, word: str) -> str:
    """Why a block says a word that it has put together itself: the partner whose path stands in it."""
    names = (name for name, partner in block.partners(place).items() if partner.path and partner.path in word)
    return next((option_says(block, place, name) for name in names), OWN)


def _commands(nodes: Iterable[Node]) -> str:
    return "\n".join(command for node in walk(nodes) if isinstance(node, Run) for command in node.commands)


def _words_say(block: Block, name: str) -> str:
    return f"{name}, {'as the recipe says' if name in block.given else 'the default'}"


def _of_configured(block: ConfiguredBlock, place: Place, known: _Reasons) -> None:
    known.add(block.configure, ALWAYS)
    for condition, words in block.configure_at.items():
        if block.at(condition):
            known.add(words, f"{ALWAYS} in versions {condition}")
    for name, one in block.options.items():
        if one.switch is not None and block.has_choice(name):
            known.add(block.choice(place, name, one.switch), option_says(block, place, name))
    for word in getattr(block, "passed", ()):
        name = word.lstrip("-").partition("=")[0].replace("-", "_")
        known.add((word,), f"{name}, as the recipe says")


def _of_make(block: MakeBlock, place: Place, known: _Reasons) -> None:
    paths = {name: partner.path for name, partner in block.partners(place).items()}
    for word in block.make:
        named = [name for name in ("prefix", *paths) if f"{{{name}}}" in word]
        for why in [option_says(block, place, name) for name in named] or [ALWAYS]:
            known.add((word.format(prefix=block.prefix, **paths),), why)


# --- variables ---


def variables(block: Block, place: Place, nodes: Sequence[Node]) -> Iterator[Fact]:
    """The variables that its build is given; LDFLAGS word by word."""
    of_runs = {pair for node in walk(nodes) if isinstance(node, Run) for pair in node.env}
    if isinstance(block, SourceBlock) and (of_runs or any(block.flags(place))):
        text = _commands(nodes)
        for name, value in block.variables(place):
            if (name, value) in of_runs or assignments(((name, value),)) in text:
                yield from _variable(block, place, name, value)


def _variable(block: SourceBlock, place: Place, name: str, value: str) -> Iterator[Fact]:
    """One variable, with who says it."""
    told = getattr(block.compilers, name, None) if block.compilers else None
    if name in dict(block.build_environment):
        yield Fact(name, ("build_environment, as the recipe says",), value)
    elif name == "LDFLAGS":
        known = _Reasons()
        known.add((told or "").split(), _toolchain_says(block, name))
        for flag in block.link_flags(place):
            if isinstance(flag, Because):
                known.add((flag,), flag.why)
        for option, partner in block.partners(place).items():
            known.add((f"-Wl,-rpath,{folder}" for folder in partner.libraries), f"so that it finds the libraries of {option} without LD_LIBRARY_PATH")
        known.add(("-Wl,--enable-new-dtags",), "LD_LIBRARY_PATH, where it is set, still comes first")
        yield from (Fact(name, known.of(word, OWN), word) for word in value.split())
    else:
        because = (*((value.why,) if isinstance(value, Because) else ()), *((_toolchain_says(block, name),) if told else ()))
        language = next((language for language, names in FLAGS.items() if name in names), "")
        if place.cpu_target and language and block.for_cpu_target:
            compiler, version = block.compiler(language, place)
            because = (*because, f"CPU target {place.cpu_target}, as {f'{COMPILERS.get(compiler, compiler)} {version}'.rstrip()} has it")
        yield Fact(name, because or (OWN,), str(value))


def _toolchain_says(block: SourceBlock, name: str) -> str:
    """Whose compilers and flags those of its toolchain are."""
    of = block.compilers.of if block.compilers else None
    is_its = of is not None and of.toolchain is not None and getattr(of.toolchain, name) == getattr(block.compilers, name)
    return f"the toolchain of {described(of)}" if of is not None and is_its else "toolchain, as the recipe says"


# --- packages ---


def packages(block: Block, place: Place, nodes: Sequence[Node]) -> Iterator[Fact]:
    """The distribution's packages that it installs in its stage."""
    known = _Reasons()
    source = next((node for node in walk(nodes) if isinstance(node, Fetch | Git)), None)
    if isinstance(block, SourceBlock) and source is not None:
        for one in block.lists(place, source):
            known.add(one.names(place.target), _list_says(block, place, one))
        known.add(block.ospackages or (), "ospackages, as the recipe says")
    elif isinstance(block, PackageBlock):
        known.add(block.named(), "the recipe names it")
    elif not block.compiles:
        for one in LANGUAGES.values():
            known.add(one.names(place.target), one.why)
    installed = dict.fromkeys(name for node in walk(nodes) if isinstance(node, Install) for name in node.packages)
    yield from (Fact(str(name), known.of(name, f"what {block.name}() stands for")) for name in installed)


def _list_says(block: Block, place: Place, one: Packages) -> str:
    """What a list of packages is for."""
    if one.why:
        return one.why
    for name, option in block.options.items():
        switch = option.switch
        if switch is not None and one in (switch.packages, switch.runtime) and _is_wanted(block, place, name):
            return f"{option_says(block, place, name)}; to {'build' if one == switch.packages else 'run'} with"
    return "needed to run" if one in tuple(block.runtime_lists(place)) else "needed for building"


def _is_wanted(block: Block, place: Place, name: str) -> bool:
    return isinstance(block, SourceBlock) and block.wants_packages(place, name)


# --- what it leaves ---


def exports(block: Block, place: Place) -> Iterator[Fact]:
    """The environment that it leaves for what comes after it, and for running."""
    running = tuple(block.runtime_environment_nodes(place))
    after = tuple(block.exported(place))
    for node in (*after, *(node for node in running if node not in after)):
        when = "for running alone" if node not in after else "for running too" if node in running else "for what comes after it"
        yield from _exported(node, when)
    for name, value in block.toolchain.items() if block.toolchain else ():
        yield Fact(name, ("its toolchain, for the recipe to pass on",), value)


def _exported(node: Node, when: str) -> Iterator[Fact]:
    if isinstance(node, PrependPath):
        yield Fact(node.name, (f"put {'last' if node.last else 'first'}, {when}",), node.path)
    elif isinstance(node, SetEnv):
        yield Fact(node.name, (when,), node.value)
    elif isinstance(node, Run):
        yield from (Fact("runs", (when,), command) for command in node.commands)


def leavings(block: Block, place: Place) -> Iterator[Fact]:
    """What a runtime stage takes of it; what that is linked with is found when the image is built."""
    own = block.leavings_at(place)
    yield from (Fact("takes", (why,), path) for why, path in own.take)
    yield from (Fact("takes", ("as it is: the recipe names it",), path) for path in own.whole)
    yield from (Fact("library", ("where something needs it, or no program of the result tells what is needed",), path) for path in own.libraries)
    yield from (Fact("opens", (f"where {library} is needed",), path) for library, path in own.companions)
    yield from (Fact("folder", ("of kind prefix",), path) for path in block.prefixes_at(place))
    yield from (Fact("files", ("of kind prefix",), path) for path in block.files())
    known = _Reasons()
    for one in block.runtime_lists(place):
        known.add(one.names(place.target), _list_says(block, place, one))
    names = dict.fromkeys(name for node in block.runtime_needs(place) if isinstance(node, Install) for name in node.packages)
    yield from (Fact("package", known.of(name, f"what {block.name}() stands for"), str(name)) for name in names)


# --- rules ---


def rules(block: Block, place: Place) -> Iterator[Fact]:
    """The rules about it alone: whether they are kept, and who allows it where they are not."""
    for rule in block.conflicts:
        state = "kept"
        if rule.when(block, place):
            allowed = place.allowed(rule.name)
            state = f"broken, allowed {allowed}" if allowed else "broken, a warning"
        yield Fact(rule.name, (f"{rule.sentence} ({rule.source})",), state)
