"""Runs a recipe, statement by statement, so that its faults are reported together."""

from __future__ import annotations

import _thread
import ast
import os
import sys
from typing import TYPE_CHECKING, Any

from hpcgen.errors import Cycle, HpcgenError, RecipeError, RecipeRaised, Several, Unreachable, each
from hpcgen.loading.namespace import UserArguments, bind, first_line, names_in, unknown
from hpcgen.loading.recipe import Loaded, Request
from hpcgen.loading.stage import Stage
from hpcgen.origin import SOURCES, Origin, here, of_frame

if TYPE_CHECKING:
    from types import TracebackType

_PARSING = _thread.allocate_lock()
"""Python before 3.13 counts the depth of all parsers at once: two threads in ast.parse() make each other fail (python/cpython issue 106905)."""

STANDARD_INPUT = "-"


def load(file: str, request: Request, *, text: str | None = None) -> Loaded:
    """Runs a recipe.

    Args:
        file: its path; `-` reads standard input.
        request: what the run is told.
        text: the recipe itself, if it is not to be read.

    Raises:
        Unreachable: the file cannot be read.
        HpcgenError: one fault of the recipe, or `Several`.
    """
    run = _Run(file, request)
    if text is None:
        text = _read_recipe(file)
    run.execute(file, text)
    if run.faults:
        raise run.faults[0] if len(run.faults) == 1 else Several(run.faults)
    return Loaded(file, run.folder, run.used_stages(), request)


def read_beside(folder: str, name: str) -> str:
    """The text of a file beside the recipe, its ends of lines as they are: a checksum is made of it."""
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            return stream.read()
    except OSError as fault:
        raise Unreachable(f"file '{path}': {fault.strerror or fault}") from fault
    except UnicodeDecodeError as fault:
        raise Unreachable(f"file '{path}' is not UTF-8 text") from fault


def _read_recipe(file: str) -> str:
    """A recipe's text, without the mark that some editors put before it."""
    if os.path.isdir(file):
        raise Unreachable(f"recipe '{file}' is a folder")
    text = _standard_input() if file == STANDARD_INPUT else read_beside("", file)
    return text.removeprefix("\ufeff")


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Unreachable("standard input is not UTF-8 text") from fault


