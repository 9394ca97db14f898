"""Words for sh, Dockerfile and definition file: the only place that escapes.

Each function gives text that the named reader turns back into exactly the value, or raises `Unwritable` naming what the format
cannot carry. docs/design/quoting.md says where each rule was seen.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from hpcgen.errors import Unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAME_START = frozenset(_LETTERS + "_")
_NAME = _NAME_START | frozenset("0123456789")
_PLAIN = _NAME | frozenset("@%+=:,./-")
_COMMAND_LIMIT = 4000
_DOCKER_LINE_LIMIT = 65_535


def _utf8(text: str, what: str) -> bytes:
    """The bytes of `text`; a lone surrogate, which no text file can hold, is refused."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Unwritable(f"{what} holds {text[error.start]!a}, which is not a character of UTF-8") from error


def _checked(text: str, what: str, forbidden: str = "\0") -> str:
    """`text`, if it is UTF-8 and holds none of `forbidden`."""
    _utf8(text, what)
    for character in forbidden:
        if character in text:
            raise Unwritable(f"{what} holds {_SHOWN.get(character, repr(character))}, which cannot be written here: {text!a:.80}")
    return text


_SHOWN = {"\0": "a NUL", "\n": "a newline", "\r": "a carriage return", "\t": "a tab", "\ufeff": "a byte order mark"}


def is_name(text: str) -> bool:
    """Whether `text` is a shell identifier."""
    return bool(text) and text[0] in _NAME_START and _NAME.issuperset(text)


# --- shell ---------------------------------------------------------------------------------------------------------------


