"""Words for sh, Dockerfile and definition file: the only place that escapes.

Each function gives text that its reader turns back into exactly the value, or raises `Unwritable` with what the format cannot carry.
What stands here was measured: tests/quoting repeats it on real shells, Docker 28 and 20.10, Apptainer 1.4.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Unwritable
from hpcgen.shape import HIDDEN, Shape, chain, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "Shape",
    "chain",
    "comment",
    "def_command",
    "def_env",
    "def_files",
    "def_label",
    "def_word",
    "docker_double",
    "docker_flag",
    "docker_heredoc",
    "docker_list",
    "docker_name",
    "docker_paths",
    "docker_plain",
    "docker_run_script",
    "docker_run_words",
    "docker_value",
    "docker_words",
    "is_name",
    "is_template",
    "printf_file",
    "sh",
    "sh_double",
    "sh_join",
    "sh_list",
    "shape",
]
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAME_START = frozenset(_LETTERS + "_")
_NAME = _NAME_START | frozenset("0123456789")
_PLAIN = _NAME | frozenset("@%+=:,./-")
_SHOWN = {
    "\0": "a NUL",
    "\n": "a newline",
    "\r": "a carriage return",
    "\t": "a tab",
    '"': "a double quote",
    "=": "an equals sign",
    ":": "a colon",
    "\x80": "U+0080",
    "\x81": "U+0081",
}
_COMMAND_LIMIT = 4000  # of a printed command, in bytes
_LINE_LIMIT = 65_535  # of a Dockerfile: bufio.MaxScanTokenSize - 1
_ARGUMENT_LIMIT = 131_071  # of one argument of a program on Linux: MAX_ARG_STRLEN - 1


def _utf8(text: str, what: str) -> bytes:
    """The bytes of `text`; a lone surrogate, which no text file can hold, is refused."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Unwritable(f"{what} holds {text[error.start]!a}, which is no character of UTF-8") from error


def _checked(text: str, what: str, forbidden: str = "\0") -> str:
    """`text`, if it is UTF-8 and holds none of `forbidden`."""
    _utf8(text, what)
    for character in forbidden:
        if character in text:
            raise Unwritable(f"{what} holds {_SHOWN[character]}: {text!a:.80}")
    return text


def is_name(text: str) -> bool:
    """Whether `text` is a shell identifier."""
    return bool(text) and text[0] in _NAME_START and _NAME.issuperset(text)


def _is_plain(text: str) -> bool:
    return bool(text) and _PLAIN.issuperset(text)


def _escaped(text: str, special: str) -> str:
    """`text` with a backslash before each of `special`."""
    return "".join("\\" + c if c in special else c for c in text)


# --- shell ---------------------------------------------------------------------------------------------------------------


def sh(word: str) -> str:
    """One shell word that gives exactly `word`."""
    if _is_plain(_checked(word, "a shell word")):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


def sh_join(words: Iterable[str]) -> str:
    """A command line that gives exactly `words`."""
    return " ".join(map(sh, words))


def sh_list(name: str, path: str, *, last: bool = False) -> str:
    """A shell word that puts `path` first, or last, in the list NAME, without an empty element where NAME is unset or empty."""
    literal = _escaped(_checked(path, f"a folder of {name}", "\0:"), '"\\$`')
    return f'"${{{name}:+${name}:}}{literal}"' if last else f'"{literal}${{{name}:+:${name}}}"'


def _variable(text: str, at: int) -> int:
    """The length of the `$NAME` or `${NAME}` at `at`, 0 where there is none."""
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
        out.append(text[at : at + length] if length else _escaped(text[at], special))
        at += length or 1
    return '"' + "".join(out) + '"'


def sh_double(text: str) -> str:
    """A shell word in double quotes in which `$NAME` and `${NAME}` expand and all else is literal."""
    return _double(_checked(text, "a shell word"), '$"\\`')


