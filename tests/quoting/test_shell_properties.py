from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hpcgen.quoting import Shape, chain, def_command, def_word, printf_file, sh, sh_double, sh_join, sh_list, shape
from hpcgen.shape import HIDDEN

if TYPE_CHECKING:
    from pathlib import Path

NASTY = [
    "'", '"', "\\", "$", "`", "%", "\n", "\r", "\t", " ", "{{", "<<", "-", "#", "!", "*", "~", ";", "&", "\\n", "\\0", "%s", "$HOME", "\x01", "\x7f", "é", "\u2028",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(NASTY), st.characters(codec="utf-8", exclude_characters="\0")), max_size=12).map("".join)
# Each prints its words and ends with the first of them.
PRELUDE = 'm() { echo "$*"; return $1; }; v=1\n'
TOKENS = [
    "m 0 a", "m 1 b", "m 0 c", "m", " ", " ", "; ", ";", "&& ", "&&", "|| ", "| ", "|", "& ", "! ", "{ ", "}", "; }", "( ", ")", "(", "if ", "then ", "else ", "fi", "; fi",
    "while false; do ", "done", "for i in 1 2; do ", "case a in ", "a) ", "*) ", ";; ", "esac", "'", '"', "'a b'", '"a b"', "$v", "${v}", "${v:-x}", "${v:-", "$(", "$( m 0 x )",
    "`m 0 y`", "`", "$((1+2))", "$((", "))", "\\", "\\;", '\\"', "#", "# c", " #x", "a#b", ">/dev/null ", "2>/dev/null ", "<", "<<E", "f() ", "f() { m 0 f; }", "() ", "in ",
    "do ", "then", "=", "a=b ", "[ a = a ]", "!", "-x", "--x", "$", "{a,b}", "}", "*", "~", "%", "-", "\t", "elif ", "until m 0 u; do ", "(m 0 s)", "{ m 1 t; }",
    "if m 0 c; then m 1 d; fi", "case b in b) m 0 e;; esac", "for i in a b; do m 0 $i; done", "while m 1 w; do :; done",
]  # fmt: skip
COMMANDS = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=9).map("".join)


def _composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Commands that a shell takes, made of smaller ones."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.builds("{0[0]}{1}{0[1]}".format, pair, st.sampled_from([" && ", " || ", "; ", " & "])),
        pair.map(lambda two: f"{two[0]} | {{ {two[1]}; }}"),
        inner.map(lambda one: f"( {one} ) 2>/dev/null"),
        pair.map(lambda two: f"if {two[0]}; then {two[1]}; fi"),
        inner.map(lambda one: f"for i in a b; do {one}; done"),
        inner.map(lambda one: f"case $v in 2|0) m 0 no;; (1) {one};; esac"),
        inner.map(lambda one: f'm 0 "$( {one} )"'),
        inner.map(lambda one: f"m 1 x$( {one} )"),
        inner.map(lambda one: f"g() {{ {one}; }} && g"),
    )


GOOD_COMMANDS = st.recursive(st.sampled_from(["m 0 a", "m 1 b", "! m 0 c", "m 0 ';' \"&&\" \\|", "x=$v", "[ $v = 1 ]"]), _composed, max_leaves=6)


@pytest.fixture(params=["dash", "bash"], scope="module")
def shell(request: pytest.FixtureRequest) -> str:
    """Each of the shells in turn."""
    found: str = request.param
    return found


def run(shell: str, script: str, *flags: str, cwd: Path | None = None) -> tuple[int, bytes]:
    """How a script ends and what it prints."""
    done = subprocess.run([shell, *flags, "-c", script], capture_output=True, timeout=20, check=False, cwd=cwd)
    return done.returncode, done.stdout


def printed(shell: str, words: str) -> list[str]:
    """The words that a shell sees."""
    status, out = run(shell, f"for word in {words}; do printf '%s\\0' \"$word\"; done")
    assert status == 0
    return out.decode().split("\0")[:-1]


@settings(deadline=None)
@given(words=st.lists(TEXTS, min_size=1, max_size=8))
def test_words_come_out_as_they_went_in(shell: str, words: list[str]) -> None:
    """Any text without NUL, quoted for sh, is that text to dash and bash, and so it is when quoted for a definition file."""
    assert printed(shell, sh_join(words)) == words
    assert printed(shell, " ".join(map(def_word, words))) == words
    assert [printed(shell, sh(word)) for word in words[:1]] == [words[:1]]


@settings(deadline=None)
@given(text=st.lists(st.one_of(TEXTS, st.sampled_from(["$NAME", "${NAME}", "$OTHER", "${NAME:-x}", "$1", "$$"])), max_size=6).map("".join))
def test_only_names_expand_in_double_quotes(shell: str, text: str) -> None:
    """In double quotes $NAME and ${NAME} give their value, and all else itself."""
    assume(not re.search(r"\$\{?_(?![A-Za-z0-9_])", text))  # $_ is the shell's own: a word of the last command, or its own path
    values = {"NAME": "the 'value' \\", "HOME": "h"}
    setting = " ".join(f"{name}={sh(value)}" for name, value in values.items())
    wanted = re.sub(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))", lambda found: values.get(found[1] or found[2], ""), text)
    status, out = run(shell, f"{setting}; printf %s {sh_double(text)}")
    assert (status, out.decode()) == (0, wanted)