def sh(word: str) -> str:
    """One shell word that gives exactly `word`."""
    _checked(word, "a shell word")
    if word and _PLAIN.issuperset(word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


def sh_join(words: Iterable[str]) -> str:
    """A command line that gives exactly `words`."""
    return " ".join(map(sh, words))


def sh_list(name: str, path: str, *, last: bool = False) -> str:
    """A shell word that puts `path` first, or last, in the list NAME, without an empty element where NAME is unset or empty."""
    literal = "".join("\\" + c if c in '"\\$`' else c for c in _checked(path, f"a folder of {name}", "\0:"))
    return f'"${{{name}:+${name}:}}{literal}"' if last else f'"{literal}${{{name}:+:${name}}}"'


def _variable(text: str, at: int) -> int:
    """The length of `$NAME` or `${NAME}` at `at`, 0 where there is none."""
    braced = text.startswith("${", at)
    start = end = at + (2 if braced else 1)
    while end < len(text) and text[end] in _NAME:
        end += 1
    if not is_name(text[start:end]) or (braced and not text.startswith("}", end)):
        return 0
    return end - at + braced


def _double(text: str, special: str) -> str:
    """`text` in double quotes: `$NAME` and `${NAME}` stand, all of `special` is escaped."""
    out, at = [], 0
    while at < len(text):
        length = _variable(text, at) if text[at] == "$" else 0
        out.append(text[at : at + length] if length else "\\" + text[at] if text[at] in special else text[at])
        at += length or 1
    return '"' + "".join(out) + '"'


def sh_double(text: str) -> str:
    """A shell word in double quotes in which `$NAME` and `${NAME}` expand and all else is literal."""
    return _double(_checked(text, "a shell word"), '$"\\`')


def _printf_units(data: bytes) -> Iterator[str]:
    """`data` as pieces of a printf format that stands in single quotes; no piece can be split."""
    short = {0x0A: "\\n", 0x09: "\\t"}
    risky = b"%\\'"
    before = -1
    for byte in data:
        doubled = byte == before and byte in b"{<"  # {{ is a template in a definition file, << a heredoc in a Dockerfile
        if byte in short:
            yield short[byte]
        elif byte in risky or not 0x20 <= byte < 0x7F or doubled or (before == -1 and byte == 0x2D):
            yield f"\\{byte:03o}"
        else:
            yield chr(byte)
        before = byte


def _printf_words(data: bytes, limit: int) -> Iterator[str]:
    """`printf '...'` commands of at most `limit` characters that together print `data`."""
    words: list[str] = []
    length = len("printf ''")
    for unit in _printf_units(data):
        if length + len(unit) > limit:
            yield f"printf '{''.join(words)}'"
            words, length = [], len("printf ''")
        words.append("\\055" if not words and unit == "-" else unit)
        length += len(words[-1])
    if words:
        yield f"printf '{''.join(words)}'"


def printf_file(content: str, path: str) -> tuple[str, ...]:
    """Shell commands, each one line of less than 4000 bytes, that write exactly `content` to the file `path`."""
    target = def_word(_checked(path, "the path of a file", "\0\n\r"))
    room = _COMMAND_LIMIT - len(target.encode()) - len(" >> ") - 8
    if room < 1000:
        raise Unwritable(f"the path of a file is too long: {path!a:.80}")
    commands = list(_printf_words(_utf8(content, f"the content of {path}"), room)) or [":"]
    return tuple(f"{command} {'>>' if at else '>'} {target}" for at, command in enumerate(commands))


class Shape(StrEnum):
    """What a command may be put into: see `shape`."""

    SIMPLE = "simple"
    LIST = "list"
    SCRIPT = "script"


def shape(command: str) -> Shape:
    """What kind of text `command` is."""
    return _Scanner(command).shape()


def chain(command: str) -> str:
    """`command` as an element of an `&&` chain: bare, or in braces."""
    scanner = _Scanner(command)
    kind = scanner.shape()
    if kind is Shape.SCRIPT:
        raise Unwritable(f"a script cannot stand in a chain of commands: {command!a:.80}")
    text = command.strip(" \t")
    if kind is Shape.SIMPLE:
        return text
    return f"{{ {text} }}" if scanner.terminated else f"{{ {text}; }}"


class _Script(Exception):
    """The scanner met what cannot stand on a chained line."""


class _Scanner:
    """Placeholder until the real one: everything with anything unusual is a script."""

    def __init__(self, command: str) -> None:
        self.command = command.strip(" \t")
        self.terminated = self.command.endswith((";", "&")) and not self.command.endswith("\\;")

    def shape(self) -> Shape:
        text = self.command
        if not text or any(mark in text for mark in "\n\r\0#") or "<<" in text or text.endswith("\\"):
            return Shape.SCRIPT
        if any(mark in text for mark in (";", "||")) or text[0] in "!{-[" or text.endswith("&"):
            return Shape.LIST
        return Shape.SIMPLE


def comment(text: str) -> tuple[str, ...]:
    """`# ...` lines that show `text` and mean nothing to any reader."""
    lines = text.replace("\r\n", "\n").split("\n")
    return tuple(_comment_line(line) for line in lines)


def _comment_line(line: str) -> str:
    shown = "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape", "replace").decode("ascii") for c in line).rstrip("\\ \t")
    return f"# {shown}".rstrip()


# --- Dockerfile ----------------------------------------------------------------------------------------------------------


def docker_value(value: str, what: str) -> str:
    """The right side of `NAME=` in ENV, LABEL and ARG that gives exactly `value`."""
    _checked(value, what, "\0\n\r")
    if value and _PLAIN.issuperset(value):
        return value
    return '"' + "".join("\\" + c if c in '"\\$' else c for c in value) + '"'


def docker_double(value: str, what: str) -> str:
    """The same, but `$NAME` and `${NAME}` expand."""
    return _double(_checked(value, what, "\0\n\r"), '$"\\')


def docker_list(name: str, path: str, *, last: bool = False, known: bool = False) -> str:
    """The right side of `NAME=` in ENV that puts `path` first, or last, in the list NAME, without an empty element unless NAME is `known` to have some."""
    literal = "".join("\\" + c if c in '"\\$' else c for c in _checked(path, f"a folder of {name}", "\0\n\r:"))
    if known:
        whole = f"${name}:{literal}" if last else f"{literal}:${name}"
    else:
        whole = f"${{{name}:+${name}:}}{literal}" if last else f"{literal}${{{name}:+:${name}}}"
    return whole if path and _PLAIN.issuperset(path) else f'"{whole}"'


def docker_name(name: str, what: str) -> str:
    """The left side of `=` in ENV, ARG and LABEL."""
    if is_name(name):
        return name
    if "label" not in what.lower():
        raise Unwritable(f"{what} is not a name: {name!a:.80}")
    return docker_value(name, what)


