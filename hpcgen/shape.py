"""What one shell command may be put into: bare into an `&&` chain, into braces, or only into a script."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from hpcgen.errors import Unwritable

# What a person does not see: controls, separators of lines, overrides of direction, a byte order mark.
# Not str.isprintable, which changes with Python.
_RANGES = ((0x00, 0x20), (0x7F, 0xA0), (0x2028, 0x202F), (0x2066, 0x206A), (0xFEFF, 0xFF00))
HIDDEN = frozenset(chr(code) for first, end in _RANGES for code in range(first, end))


class Shape(StrEnum):
    """What a command may be put into.

    A `script` is whatever cannot stand on a line that goes on: a newline or another control character, a comment, a heredoc (to BuildKit
    any word that begins with `<<`, so `$((1 <<2))` too), a backslash or an operator at the end, quotes or brackets that do not pair, and
    what dash and bash read in different ways (`$'..'`, quotes within `"${..}"`, `function`). When in doubt, it is a script.
    A `list` needs braces: it has `;`, `&` or `||` outside of brackets, is negated, or begins with a keyword; or a Dockerfile would
    take its first or last characters for its own (`--flag`, `["x"]`, a space that is not ASCII, a backslash).
    """

    SIMPLE = "simple"
    LIST = "list"
    SCRIPT = "script"


def shape(command: str) -> Shape:
    """Whether `command` may stand bare in an `&&` chain, in braces, or not at all."""
    return _scanned(command).shape


def chain(command: str) -> str:
    """`command` as an element of an `&&` chain: bare, or in braces."""
    scanner = _scanned(command)
    if scanner.shape is Shape.SCRIPT:
        raise Unwritable(f"a script cannot stand in a chain of commands: {command!a:.80}")
    if scanner.shape is Shape.SIMPLE:
        return scanner.text
    return f"{{ {scanner.text}{'' if scanner.last in (';', '&') else ';'} }}"


@lru_cache(maxsize=64)
def _scanned(command: str) -> _Scanner:
    """A command that was read to its end; kept for as long as a RUN is put together: each is asked for its shape, then chained."""
    return _Scanner(command)


class _ScriptError(Exception):
    """The scanner met what cannot stand on a chained line."""


_HIDDEN_BUT_TAB = HIDDEN - {"\t"}
_PLAIN = re.compile(r"""[^ \t'$`"#<>;&|()\\]+""")  # read at once: commands are long, and each is looked at
_PLAIN_IN_QUOTES = re.compile(r"""[^"$`\\]+""")
_OPENS = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "case": "esac", "{": "}", "[[": "]]"}
_GOES_ON = {"then": "fi", "elif": "fi", "else": "fi", "do": "done"}
_OPERATORS = (";;&", ";;", ";&", "&&", "||", "|&", ";", "&", "|")


def _is_docker_s(text: str) -> bool:
    """Whether a Dockerfile's reader would take the first or last characters of a command for its own: a flag, JSON, blanks, a backslash."""
    return text.startswith("-") or (text[:1] == "[" and text[1:2] not in (" ", "\t", "[")) or text.endswith("\\") or text != text.strip()


