"""The words of a picture, the same whatever it is drawn as; whoever writes them escapes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpcgen.drawing.model import Box, Link, Picture

SHOWN_TAKES = 6
"""How many sources of files are named in a box; a tip names all."""
SHOWN_BLOCKS = 10

LINKS = {"base": "stands upon", "copy": "copies from", "mount": "sees while it is built"}
"""Kind of link -> what a stage does with the one that it leads from."""
ROLES = {"builder": "builds one block or more for a stage of the recipe", "stage": "stage of the recipe", "result": "the recipe's result"}


def duration(seconds: float) -> str:
    """A time as people say it."""
    if round(seconds, 1) < 60:  # noqa: PLR2004 (a minute's seconds)
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def counted(count: int, what: str) -> str:
    """A number of things."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def title(picture: Picture) -> str:
    """What a picture shows."""
    return f"{picture.name or 'a recipe'}: {counted(len(picture.boxes), 'stage')}"


def total(picture: Picture) -> str:
    """What the build took in all, empty where that is not known."""
    if picture.timing is None:
        return ""
    if not picture.timing.path:
        return "everything was cached"
    return f"critical path {duration(picture.timing.critical)} of {duration(picture.timing.seconds)} of work"


def base(box: Box) -> str:
    """What a stage starts from."""
    return f"on {box.base or box.image}"


def time(box: Box) -> str:
    """What a stage took, or why it took nothing; empty where that is not known."""
    if box.time is None:
        return ""
    if box.time.like and not box.time.steps:
        return f"as {box.time.like}"
    if box.time.state == "built":
        return duration(box.time.seconds)
    return f"{box.time.state}, {duration(box.time.seconds)}" if box.time.seconds else box.time.state


def blocks(box: Box) -> list[tuple[str, str]]:
    """The blocks of a stage, and what each took where there are several."""
    found = []
    for block in box.blocks:
        seconds = box.time.of_block(str(block)) if box.time and len(box.blocks) > 1 else None
        found.append((str(block), "" if seconds is None else duration(seconds)))
    return found


def packages(box: Box) -> str:
    """How many packages a stage installs, empty for none."""
    return f"installs {counted(len(box.packages), 'package')}" if box.packages else ""


def source(link: Link) -> str:
    """Where a link leads from."""
    return link.source or "the build context"


def take(link: Link) -> str:
    """What a stage gets, in a few words."""
    return f"from {source(link)}: {', '.join(link.paths)}" if link.paths else f"from {source(link)}"


def lines(box: Box) -> list[tuple[str, str]]:
    """What stands in a box below its name: on the left, and on the right."""
    blocks_, takes = blocks(box), [(take(link), "") for link in box.takes]
    return [
        (base(box), ""),
        *shortened(blocks_, SHOWN_BLOCKS),
        *([(packages(box), "")] if box.packages else []),
        *shortened(takes, SHOWN_TAKES),
    ]


def shortened(rows: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """The rows, or the first of them and how many there are more."""
    return rows if len(rows) <= most else [*rows[: most - 1], (f"and {len(rows) - most + 1} more", "")]


def tip(box: Box) -> str:
    """All that is known of a stage."""
    found = [f"{box.name}: {ROLES[box.role]}", base(box), f"for {box.target}" if box.target else "", box.origin]
    found += [f"{name} {took}".rstrip() for name, took in blocks(box)]
    found += [f"{packages(box)}: {' '.join(box.packages)}"] if box.packages else []
    found += [take(link) for link in box.takes]
    if box.time is not None:
        found += [f"{time(box)}, {counted(len(box.time.steps), 'step')}, {box.time.cached} cached"] if box.time.steps else [time(box)]
        found += [f"its first steps are those of {box.time.like}, which begins alike"] if box.time.like else []
    return "\n".join(one for one in found if one)


def tip_of_link(link: Link) -> str:
    """All that is known of a link."""
    return "\n".join((f"{link.stage} {LINKS[link.kind]} {link.source}", *link.paths))