def docker_words(words: Sequence[str]) -> str:
    """The JSON form of ENTRYPOINT, CMD, SHELL, RUN, HEALTHCHECK and VOLUME."""
    import json

    for word in words:
        _checked(word, "a word of a command")
    return json.dumps(list(words), ensure_ascii=False)


def docker_paths(sources: Sequence[str], dest: str, *, literal: bool) -> str:
    """The arguments of COPY: file names if `literal`, else Docker's patterns."""
    import json

    def escaped(path: str, special: str) -> str:
        return "".join("\\" + c if c in special else c for c in path)

    words = [escaped(escaped(source, "*?[\\") if literal else source, "\\$'\"") for source in sources]
    words.append(escaped(dest, "\\$'\""))
    if all(_PLAIN.issuperset(word) and word and not word.startswith("-") for word in words):
        return " ".join(words)
    return json.dumps(words, ensure_ascii=False)


def docker_plain(value: str, what: str) -> str:
    """The argument of WORKDIR, USER, STOPSIGNAL, EXPOSE or FROM."""
    _checked(value, what, "\0\n\r\t ")
    return "".join("\\" + c if c in "\"\\$'" else c for c in value)


def _delimiter(content: str) -> str:
    lines = {line.strip("\t") for line in content.split("\n")}
    delimiter, number = "EOF", 0
    while delimiter in lines:
        number += 1
        delimiter = f"EOF{number}"
    return delimiter


def docker_heredoc(content: str) -> tuple[str, str] | None:
    """The delimiter and body for `COPY <<'DELIMITER' path`, None where a heredoc cannot carry `content`."""
    _utf8(content, "the content of a file")
    if (content and not content.endswith("\n")) or "\r" in content or "\0" in content:
        return None
    if any(len(line.encode()) > 60_000 for line in content.split("\n")):
        return None
    return _delimiter(content), content


def docker_run_script(script: str) -> tuple[str, str] | None:
    """The delimiter and body for `RUN <<'DELIMITER'`, None where a heredoc cannot carry `script`; stops at the first failing command."""
    return docker_heredoc("set -e\n" + script + ("" if script.endswith("\n") else "\n"))


def docker_run_words(script: str) -> str:
    """The words after RUN that run `script` without a heredoc; stops at the first failing command."""
    text = docker_words(("/bin/sh", "-e", "-c", script))
    if len(text.encode()) > _DOCKER_LINE_LIMIT - 100:
        raise Unwritable("a script is too long for one line of a Dockerfile (65,535 bytes)")
    return text


# --- definition file -----------------------------------------------------------------------------------------------------


def def_word(word: str) -> str:
    """`sh(word)` that neither the section parser nor the template engine of a definition file takes for its own."""
    quoted = sh(word)
    quoted = quoted.replace("{{", "{''{")
    lines = quoted.split("\n")
    return "\n".join([lines[0], *("''" + line if line.lstrip().startswith("%") else line for line in lines[1:])])


def def_env(name: str, value: str) -> str:
    """The line of %environment and %post that exports exactly `value`."""
    if not is_name(name):
        raise Unwritable(f"the name of a variable is not a name: {name!a:.80}")
    return f"export {name}={def_word(value)}"


def def_label(name: str, value: str) -> str:
    """The row of %labels that sets exactly `value`."""
    _checked(name, "a label's name", "\0\n\r\t =")
    _checked(value, f"label {name}", "\0\n\r")
    return f"{name} {value}"


def def_files(source: str, dest: str) -> str:
    """The row of %files that copies exactly `source` to `dest`."""
    for path in (source, dest):
        _checked(path, "a path of %files", "\0\n\r\"\\*?[")
    return f'"{source}" "{dest}"'


def def_command(script: str) -> str:
    """`script` as it may stand in %post, %runscript, %startscript and %test."""
    _checked(script, "a script")
    if "{{" not in script and not any(line.lstrip().startswith("%") for line in script.split("\n")):
        return script
    body = "\n".join(_printf_words(_utf8(script, "a script"), _COMMAND_LIMIT))
    return f'eval "$({body})"'