@settings(deadline=None)
@given(folder=TEXTS.map(lambda text: text.replace(":", "")).filter(bool), old=st.sampled_from(["", "/x:/y", None]))
def test_lists_have_no_empty_element(shell: str, folder: str, old: str | None) -> None:
    """A folder is put before or behind what a list holds, alone where it holds nothing, also under set -u."""
    setting = "unset LIST" if old is None else f"LIST={old}"
    for last in (False, True):
        status, out = run(shell, f'set -u; {setting}; LIST={sh_list("LIST", folder, last=last)}; printf %s "$LIST"')
        parts = [folder, old] if old else [folder]
        assert (status, out.decode()) == (0, ":".join(parts[::-1] if last else parts))


@settings(deadline=None)
@given(
    content=st.one_of(TEXTS, TEXTS.map(lambda text: text * 400), st.text(alphabet=st.characters(codec="utf-8"), max_size=2000)),
    name=TEXTS,
)
def test_printed_files_are_exact(shell: str, tmp_path_factory: pytest.TempPathFactory, content: str, name: str) -> None:
    """Any text, a NUL included, is printed into a file byte for byte, whatever its name is, by commands that fit into a chain."""
    name = "".join(c for c in name if c not in HIDDEN and c not in "/<")[:40] or "x"
    folder = tmp_path_factory.mktemp("printed")
    path = folder / name if name not in (".", "..") else folder / "x"
    path.write_text("what was there before")
    commands = printf_file(content, f"./{path.name}")
    assert all(len(command.encode()) < 4000 and "\n" not in command and shape(command) is Shape.SIMPLE for command in commands)
    assert run(shell, " && ".join(commands), cwd=folder) == (0, b"")
    assert path.read_bytes() == content.encode()


@settings(deadline=None)
@given(text=TEXTS.filter(lambda text: "Q" not in text))
def test_wrapped_scripts_do_the_same(shell: str, text: str) -> None:
    """A script that a definition file cannot hold as it is does the same when it is printed and evaluated."""
    # no text has the delimiter's first letter, behind which dash loses a byte that is not ASCII
    script = f"cat <<'Q_E_N_D'\n{text}\n%post {{{{ x }}}}\nQ_E_N_D\necho \"$v\""
    assert "{{" not in def_command(script)
    assert run(shell, f"v=1\n{def_command(script)}") == run(shell, f"v=1\n{script}") == (0, f"{text}\n%post {{{{ x }}}}\n1\n".encode())


def check_chain(shell: str, command: str) -> None:
    """What must hold of a command that may be chained."""
    element = chain(command)
    accepted = run(shell, f"{PRELUDE}{command}\n", "-n")[0] == 0
    assert (run(shell, f"{PRELUDE}m 0 x && {element} && m 0 y\n", "-n")[0] == 0) == accepted
    assert run(shell, f"{PRELUDE}false && {element} && m 0 y\nwait")[1] == b""
    if accepted:
        alone = run(shell, f"{PRELUDE}{command}\nr=$?; wait; exit $r")
        chained = run(shell, f"{PRELUDE}true && {element} && echo YES\nr=$?; wait; exit $r")
        wanted = alone[1] + (b"YES\n" if alone[0] == 0 else b"")
        assert (chained[0], sorted(chained[1])) == (alone[0], sorted(wanted))  # what runs in the background prints when it likes


@settings(deadline=None, max_examples=400)
@given(command=COMMANDS)
def test_chained_commands_do_what_they_do_alone(shell: str, command: str) -> None:
    """What is not a script is accepted in a chain if it is alone, does the same there, and never runs behind a failure; nor does what no shell accepts."""
    if shape(command) is not Shape.SCRIPT:
        check_chain(shell, command)


@settings(deadline=None, max_examples=100)
@given(command=GOOD_COMMANDS)
def test_good_commands_can_be_chained(shell: str, command: str) -> None:
    """Lists, brackets, loops, cases, functions and substitutions are no scripts, and do in a chain what they do alone."""
    assert shape(command) is not Shape.SCRIPT
    check_chain(shell, command)


@settings(deadline=None)
@given(commands=st.lists(GOOD_COMMANDS, min_size=2, max_size=4))
def test_a_chain_stops_at_its_first_failure(shell: str, commands: list[str]) -> None:
    """Of chained commands those behind the first that fails do not run."""
    marked = " && ".join(f"{chain(command)} && echo DONE{at}" for at, command in enumerate(commands))
    out = run(shell, f"{PRELUDE}{marked}\nwait")[1].decode().split()
    ends = [run(shell, f"{PRELUDE}{command}")[0] for command in commands]
    passed = next((at for at, end in enumerate(ends) if end), len(ends))
    assert [word for word in out if word.startswith("DONE")] == [f"DONE{at}" for at in range(passed)]