def _printf_units(data: bytes) -> Iterator[str]:
    """`data` as pieces of a printf format that stands in single quotes; no piece can be split."""
    before = ""
    for c in data.decode("latin-1"):
        if c in "\n\t":
            yield "\\n" if c == "\n" else "\\t"
        # {{ would be a template in a definition file, << a heredoc in a Dockerfile, % a conversion, - in front an option
        elif c in "%\\'" or not " " <= c <= "~" or (c == before and c in "{<") or (c == "-" and not before):
            yield f"\\{ord(c):03o}"
        else:
            yield c
        before = c


def _printf_commands(data: bytes, limit: int) -> Iterator[str]:
    """`printf '...'` commands of at most `limit` characters that together print `data`."""
    words: list[str] = []
    length = len("printf ''")
    for unit in _printf_units(data):
        if length + len(unit) > limit:
            yield f"printf '{''.join(words)}'"
            words, length = [], len("printf ''")
        words.append("\\055" if unit == "-" and not words else unit)
        length += len(words[-1])
    if words:
        yield f"printf '{''.join(words)}'"


def printf_file(content: str, path: str) -> tuple[str, ...]:
    """Shell commands, each one line of less than 4000 bytes, that write exactly `content` to the file `path`."""
    target = def_word(_checked(path, "the path of a file", "\0\n\r"))
    room = _COMMAND_LIMIT - len(target.encode()) - len(" >> ") - len("\\055")
    if room < _COMMAND_LIMIT // 4:
        raise Unwritable(f"the path of a file is too long for a line of {_COMMAND_LIMIT} bytes: {path!a:.80}")
    commands = list(_printf_commands(_utf8(content, f"the content of {path}"), room)) or [":"]
    return tuple(f"{command} {'>>' if at else '>'} {target}" for at, command in enumerate(commands))


def comment(text: str) -> tuple[str, ...]:
    """`# ...` lines that show `text` and mean nothing to any reader, be it Docker, Apptainer, hadolint or shellcheck."""
    return tuple(map(_comment_line, text.replace("\r\n", "\n").split("\n")))


def _comment_line(line: str) -> str:
    shown = "".join(c if c not in HIDDEN else " " if c == "\t" else c.encode("unicode_escape").decode() for c in line)
    shown = shown.encode("utf-8", "backslashreplace").decode()
    shown = shown.replace("{{", "{ {").strip().rstrip("\\ ")
    word = shown.lower().partition("=")[0].partition(" ")[0]
    if word in ("syntax", "escape", "check", "hadolint", "shellcheck"):  # what begins otherwise is no directive to them
        shown = f": {shown}"
    return f"# {shown}".rstrip()


# --- Dockerfile ----------------------------------------------------------------------------------------------------------


def docker_value(value: str, what: str) -> str:
    """The right side of `NAME=` in ENV, LABEL and ARG that gives exactly `value`; nothing but a newline is beyond it."""
    return value if _is_plain(_checked(value, what, "\0\n")) and value[0] != "-" else '"' + _escaped(value, '"\\$') + '"'


def docker_double(value: str, what: str) -> str:
    """The same, but `$NAME` and `${NAME}` expand."""
    return _double(_checked(value, what, "\0\n"), '$"\\')


def docker_list(name: str, path: str, *, last: bool = False, known: bool = False) -> str:
    """The right side of `NAME=` in ENV that puts `path` first, or last, in the list NAME, without an empty element.

    Where the list is `known` to hold something, a plain colon does.
    """
    literal = _escaped(_checked(path, f"a folder of {name}", "\0\n:"), '"\\$')
    if known:
        whole = f"${name}:{literal}" if last else f"{literal}:${name}"
    else:
        whole = f"${{{name}:+${name}:}}{literal}" if last else f"{literal}${{{name}:+:${name}}}"
    return whole if _is_plain(path) else f'"{whole}"'


def docker_name(name: str, what: str) -> str:
    """The left side of `=` in ENV and ARG, which is a shell identifier, or, where `what` begins with "label", in LABEL."""
    if is_name(name):
        return name
    if not what.lower().startswith("label"):
        raise Unwritable(f"{what}: not a name of letters, digits and underscores: {name!a:.80}")
    return docker_value(_checked(name, what, "\0\n="), what)


