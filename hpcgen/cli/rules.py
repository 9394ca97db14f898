"""`hpcgen rules [NAME]`: what the blocks know not to work together, and how each rule is lowered."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from hpcgen.cli.output import warn, write
from hpcgen.cli.pages import show
from hpcgen.cli.parsing import Parser, block_folders, complete, site_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from hpcgen.block.rules import Rule

Listed = tuple[str, "Rule"]
"""A block's name and one of its rules."""


def parser() -> Parser:
    """The parser of `hpcgen rules`."""
    made = Parser(
        "rules",
        "Lists what the blocks know not to work together, or shows one rule whole.",
        usage="[options] [RULE|BLOCK]",
        more="A rule is lowered by --allow RULE, or in the recipe: docs/howto/rules.md.\n\n",
        examples=(
            ("hpcgen rules", "all of them"),
            ("hpcgen rules openmpi", "those of one block"),
            ("hpcgen rules R2", "one, with how to lower it"),
            ("hpcgen rules --json", "for programs: docs/reference/rules.md says what each key means"),
            ("hpcgen recipe.py --allow R2", "a recipe that may break one"),
        ),
    )
    made.add_argument("name", nargs="?", metavar="NAME", help="a rule or a block")
    made.add_argument("--json", action="store_true", help="for programs")
    folders = made.add_argument("--blocks", action="append", default=[], metavar="DIR", help="folder with further building blocks; may be repeated")
    complete(folders, "directory")
    site_options(made)
    return made


def run(options: argparse.Namespace) -> int:
    """Lists or shows."""
    from hpcgen.site import read

    folders = block_folders(options, read(options.site, os.environ))
    rules = listed(folders)
    chosen = [one for one in rules if options.name in (None, one[1].name, one[0])]
    if not chosen and options.name:
        _of_nobody(options.name, rules, folders)
    is_one = len(chosen) == 1 and options.name == chosen[0][1].name
    if options.json:
        data = [as_data(*one) for one in chosen]
        write(json.dumps(data[0] if is_one else data, indent=2) + "\n")
    elif is_one:
        show([("", _whole(*chosen[0]))])
    elif chosen:
        show([("", [(rule.name, rule.level, block, f"{rule.sentence} ({rule.source})") for block, rule in chosen])])
    return 0


def listed(folders: Sequence[str] = ()) -> list[Listed]:
    """All rules, those of the numbered list first."""
    from hpcgen.planning.rules import all_rules

    return sorted(all_rules(folders), key=lambda one: _place(one[1].name))


def _place(name: str) -> tuple[bool, int, str]:
    """Where a rule stands in a list: R2 before R10, numbers before words."""
    number = re.match(r"R(\d+)", name)
    return number is None, int(number[1]) if number else 0, name


def _of_nobody(name: str, rules: Sequence[Listed], folders: Sequence[str]) -> None:
    """Says that a block has no rules; raises for what is no block either."""
    from hpcgen.block.finder import names
    from hpcgen.errors import UsageError, did_you_mean

    blocks = names(folders)
    if name not in blocks:
        known = (*(rule.name for _, rule in rules), *blocks)
        hint = did_you_mean(name, known) or did_you_mean(name.upper(), known) or "hpcgen rules lists them all"
        raise UsageError(f"there is no rule or block '{name}'", help=hint)
    warn([f"block '{name}' has no rules"])


def _whole(block: str, rule: Rule) -> list[tuple[str, ...]]:
    """One rule as a person reads it."""
    return [
        (rule.name, rule.sentence),
        ("level", rule.level),
        ("block", block),
        ("source", rule.source),
        ("lower it", f'--allow {rule.name}, or in the recipe: Stage0 += allow("{rule.name}", reason="...")'),
    ]


def as_data(block: str, rule: Rule) -> dict[str, Any]:
    """One rule for programs."""
    return {"schema": 1, "name": rule.name, "level": rule.level, "block": block, "sentence": rule.sentence, "source": rule.source}