class _Scanner:
    """Reads one command as far as its shape asks for: brackets, quotes, keywords, operators."""

    def __init__(self, command: str) -> None:
        self.text = command.strip(" \t")
        self.at = 0
        self.open: list[tuple[str, str | None, bool]] = []  # what closes it, the word and the place that go on behind it
        self.word: str | None = None  # as far as it was read; a NUL stands for what was quoted or expanded
        self.ready = True  # a keyword may stand here
        self.last = ""  # the operator, redirection or "word" read last outside of brackets
        self.listed = _is_docker_s(self.text)
        self.shape = self._shape()

    def _shape(self) -> Shape:
        if not self.text or not _HIDDEN_BUT_TAB.isdisjoint(self.text):
            return Shape.SCRIPT
        if "<<" in self.text and any(mark in self.text for mark in ("$(", "${", "`")):  # BuildKit pairs nested quotes in another way
            return Shape.SCRIPT
        try:
            while self.at < len(self.text):
                self._step(self.text[self.at])
            self._end_word()
        except _ScriptError:
            return Shape.SCRIPT
        if self.open or self.last in ("&&", "||", "|", "<>"):
            return Shape.SCRIPT
        return Shape.LIST if self.listed else Shape.SIMPLE

    def _step(self, c: str) -> None:
        if self._top == '"':
            self._in_quotes(c)
        elif self._top == "${":
            self._in_parameter(c)
        else:
            self._in_command(c)

    @property
    def _top(self) -> str:
        return self.open[-1][0] if self.open else ""

    def _push(self, closer: str, *, ready: bool = True) -> None:
        self.open.append((closer, self.word, self.ready))
        self.word, self.ready = None, ready

    def _pop(self) -> None:
        closer, self.word, self.ready = self.open.pop()
        self.ready = self.ready or closer in (")", "fi", "done", "esac", "}")  # a keyword may follow at once
        if not self.open:
            self.last = "word"

    def _take(self, length: int) -> None:
        """Part of a word that no keyword has."""
        if self.at + length > len(self.text):
            raise _ScriptError
        self.word = (self.word or "") + "\0"
        self.at += length

    def _in_quotes(self, c: str) -> None:
        if c == '"':
            self.at += 1
            self._pop()
        elif c in "$`":
            self._expansion(c)
        else:
            plain = _PLAIN_IN_QUOTES.match(self.text, self.at)
            self._take(len(plain[0]) if plain else 2)

    def _in_parameter(self, c: str) -> None:
        if c == "}":
            self.at += 1
            self._pop()
        elif c in "'\"":
            if any(closer == '"' for closer, _, _ in self.open):  # dash and bash disagree
                raise _ScriptError
            self._in_command(c)
        elif c in "$`":
            self._expansion(c)
        else:
            self._take(2 if c == "\\" else 1)

    def _in_command(self, c: str) -> None:
        if c in " \t":
            self._end_word()
            self.at += 1
        elif c == "'":
            end = self.text.find("'", self.at + 1)
            if end < 0:
                raise _ScriptError
            self._take(end + 1 - self.at)
        elif c in '$`"':
            self._expansion(c)
        elif c == "#" and self.word is None:
            raise _ScriptError
        elif c in "<>":
            self._redirection(c)
        elif c in ";&|":
            self._operator(next(o for o in _OPERATORS if self.text.startswith(o, self.at)))
        elif c in "()":
            self._bracket(c)
        elif c == "\\":
            self._take(2)
        else:
            plain = _PLAIN.match(self.text, self.at)
            part = plain[0] if plain else c
            self.word = (self.word or "") + part
            self.at += len(part)

    def _expansion(self, c: str) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if c == '"' or (c == "$" and following in ("(", "{")):
            length = 1 if c == '"' else 2
            self._take(length)
            self._push({'"': '"', "(": "$)", "{": "${"}['"' if length == 1 else following])
        elif c == "`":
            end = self.text.find("`", self.at + 1)
            if end < 0 or any(mark in self.text[self.at + 1 : end] for mark in ("\\", "'", '"', "#", "<", "(", ")")):
                raise _ScriptError
            self._take(end + 1 - self.at)
        elif following in ("'", '"') and self._top != '"':
            raise _ScriptError
        else:
            self._take(1)

    def _end_word(self) -> None:
        word, self.word = self.word, None
        if word is None:
            return
        ready, self.ready, top = self.ready, False, self._top
        if not self.open:
            self.last = "word"
        if word == top == "]]":
            self._pop()
        elif top == "case" and word == "in":
            self.open[-1] = ("in", *self.open[-1][1:])
            self.ready = True
        elif ready and top != "case":
            self._keyword(word, top)

    def _keyword(self, word: str, top: str) -> None:
        """A word that stands where a command or, in a `case`, a pattern begins."""
        if word == ("esac" if top == "in" else top) and top in ("fi", "done", "esac", "}", "in"):
            self.open[-1] = ("esac", *self.open[-1][1:]) if top == "in" else self.open[-1]
            self._pop()
        elif top == "in":
            return
        elif word in _OPENS:
            self.listed = self.listed or (not self.open and word != "[[")
            self._push("case" if word == "case" else _OPENS[word], ready=word not in ("for", "select", "case", "[["))
        elif word in _GOES_ON or word in ("!", "time"):
            if top != _GOES_ON.get(word, top):
                raise _ScriptError
            self.listed = self.listed or not self.open
            self.ready = True
        elif word in ("fi", "done", "esac", "}", "function", "coproc"):
            raise _ScriptError

    def _operator(self, operator: str) -> None:
        self._end_word()
        top = self._top
        if (
            operator in (";;&", ";&", "|&")
            or (operator == ";;" and top != "esac")
            or (top in ("in", "w)") and operator != "|")
            or (top == "]]" and operator not in ("&&", "||"))
        ):
            raise _ScriptError
        if not self.open:
            if self.last != "word":
                raise _ScriptError
            self.last = operator
            self.listed = self.listed or operator in (";", "&", "||")
        if operator == ";;":
            self.open[-1] = ("in", *self.open[-1][1:])
        self.ready = top != "]]"
        self.at += len(operator)

    def _bracket(self, c: str) -> None:
        within = self.word is not None
        self._end_word()
        top = self._top
        if self.text.startswith("()", self.at) and (within or self.last == "word"):  # a function
            self.listed = self.ready = True
            self.at += 2
            return
        self.at += 1
        if c == "(" and top != "in":
            self._push(")" if self.ready and not within else "w)", ready=self.ready and not within)
        elif c == ")" and top == "in":
            self.open[-1] = ("esac", *self.open[-1][1:])
            self.ready = True
        elif c == ")" and top in (")", "w)", "$)"):
            self._pop()
        elif c == ")":
            raise _ScriptError

    def _redirection(self, c: str) -> None:
        self._end_word()
        following = self.text[self.at + 1 : self.at + 2]
        if c + following == "<<":
            raise _ScriptError
        self.at += 2 if following in ("&", "|", ">", "(") else 1
        self.ready = False
        if following == "(":
            self._push(")")
        elif not self.open:
            self.last = "<>"