def _json(words: Iterable[str]) -> str:
    """A JSON list in which nothing is hidden; not by json, whose import costs more than all else here."""
    short = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
    return "[" + ", ".join('"' + "".join(short.get(c, f"\\u{ord(c):04x}" if c in HIDDEN else c) for c in word) + '"' for word in words) + "]"


def docker_words(words: Sequence[str]) -> str:
    """The JSON form of ENTRYPOINT, CMD, SHELL, RUN, HEALTHCHECK and VOLUME."""
    return _json(_checked(word, "a word of a command") for word in words)


def _pattern(name: str) -> str:
    r"""A pattern of COPY that matches only the file `name`: the name itself where nothing of it means more.

    A backslash alone is not taken as an escape by all that read it (Go's filepath.Match, moby's patternmatcher for what the client sends):
    `[\*]` is. To one of them `^` is an anchor where there are brackets, `!` in front excludes, and blanks at the ends and a byte order mark
    are dropped; `<<` is a heredoc even in the JSON form, `git@` and `://` are addresses.
    """
    if name == name.strip() and not any(c in "*?[]\\!" for c in name) and not any(mark in name for mark in ("<<", "git@", "://")):
        return name
    return "".join(f"[\\{c}]" if c in "*?[]\\^!<@: " else f"[{c}]" if c.isspace() or c == "\ufeff" else c for c in name)


def docker_paths(sources: Sequence[str], dest: str, *, literal: bool) -> str:
    """The arguments of COPY, in JSON where they are not plain: file names if `literal`, else Docker's patterns.

    A control character in the name of a file of the context stops BuildKit's client, aloud; in names of a stage's files it is carried.
    """
    words = [_checked(_pattern(source) if literal else source.replace("<<", "[<]<"), "a file to copy") for source in sources]
    words = [_escaped(word, "\\$'\"\ufeff") for word in (*words, _checked(dest, "the place of a copy"))]
    plain = all(_is_plain(word) and not word.startswith("-") for word in words)
    return " ".join(words) if plain else _json(words)


def docker_plain(value: str, what: str) -> str:
    """The argument of WORKDIR, USER, STOPSIGNAL, EXPOSE or FROM; the first two carry anything but a newline."""
    if not value:
        raise Unwritable(f"{what} is empty")
    return docker_value(value, what)


def docker_flag(value: str, what: str) -> str:
    """The value of a flag such as --chown, or of a key of --mount: plain, because Docker unquotes and expands flags in three ways."""
    if not _is_plain(value) or "," in value:
        raise Unwritable(f"{what}: a flag of a Dockerfile cannot hold {value!a:.80}")
    return value


