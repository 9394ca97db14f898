"""`hpcgen completion SHELL`: what a shell completes `hpcgen` with, made from the parsers."""

from __future__ import annotations

import argparse
from importlib import import_module

from hpcgen.cli import COMMANDS
from hpcgen.cli.output import write
from hpcgen.cli.parsing import Parser, one_of

SHELLS = ("bash", "zsh", "tcsh")


def parser() -> Parser:
    """The parser of `hpcgen completion`."""
    made = Parser(
        "completion",
        "Prints what a shell needs to complete hpcgen's commands, options, blocks and files.",
        usage="SHELL",
        examples=(
            ('eval "$(hpcgen completion bash)"', "in ~/.bashrc"),
            ("hpcgen completion zsh > ~/.zfunc/_hpcgen", "with ~/.zfunc in zsh's fpath"),
            ("hpcgen completion tcsh > ~/.hpcgen.tcsh", "with `source ~/.hpcgen.tcsh` in ~/.tcshrc"),
        ),
    )
    made.add_argument("shell", metavar="SHELL", type=one_of("shell", SHELLS), choices=SHELLS, help=f"{', '.join(SHELLS)}")
    return made


def run(options: argparse.Namespace) -> int:
    """Prints it."""
    import shtab

    write(with_files(shtab.complete(whole(), options.shell), options.shell))
    return 0


def whole() -> argparse.ArgumentParser:
    """All commands as one parser with subcommands, which is the form that shtab reads; it is never used for parsing."""
    from hpcgen.block.finder import names
    from hpcgen.loading.primitives import PRIMITIVES
    from hpcgen.planning.rules import all_rules

    root = argparse.ArgumentParser(prog="hpcgen", parents=[_without_recipe()], add_help=False)
    commands = root.add_subparsers(metavar="RECIPE", parser_class=argparse.ArgumentParser)
    for name, module in COMMANDS.items():
        if name:
            made = import_module(module).parser()
            commands.add_parser(name, parents=[made], add_help=False, help=made.description.partition(".")[0])
    known = {"blocks": [*names(), *(one.__name__ for one in PRIMITIVES)], "rules": [*(rule.name for _, rule in all_rules()), *names()]}
    for name, choices in known.items():
        for action in commands.choices[name]._get_positional_actions():  # noqa: SLF001 (argparse has no other way)
            action.choices = choices
    return root


def _without_recipe() -> argparse.ArgumentParser:
    """The parser of `hpcgen RECIPE` without its positional: the commands take its place."""
    made: argparse.ArgumentParser = import_module(COMMANDS[""]).parser()
    for action in made._get_positional_actions():  # noqa: SLF001 (argparse has no other way)
        for group in made._action_groups:  # noqa: SLF001
            if action in group._group_actions:  # noqa: SLF001
                group._group_actions.remove(action)  # noqa: SLF001
        made._actions.remove(action)  # noqa: SLF001
    return made


def with_files(script: str, shell: str) -> str:
    """The first word may be a recipe's file as well as a command, which shtab has no word for: one line of its script says it."""
    before, after = {
        "bash": ("\n_shtab_hpcgen_pos_0_choices=", "\n_shtab_hpcgen_pos_0_COMPGEN=_shtab_compgen_files\n_shtab_hpcgen_pos_0_choices="),
        "zsh": ("_describe 'hpcgen commands' _commands", "_describe 'hpcgen commands' _commands\n  _files"),
        "tcsh": (f"'p/1/({' '.join(sorted(name for name in COMMANDS if name))})/'", "'p/1/f/'"),
    }[shell]
    assert before in script, f"shtab's script for {shell} has changed"
    return script.replace(before, after, 1)
