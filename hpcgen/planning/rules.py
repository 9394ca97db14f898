"""Rules while a recipe is planned: which may be broken where, those about whole stages, and exemptions that nothing needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.block import Block
from hpcgen.block.finder import brought_by, find, names
from hpcgen.block.rules import Finished
from hpcgen.errors import HpcgenError, Several, UnknownName, UsageError, did_you_mean
from hpcgen.frozen import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hpcgen.block.rules import Rule
    from hpcgen.graph.stages import Stage, StageGraph
    from hpcgen.loading.primitives import allow
    from hpcgen.loading.recipe import Loaded
    from hpcgen.origin import Origin


@frozen
class Exemption:
    """A rule that may be broken.

    Attributes:
        rule: its name.
        why: by whom and why, as a warning says it.
        origin: the recipe's line, None where the recipe does not say it.
    """

    rule: str
    why: str
    origin: Origin | None = field(default=None, eq=False, repr=False)

    @property
    def words(self) -> str:
        """As the user wrote it."""
        return f'{self.origin}: allow("{self.rule}")' if self.origin else f"--allow {self.rule}"


class Exemptions:
    """Which rules may be broken in which stage, and which of these exemptions were needed."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._asked = {name: Exemption(name, "by --allow") for name in loaded.request.allow}
        self._of_stage: dict[str, dict[str, Exemption]] = {}
        self._all = list(self._asked.values())
        self._needed: set[str] = set()

    def begin(self, stage: str, base: str) -> None:
        """Starts a stage with what holds in the stage that it stands on, if it stands on one."""
        self._of_stage[stage] = dict(self._of_stage.get(base, {}))

    def add(self, stage: str, item: allow) -> None:
        """From here on a stage may break a rule."""
        one = Exemption(item.rule, f"at {item.origin}: {item.reason}", item.origin)
        self._of_stage[stage][item.rule] = one
        self._all.append(one)

    def of(self, stage: str) -> Callable[[str], str]:
        """What tells, of a rule's name, by whom and why it may be broken in a stage as it stands, or empty."""

        def allowed(rule: str) -> str:
            found = self._of_stage.get(stage, {}).get(rule) or self._asked.get(rule)
            if found is not None:
                self._needed.add(found.words)
            return found.why if found is not None else ""

        return allowed

    def unknown(self) -> list[HpcgenError]:
        """An error for each exemption from a rule that is none. All blocks are looked through for an unneeded one alone."""
        left = self._unneeded()
        known = {rule.name for rule in _rules(left, self._loaded)}
        return [_unknown(one, known) for one in left if one.rule not in known]

    def stale(self) -> Iterator[str]:
        """A warning for each exemption that nothing needs."""
        return (f"{one.words}: nothing here needs it; leave it out" for one in self._unneeded())

    def _unneeded(self) -> list[Exemption]:
        return [one for one in self._all if one.words not in self._needed]


def _rules(left: Sequence[Exemption], loaded: Loaded) -> Iterator[Rule]:
    """All rules that there are, those of blocks that the recipe itself defines too; nothing is looked for where nothing is left."""
    if left:
        for block in _blocks(loaded):
            yield from rules_of(block)
        yield from (rule for _, rule in all_rules(loaded.request.block_folders))


def _unknown(one: Exemption, known: Iterable[str]) -> HpcgenError:
    hint = did_you_mean(one.rule, known) or did_you_mean(one.rule.upper(), known) or "hpcgen rules lists them"
    sentence = f"there is no rule '{one.rule}'"
    return UnknownName(sentence, origin=one.origin, help=hint) if one.origin else UsageError(f"--allow: {sentence}", help=hint)


def rules_of(block: type[Block]) -> tuple[Rule, ...]:
    """The rules that a block declares, of both kinds."""
    return (*block.conflicts, *block.stage_conflicts)


def all_rules(folders: Sequence[str] = ()) -> Iterator[tuple[str, Rule]]:
    """The rules of all blocks that can be found, each with its block's name."""
    for name in names(folders):
        block = find(name, folders)
        if block is not None:
            yield from ((name, rule) for rule in rules_of(block))


def _blocks(loaded: Loaded) -> dict[type[Block], None]:
    """The classes of a recipe's blocks, and of those that its base images bring, in order."""
    found = dict.fromkeys(type(item) for stage in loaded.stages for item in stage.items if isinstance(item, Block))
    for name in brought_by(stage.base.image for stage in loaded.stages if stage.base is not None):
        block = find(name, loaded.request.block_folders)
        found |= {block: None} if block is not None else {}
    return found


def check_stages(graph: StageGraph, loaded: Loaded, exemptions: Exemptions) -> StageGraph:
    """The graph, with warnings, once its stages keep the rules of the recipe's blocks and every exemption is from one that there is.

    Raises:
        HpcgenError: one fault, or `Several` reported together.
    """
    warnings = list(graph.warnings)
    faults: list[HpcgenError] = [*_broken(graph, loaded, exemptions, warnings.append), *exemptions.unknown()]
    if faults:
        raise faults[0] if len(faults) == 1 else Several(faults)
    warnings += exemptions.stale()
    return graph if len(warnings) == len(graph.warnings) else evolve(graph, warnings=tuple(dict.fromkeys(warnings)))


def _broken(graph: StageGraph, loaded: Loaded, exemptions: Exemptions, warn: Callable[[str], None]) -> Iterator[HpcgenError]:
    """The errors of rules about stages, each once for a line of the recipe."""
    rules = [rule for block in _blocks(loaded) for rule in block.stage_conflicts]
    seen: set[tuple[str, str]] = set()
    finished: dict[str, Finished] = {}
    for stage in graph.stages if rules else ():
        finished[stage.name] = _finished(stage, finished.get(stage.base.image) if stage.base.stage else None)
        allowed = exemptions.of(stage.name)
        for rule in rules:
            for one in rule.breaking(finished[stage.name]) if not rule.last or stage is graph.stages[-1] else ():
                if (rule.name, str(one.origin)) not in seen:
                    seen.add((rule.name, str(one.origin)))
                    fault = rule.broken(one.origin, allowed(rule.name), warn)
                    yield from (fault,) if fault is not None else ()


def _finished(stage: Stage, under: Finished | None) -> Finished:
    """A stage as rules see it; `under`: the one that it stands on, if it stands on one."""
    if under is None:
        return Finished(stage.nodes, stage.blocks, stage.base.image, brought_by((stage.base.image,)), origin=stage.origin)
    return Finished((*under.nodes, *stage.nodes), stage.blocks, under.image, under.brings, origin=stage.origin)