def docker_heredoc(content: str) -> tuple[str, str] | None:
    """The delimiter and body for `COPY <<'DELIMITER' path`, or None: then `printf_file`.

    It cannot carry a last line without its end or a line of more than 65,535 bytes, and shall not carry what nobody would see.
    """
    if (content and not content.endswith("\n")) or not HIDDEN.isdisjoint(content.replace("\n", "").replace("\t", "")):
        return None
    lines = set(content.split("\n"))
    if any(len(line) > _LINE_LIMIT // 4 and len(line.encode()) > _LINE_LIMIT for line in lines):
        return None
    delimiter, number = "EOF", 0
    while delimiter in lines:
        number += 1
        delimiter = f"EOF{number}"
    return delimiter, content


def docker_run_script(script: str) -> tuple[str, str] | None:
    """The delimiter and body for `RUN <<'DELIMITER'`, or None: then `docker_run_words`. It stops at the first failing command."""
    body = f"set -e\n{script}" if script.endswith("\n") else f"set -e\n{script}\n"
    _fits(body)
    return docker_heredoc(body)


def docker_run_words(script: str, shell: Sequence[str] = ("/bin/sh", "-c")) -> str:
    """The words after RUN that run `script` by `shell` without a heredoc; it stops at the first failing command."""
    _fits(f"set -e\n{script}")
    text = docker_words((*shell, f"set -e\n{script}"))
    if len(text.encode()) > _LINE_LIMIT - len("RUN "):
        raise Unwritable("a script is too long for one line of a Dockerfile: 65,535 bytes with all that is escaped")
    return text


def _fits(script: str) -> None:
    if len(_utf8(_checked(script, "a script"), "a script")) > _ARGUMENT_LIMIT:
        raise Unwritable("a script is too long for one argument of a shell: 131,071 bytes")


# --- definition file -----------------------------------------------------------------------------------------------------


def _is_taken(line: str) -> bool:
    """Whether a definition file's reader takes `line` for a section, or for the begin of a stage."""
    return line.lstrip().startswith("%") or line.lower().startswith("bootstrap:")


def def_word(word: str) -> str:
    """`sh(word)` that the readers of a definition file leave alone.

    They take `{{ x }}` for a variable, a line with % in front for a section, one with `Bootstrap:` for a stage, and the CR off a line's end.
    """
    quoted = sh(word).replace("\r\n", "\r''\n")
    while "{{" in quoted:
        quoted = quoted.replace("{{", "{''{")
    return "\n".join(f"''{line}" if _is_taken(line) else line for line in quoted.split("\n"))


def def_env(name: str, value: str) -> str:
    """The line of %environment and %post that exports exactly `value`; U+0080 and U+0081 are marks of the shell that is built into Apptainer."""
    if not is_name(name):
        raise Unwritable(f"environment variable: not a name of letters, digits and underscores: {name!a:.80}")
    _checked(value, f"environment variable {name}", "\0\x80\x81")
    return f"export {name}={def_word(value)}"


def is_template(text: str) -> bool:
    """Whether `text` holds what a definition file's reader takes for a variable."""
    return any(part.partition("}}")[1] and _is_word(part.partition("}}")[0].strip()) for part in text.split("{{")[1:])


def _is_word(text: str) -> bool:
    """Whether `text` is letters, digits and underscores of ASCII."""
    return bool(text) and _NAME.issuperset(text)


def def_label(name: str, value: str) -> str:
    """The row of %labels that sets exactly `value`."""
    for text, what in ((name, "a label's name"), (value, f"label {name}")):
        _checked(text, what, "\0\n")
        if text != text.strip() or is_template(text):
            raise Unwritable(f"{what} {'holds what Apptainer replaces' if text == text.strip() else 'begins or ends with a blank'}: {text!a:.80}")
    if not name or " " in name or name[0] in "#%":
        raise Unwritable(f"a label's name is empty, holds a blank or begins with # or %: {name!a:.80}")
    return f"    {name} {value}".rstrip(" ")


def _hex(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def def_files(source: str, dest: str, *, literal: bool = True) -> str:
    r"""The row of %files that copies the file `source`, or the files of that pattern, to `dest`.

    Apptainer puts the source, its blanks escaped, into a shell loop of its own, where `\*` still matches all; it splits what comes out at `\0`.
    """
    if "\\0" in _checked(source, "a file to copy"):
        raise Unwritable(f"a file to copy holds a backslash before a 0, where Apptainer splits names: {source!a:.80}")
    calm = _PLAIN | frozenset(" " if literal else " *?[]^!\\")
    named = f"./{source}" if source.startswith("-") else source
    escaped = "".join(c if c in calm or (c > "~" and c not in HIDDEN) else f"$'{_hex(c)}'" for c in named)
    if is_template(_checked(dest, "the place of a copy", '\0\n"')):
        raise Unwritable(f"the place of a copy holds what Apptainer replaces: {dest!a:.80}")
    return f'    "{escaped}" "{dest}"'


def def_command(script: str) -> str:
    """`script` as it may stand in %post, %runscript, %startscript and %test: printed and evaluated where Apptainer would take part of it."""
    lines = _checked(script, "a script").split("\n")
    if "{{" not in script and "\r" not in script and not any(map(_is_taken, lines)):
        return script
    first = [lines.pop(0)] if lines[0].startswith("#!") else []
    if first and not first[0].split()[0].endswith("sh"):
        raise Unwritable(
            f"a script of {first[0]} cannot hold what Apptainer takes for its own: {{{{, a carriage return, % or Bootstrap: in front of a line"
        )
    body = "\n".join(_printf_commands(_utf8("\n".join(lines), "a script"), _COMMAND_LIMIT))
    return "\n".join((*first, f'eval "$({body})"'))
