"""What a block's file imports."""

from hpcgen.block.because import because
from hpcgen.block.block import Block, Exports, packages
from hpcgen.block.kinds import AutotoolsBlock, CMakeBlock, MakeBlock
from hpcgen.block.leaving import Leaves
from hpcgen.block.options import REQUIRED, Anything, MaybeBool, MaybeWords, Number, Optional, Upon, Variables, Words, option, partner
from hpcgen.block.packages import Packages
from hpcgen.block.place import Partner, Place
from hpcgen.block.rules import Rule, built_upon_another, conflict, stage_conflict
from hpcgen.block.source_block import SourceBlock
from hpcgen.block.sources import Tarball
from hpcgen.block.toolchain import Toolchain

__all__ = (
    "REQUIRED",
    "Anything",
    "AutotoolsBlock",
    "Block",
    "CMakeBlock",
    "Exports",
    "Leaves",
    "MakeBlock",
    "MaybeBool",
    "MaybeWords",
    "Number",
    "Optional",
    "Packages",
    "Partner",
    "Place",
    "Rule",
    "SourceBlock",
    "Tarball",
    "Toolchain",
    "Upon",
    "Variables",
    "Words",
    "because",
    "built_upon_another",
    "conflict",
    "option",
    "packages",
    "partner",
    "stage_conflict",
)
