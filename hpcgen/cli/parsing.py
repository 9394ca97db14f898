"""What the commands' parsers share: how they are made, how they refuse, and the options of a recipe."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any, NoReturn

from hpcgen.errors import Unreachable, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hpcgen.graph.stages import StageGraph
    from hpcgen.site import Site


def _formatter(prog: str) -> argparse.HelpFormatter:
    """What writes help. argparse asks for one at each option, and imports shutil, bz2 and lzma with it where it is not told the width."""
    try:
        width = os.get_terminal_size().columns - 2
    except (OSError, ValueError):  # no terminal
        width = 98
    return argparse.RawDescriptionHelpFormatter(prog, width=width)


class Parser(argparse.ArgumentParser):
    """A command's parser: wrong usage is raised, not printed."""

    def __init__(self, command: str, sentence: str, *, usage: str, examples: Sequence[tuple[str, str]], more: str = "") -> None:
        """Args: command: its name; sentence: what it does; usage: its words; examples: pairs of command line and what it does; more: further help."""
        prog = f"hpcgen {command}".strip()
        width = max(len(line) for line, _ in examples)
        shown = "\n".join(f"  {line.ljust(width)}  {what}" for line, what in examples)
        super().__init__(
            prog=prog,
            usage=f"{prog} {usage}",
            description=sentence,
            epilog=f"{more}examples:\n{shown}",
            formatter_class=_formatter,
            allow_abbrev=False,
        )
        self.examples = tuple(examples)
        self.set_defaults(parser=self)

    def error(self, message: str) -> NoReturn:
        """Raises what argparse would print."""
        raise UsageError(message, help=f"see {self.prog} --help")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The options of a command line.

        Raises:
            UsageError: it is off.
        """
        options, rest = self.parse_known_args(words)
        if rest:
            name = rest[0].partition("=")[0]
            if not name.startswith("-"):
                raise UsageError(f"'{name}' is one word too many", help=f"see {self.prog} --help")
            known = (word for action in self._actions for word in action.option_strings)
            raise UsageError(f"there is no option '{name}'", help=did_you_mean(name, known) or f"see {self.prog} --help")
        return options


def one_of(what: str, choices: Sequence[str]) -> Callable[[str], str]:
    """A type that takes one of a few words, with a better word than argparse has for all others."""

    def read(word: str) -> str:
        if word not in choices:
            raise UsageError(f"there is no {what} '{word}'", help=did_you_mean(word, choices) or f"{what}s: {', '.join(choices)}")
        return word

    return read


class Pairs(argparse.Action):
    """`--option K=V [K=V ...]`, as often as one likes: all of them add up, the last of a name wins, and a value may hold '='."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: str | None = None) -> None:
        """Adds the pairs."""
        pairs = dict(getattr(namespace, self.dest))
        for word in values:
            name, equals, value = word.partition("=")
            if not equals or not name:
                hint = f"write {option_string} NAME=VALUE"
                if os.path.exists(word):
                    hint += f"; a recipe stands before {option_string}, or is named by --recipe {word}"
                raise UsageError(f"{option_string} '{word}' has no '='" if name else f"{option_string} '{word}' has no name", help=hint)
            pairs[name] = value
        setattr(namespace, self.dest, pairs)


def complete(action: argparse.Action, what: str) -> None:
    """Says what a shell completes an option with: `file` or `directory`. shtab reads it; nothing is imported for it here."""
    action.complete = what  # type: ignore[attr-defined]  # shtab's protocol: an attribute of the action


def recipe_options(parser: Parser) -> None:
    """The options that say which recipe is meant, and for what."""
    words = parser.add_argument_group("recipe")
    complete(words.add_argument("file", nargs="?", metavar="RECIPE", help="the recipe's file; - reads standard input"), "file")
    named = words.add_argument("--recipe", metavar="RECIPE", help="the same, for a file that is called like a command")
    complete(named, "file")
    words.add_argument(
        "--userarg", action=Pairs, nargs="+", default={}, metavar="K=V", help="values of the recipe's USERARG; may be repeated, the pairs add up"
    )
    words.add_argument("--arch", default="", metavar="A", help="architecture: x86_64, aarch64, or both with a comma (default: as the recipe says)")
    words.add_argument("--cpu-target", default="", metavar="T", help="microarchitecture to build for, such as zen4 or neoverse_v2")
    words.add_argument("--single-stage", action="store_true", help="the recipe's first stage alone")
    words.add_argument(
        "--base", action=Pairs, nargs=1, default={}, metavar="N=R", help="use image R instead of N; N may be a registry or path too; may be repeated"
    )
    folders = words.add_argument("--blocks", action="append", default=[], metavar="DIR", help="folder with further building blocks; may be repeated")
    complete(folders, "directory")
    words.add_argument(
        "--allow", action="append", default=[], metavar="RULE", help="rule that may be broken: its error becomes a warning; may be repeated"
    )
    site_options(words)
    words.add_argument(
        "--mirror", default="", metavar="M", help="URL or folder that sources are taken from first, as `hpcgen sources --fetch` fills it"
    )


def site_options(parser: argparse._ArgumentGroup | Parser) -> None:
    """The option that names a site file."""
    site = parser.add_argument(
        "--site", default="", metavar="F", help="site file: mirror, base map and so on (default: ~/.config/hpcgen/config.toml)"
    )
    complete(site, "file")


def recipe_file(options: argparse.Namespace) -> str:
    """The recipe that a command line names."""
    parser: Parser = options.parser
    if options.file is not None and options.recipe is not None:
        raise UsageError(f"two recipes: '{options.file}' and '{options.recipe}'", help="name one of them")
    file = options.recipe if options.recipe is not None else options.file
    if not file:
        raise UsageError("no recipe is named", help=f"usage: {parser.usage}\nsee {parser.prog} --help")
    if file != "-" and not os.path.exists(file):
        from hpcgen.cli import COMMANDS

        hint = did_you_mean(file, COMMANDS)
        raise Unreachable(f"recipe '{file}' is not there", help=f"{hint} (a command is the first word after hpcgen)" if hint else "")
    return str(file)


def architectures(words: str) -> tuple[str, ...]:
    """The architectures that a command line or a site file names."""
    from hpcgen.errors import UnknownTarget
    from hpcgen.target import architectures as known

    try:
        return known(word.strip() for word in words.split(",") if word.strip())
    except UnknownTarget as fault:
        raise UsageError(fault.sentence, help=fault.help) from fault


def cpu_target(name: str) -> str:
    """The microarchitecture that a command line names, checked here because a recipe without a compiler would never ask for it."""
    if name:
        import archspec.cpu

        if name not in archspec.cpu.TARGETS:
            from hpcgen.block.cpu import near

            raise UsageError(f"there is no cpu target '{name}'", help=near(name))
    return name


def block_folders(options: argparse.Namespace, site: Site) -> tuple[str, ...]:
    """The folders with further blocks, the command line's first."""
    folders = (*options.blocks, *site.block_folders)
    for folder in folders:
        if not os.path.isdir(folder):
            raise Unreachable(f"folder of blocks '{folder}' is not there" if not os.path.exists(folder) else f"'{folder}' is not a folder of blocks")
    return folders


def planned(options: argparse.Namespace, site: Site) -> StageGraph:
    """The stage graph of the recipe that a command line names."""
    from hpcgen.library import plan

    return plan(
        recipe_file(options),
        userarg=options.userarg,
        arch=architectures(options.arch or site.arch),
        cpu_target=cpu_target(options.cpu_target),
        single_stage=options.single_stage,
        base={**site.base, **options.base},
        block_folders=block_folders(options, site),
        allow=options.allow,
    )