class _Run:
    """One run of a recipe: its namespace, stages and faults."""

    def __init__(self, file: str, request: Request) -> None:
        self.file = file
        self.request = request
        self.made: list[Stage] = []
        self.in_use: list[Stage] = []
        self.faults: list[HpcgenError] = []
        self.lost: set[str] = set()
        self.including: list[str] = []
        """The files that are being run, each included by the one before it, as they were named."""
        self.within: list[str] = []
        """The same without links, to find one that includes itself."""
        self.namespace: dict[str, Any] = {
            "__name__": "__recipe__",
            "print": _print,
            "__file__": file,
            "__builtins__": __builtins__,
            "USERARG": UserArguments(request.userarg),
            "Stage": self._stage,
            "Stage0": self._stage(),
            "Stage1": self._stage(),
            "include": self.include,
            "cpu_target": request.cpu_target or None,
            SOURCES: {},
        }

    @property
    def folder(self) -> str:
        """Where the recipe's files lie."""
        return os.path.dirname(self.file) if self.file != STANDARD_INPUT else ""

    def _stage(self, name: str = "") -> Stage:
        """Stage(...) within a recipe: the stage is part of the recipe."""
        stage = Stage(name, in_use=self.in_use)
        self.made.append(stage)
        return stage

    def used_stages(self) -> tuple[Stage, ...]:
        """The stages that hold something, in order of first use; one that the recipe made and left empty is a fault."""
        for stage in self.made[2:]:
            if not stage.items:
                raise RecipeError(f"stage '{stage.name}' is empty", origin=stage.origin, help="add a baseimage to it, or leave it out")
        if not self.in_use:
            raise RecipeError("the recipe has no stage", origin=Origin(self.file, 1), help="start with: Stage0 += baseimage(image='debian:12')")
        return tuple(self.in_use)

    def include(self, file: str) -> None:
        """Runs another recipe here, with the same names; its path is relative to the file that includes it, else to the recipe."""
        where = here()
        beside = [os.path.join(os.path.dirname(self.including[-1]), file), os.path.join(self.folder, file)]
        path = next((one for one in beside if os.path.exists(one)), beside[0])
        if os.path.realpath(path) in self.within:
            raise Cycle(f"'{path}' includes itself: {' -> '.join([*self.including, path])}", origin=where)
        try:
            text = _read_recipe(path)
        except Unreachable as fault:
            raise fault.at(where) from None
        self.execute(path, text)

    def execute(self, file: str, text: str) -> None:
        """Runs a file's statements one by one, each fault noted."""
        lines = tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        self.namespace[SOURCES][file] = lines
        try:
            with _PARSING:
                tree = ast.parse(text, filename=file)
        except _NOT_PYTHON as fault:
            self.faults.append(_not_python(fault, file, lines))
            return
        for name, broken in bind(self.namespace, tree, self.request).items():
            line = first_line(name, tree)
            self.lost.add(name)
            self.faults.append(broken.at(Origin(file, line, lines[line - 1])))
        self.including.append(file)
        self.within.append(os.path.realpath(file))
        waiting, tree.body = tree.body[::-1], []
        while waiting:  # what has run is given back: of a long recipe the syntax tree is most of what Python's collector would look through
            self._statement(waiting.pop(), file)
        self.including.pop()
        self.within.pop()

    def _statement(self, statement: ast.stmt, file: str) -> None:
        """Runs one statement; what it would have bound is not missed aloud later."""
        try:
            code = compile(ast.Module([statement], []), file, "exec", dont_inherit=True)
        except _NOT_PYTHON as fault:
            self._lose(statement)
            self.faults.append(_not_python(fault, file, self.namespace[SOURCES][file]))
            return
        try:
            exec(code, self.namespace)  # noqa: S102 (a recipe is a program)
        except NameError as fault:
            self._note_name(fault, statement, file)
        except HpcgenError as fault:
            self._note(fault, statement)
        except KeyboardInterrupt:
            raise
        except BaseException as fault:  # noqa: BLE001 (whatever a recipe raises, SystemExit too, is shown at its line)
            self._note(_translated(fault, file), statement)

    def _note_name(self, fault: NameError, statement: ast.stmt, file: str) -> None:
        """A name that the recipe reads and nobody knows; other errors of that kind are the recipe's own."""
        name = fault.name
        if not name or isinstance(fault, UnboundLocalError) or not _is_recipes(fault.__traceback__):
            self._note(_translated(fault, file), statement)
        elif name in self.lost:
            self._lose(statement)
        else:
            self._note(unknown(name, self.namespace, self.request), statement, _place(fault.__traceback__))

    def _note(self, fault: HpcgenError, statement: ast.stmt, place: Origin | None = None) -> None:
        self._lose(statement)
        place = place or _place(fault.__traceback__)
        self.faults += [one.at(place) for one in each(fault)]

    def _lose(self, statement: ast.stmt) -> None:
        """Notes the names that a failed statement would have bound."""
        self.lost |= names_in(statement)[1] - self.namespace.keys()


def _print(*words: Any, **options: Any) -> None:
    """A recipe's print: standard output is for what hpcgen writes."""
    print(*words, **{"file": sys.stderr, **options})  # noqa: T201 (the recipe prints, not hpcgen)


_NOT_PYTHON = (SyntaxError, ValueError, MemoryError, RecursionError)
"""What Python's compiler raises; the last two for what is nested too deeply."""


def _not_python(fault: BaseException, file: str, lines: tuple[str, ...]) -> RecipeError:
    """What Python's compiler does not take, at its line."""
    line = getattr(fault, "lineno", None) or 1
    words = "it is nested too deeply" if isinstance(fault, MemoryError | RecursionError) else getattr(fault, "msg", fault)
    return RecipeError(f"not Python: {words}", origin=Origin(file, line, lines[line - 1] if line <= len(lines) else ""))


def _is_recipes(traceback: TracebackType | None) -> bool:
    """Whether the innermost frame of a traceback runs a recipe's own code."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and SOURCES in traceback.tb_frame.f_globals


def _translated(fault: BaseException, file: str) -> HpcgenError:
    """What the recipe itself raised, at the recipe's line."""
    words = f"{type(fault).__name__}: {fault}".rstrip(": ")
    found = RecipeRaised(words, origin=_place(fault.__traceback__) or Origin(file, 1))
    found.__cause__ = fault  # for who uses hpcgen as a library
    return found


def _place(traceback: TracebackType | None) -> Origin | None:
    """The innermost place of a traceback that is in a recipe."""
    found = None
    while traceback is not None:
        if SOURCES in traceback.tb_frame.f_globals:
            place = of_frame(traceback.tb_frame)
            lines = traceback.tb_frame.f_globals[SOURCES].get(place.file, ())
            line = traceback.tb_lineno
            found = Origin(place.file, line, lines[line - 1] if 0 < line <= len(lines) else "")
        traceback = traceback.tb_next
    return found
