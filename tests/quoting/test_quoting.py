from __future__ import annotations

import subprocess
import sys

import pytest

from hpcgen import quoting as q
from hpcgen.errors import Unwritable
from hpcgen.quoting import Shape

# --- shell


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("plain-1.2/x:y=z,a@b%c+d", "plain-1.2/x:y=z,a@b%c+d"),
        ("", "''"),
        ("a b", "'a b'"),
        ("it's", "'it'\"'\"'s'"),
        ("$HOME", "'$HOME'"),
        ("~", "'~'"),
        ("é", "'é'"),
    ],
)
def test_word_is_quoted_only_where_needed(word: str, text: str) -> None:
    """A word stands bare where that is safe, in single quotes else."""
    assert q.sh(word) == text


def test_words_are_joined() -> None:
    """A command line quotes each word by itself."""
    assert q.sh_join(("echo", "a b", "")) == "echo 'a b' ''"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("/opt/x/bin:$PATH", '"/opt/x/bin:$PATH"'),
        ("${A}b$C_1", '"${A}b$C_1"'),
        ("$1 $$ $ ${x:-y} ${", '"\\$1 \\$\\$ \\$ \\${x:-y} \\${"'),
        ('a"b`c\\$D', '"a\\"b\\`c\\\\$D"'),
    ],
)
def test_names_alone_expand_in_double_quotes(text: str, word: str) -> None:
    """In a word in double quotes `$NAME` and `${NAME}` stand; everything else is escaped."""
    assert q.sh_double(text) == word


def test_lists_never_get_an_empty_element() -> None:
    """A folder is put into a list with its colon only where the list holds something."""
    assert q.sh_list("CPATH", "/a b$") == '"/a b\\$${CPATH:+:$CPATH}"'
    assert q.sh_list("CPATH", "/a", last=True) == '"${CPATH:+$CPATH:}/a"'
    assert q.docker_list("CPATH", "/a") == "/a${CPATH:+:$CPATH}"
    assert q.docker_list("CPATH", "/a b", last=True) == '"${CPATH:+$CPATH:}/a b"'
    assert q.docker_list("PATH", "/a", known=True) == "/a:$PATH"


def test_folder_of_a_list_holds_no_colon() -> None:
    """A folder with a colon, which would be two, is refused for a list."""
    with pytest.raises(Unwritable, match=r"a folder of PATH holds a colon: '/a:b'"):
        q.docker_list("PATH", "/a:b")


def test_file_is_printed_in_lines_a_person_can_read() -> None:
    """A file's text is printed by printf; only what is risky is in octal."""
    assert q.printf_file("a\n\tb 50%\\ 'é' {{x}} <<E\n", "/etc/x y") == (
        "printf 'a\\n\\tb 50\\045\\134 \\047\\303\\251\\047 {\\173x}} <\\074E\\n' > '/etc/x y'",
    )
    assert q.printf_file("", "/empty") == (": > /empty",)
    assert q.printf_file("-n\n", "/x") == ("printf '\\055n\\n' > /x",)


def test_long_file_is_printed_in_short_lines() -> None:
    """Each printing command is less than 4000 bytes; the first makes the file, the others add to it."""
    commands = q.printf_file("é-%" * 9000, "/opt/ä")
    assert len(commands) > 10
    assert all(len(command.encode()) < 4000 for command in commands)
    assert [" > " in command for command in commands] == [True, *[False] * (len(commands) - 1)]


@pytest.mark.parametrize(
    ("command", "kind", "chained"),
    [
        ("make -j 4", Shape.SIMPLE, "make -j 4"),
        ("  cd x && ./configure --a='b; c'\t", Shape.SIMPLE, "cd x && ./configure --a='b; c'"),
        ("a | tee b", Shape.SIMPLE, "a | tee b"),
        ("(cd x; make)", Shape.SIMPLE, "(cd x; make)"),
        ("find . -exec rm {} \\;", Shape.SIMPLE, "find . -exec rm {} \\;"),
        ("x=$(a || b; c) y=`d` z=$((1+2))", Shape.SIMPLE, "x=$(a || b; c) y=`d` z=$((1+2))"),
        ("a >> b 2>&1", Shape.SIMPLE, "a >> b 2>&1"),
        ("echo 'x <<E' a#b", Shape.SIMPLE, "echo 'x <<E' a#b"),
        ('[ -n "${A:-b c}" ]', Shape.SIMPLE, '[ -n "${A:-b c}" ]'),
        ("a || b", Shape.LIST, "{ a || b; }"),
        ("a; b", Shape.LIST, "{ a; b; }"),
        ("a; b;", Shape.LIST, "{ a; b; }"),
        ("a &", Shape.LIST, "{ a & }"),
        ("a & b", Shape.LIST, "{ a & b; }"),
        ("! a", Shape.LIST, "{ ! a; }"),
        ("if a; then b; else c; fi", Shape.LIST, "{ if a; then b; else c; fi; }"),
        ("for i in a b; do c $i; done", Shape.LIST, "{ for i in a b; do c $i; done; }"),
        ("case $x in a|b) c;; *) d; esac", Shape.LIST, "{ case $x in a|b) c;; *) d; esac; }"),
        ("f() { a; }", Shape.LIST, "{ f() { a; }; }"),
        ("{ a; } 2>/dev/null", Shape.LIST, "{ { a; } 2>/dev/null; }"),
        ("--mount=type=x a", Shape.LIST, "{ --mount=type=x a; }"),
        ('["a"]', Shape.LIST, '{ ["a"]; }'),
        ("a\\\\", Shape.LIST, "{ a\\\\; }"),
        ("a \u00a0", Shape.LIST, "{ a \u00a0; }"),
    ],
)
def test_command_gets_braces_only_where_the_chain_would_change_it(command: str, kind: Shape, chained: str) -> None:
    """A command stands bare in a chain unless an operator, a keyword or a Dockerfile's reader would give it another meaning."""
    assert q.shape(command) is kind
    assert q.chain(command) == chained


@pytest.mark.parametrize(
    "command",
    [
        "", " ", "a\nb", "a\rb", "a\0", "a # b", "cat <<E", "$((1 <<2))", "echo \"$(a '<<E')\"", "a \\", "a\\", "'a", '"a', "a `b", "$(a", "${a",
        "a )", "( a", "a; }", "{ a", "fi", "a; done", "if a; then b", "case x in a) b", "a &&", "| a", "; a", "a ;; b", "a >", "a || || b",
        "echo $'a'", "\"${a:-'b'}\"", "function f { a; }", "a; }; b; { c", "echo a\u2028",
    ],
)  # fmt: skip
def test_what_cannot_go_on_behind_it_is_a_script(command: str) -> None:
    """What has lines, comments, heredocs, or what does not pair, is a script and is refused for a chain."""
    assert q.shape(command) is Shape.SCRIPT
    with pytest.raises(Unwritable, match="a script cannot stand in a chain"):
        q.chain(command)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("ucx 1.18\nfor a\ttest", ("# ucx 1.18", "# for a test")),
        ("", ("#",)),
        ("a\rb\x1b[31m\u202e\ufeff\ud800", ("# a\\rb\\x1b[31m\\u202e\\ufeff\\ud800",)),
        ("syntax=evil/frontend", ("# : syntax=evil/frontend",)),
        (" Escape = `", ("# : Escape = `",)),
        ("check=skip=all", ("# : check=skip=all",)),
        ("hadolint ignore=DL3008", ("# : hadolint ignore=DL3008",)),
        ("shellcheck disable=all", ("# : shellcheck disable=all",)),
        ("syntactic", ("# syntactic",)),
        ("goes on \\", ("# goes on",)),
        ("{{ x }}", ("# { { x }}",)),
    ],
)
def test_comment_means_nothing_to_any_reader(text: str, lines: tuple[str, ...]) -> None:
    """A comment stays one: no line breaks out, none is a directive of Docker, hadolint or shellcheck, nothing in it is hidden."""
    assert q.comment(text) == lines


# --- Dockerfile


def test_dockers_values_are_escaped() -> None:
    """A value of ENV, LABEL or ARG is bare where plain, and in double quotes else, with `$`, quotes and backslashes escaped."""
    assert q.docker_value("/a:/b", "x") == "/a:/b"
    assert q.docker_value("", "x") == '""'
    assert q.docker_value("--x", "x") == '"--x"'
    assert q.docker_value("a $b \"c\" 'd' \\", "x") == '"a \\$b \\"c\\" \'d\' \\\\"'
    assert q.docker_double("/x:$PATH:$1", "x") == '"/x:$PATH:\\$1"'


@pytest.mark.parametrize("value", ["a\nb", "a\0b", "a\ud800"])
def test_dockers_value_with_a_newline_is_refused_by_name(value: str) -> None:
    """A newline, a NUL, or what is not UTF-8 cannot be carried, and the error says in what."""
    with pytest.raises(Unwritable, match=r"label x\.y holds "):
        q.docker_value(value, "label x.y")


def test_names_of_variables_are_names() -> None:
    """ENV and ARG take shell identifiers only; LABEL takes anything but an equals sign or a newline."""
    assert q.docker_name("A_1", "environment variable") == "A_1"
    assert q.docker_name("org.opencontainers.image-x", "label") == "org.opencontainers.image-x"
    assert q.docker_name("a b", "label") == '"a b"'
    assert q.docker_name("--link", "label") == '"--link"'
    for name, what in (("a-b", "environment variable"), ("1a", "argument"), ("", "argument"), ("é", "argument"), ("a=b", "label"), ("a\nb", "label")):
        with pytest.raises(Unwritable, match=f": {what}"):
            q.docker_name(name, what)


def test_words_of_a_command_are_json() -> None:
    """Exec form is JSON in which controls are escaped."""
    assert q.docker_words(("a b", '"\\', "é\n\x85")) == '["a b", "\\"\\\\", "é\\n\\u0085"]'


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("src/a-b.c", "src/a-b.c /d"),
        ("a b", '["a b", "/d"]'),
        ("$A'\"", r"""["\\$A\\'\\\"", "/d"]"""),
        ("a*[b]", r'["a[\\\\*][\\\\[]b[\\\\]]", "/d"]'),
        ("a\\b^", r'["a[\\\\\\\\]b[\\\\^]", "/d"]'),
        ("!x", r'["[\\\\!]x", "/d"]'),
        ("<<EOF", r'["[\\\\<][\\\\<]EOF", "/d"]'),
        ("x ", r'["x[\\\\ ]", "/d"]'),
        ("git@a:b", r'["git[\\\\@]a[\\\\:]b", "/d"]'),
        ("-x", '["-x", "/d"]'),
    ],
)
def test_names_of_files_to_copy_mean_themselves(source: str, text: str) -> None:
    """A literal name is in JSON where it is not plain, its variables, quotes and patterns escaped in the one way that all readers take."""
    assert q.docker_paths((source,), "/d", literal=True) == text


def test_patterns_of_files_to_copy_stay_patterns() -> None:
    """Docker's patterns keep their meaning; variables in them do not expand."""
    assert q.docker_paths(("*.tx[t]", "$A?"), "/d/", literal=False) == '["*.tx[t]", "\\\\$A?", "/d/"]'


def test_single_arguments() -> None:
    """WORKDIR and USER take blanks in quotes; an empty argument is refused, and so is a flag that is not plain."""
    assert q.docker_plain("/opt/my $x", "working folder") == '"/opt/my \\$x"'
    assert q.docker_plain("debian:12", "base image") == "debian:12"
    assert q.docker_flag("1000:0", "owner") == "1000:0"
    for value in ("a b", "$A", "é", "a,b", ""):
        with pytest.raises(Unwritable, match="owner: a flag"):
            q.docker_flag(value, "owner")
    with pytest.raises(Unwritable, match="working folder is empty"):
        q.docker_plain("", "working folder")


@pytest.mark.parametrize("content", ["a", "a\rb\n", "a\0\n", "\x1b\n", "\u202e\n", "x" * 65_536 + "\n"])
def test_heredoc_is_not_used_for_what_it_cannot_carry_or_nobody_would_see(content: str) -> None:
    """No heredoc for a last line without its end, a line over 65,535 bytes, or hidden characters."""
    assert q.docker_heredoc(content) is None


def test_heredocs_delimiter_is_no_line_of_its_body() -> None:
    """The delimiter is EOF, or EOF with the first number that no line is."""
    assert q.docker_heredoc("") == ("EOF", "")
    assert q.docker_heredoc("a\tb $c `d`\\\n") == ("EOF", "a\tb $c `d`\\\n")
    assert q.docker_heredoc("EOF\n EOF1\n")[0] == "EOF1"  # type: ignore[index]


def test_scripts_stop_at_the_first_failure() -> None:
    """A script runs under `set -e`, as heredoc and as JSON; too long for one argument, it is refused."""
    assert q.docker_run_script("a\nb") == ("EOF", "set -e\na\nb\n")
    assert q.docker_run_script("a\rb") is None
    assert q.docker_run_words("a\nb", ("/bin/bash", "-c")) == '["/bin/bash", "-c", "set -e\\na\\nb"]'
    with pytest.raises(Unwritable, match="131,071 bytes"):
        q.docker_run_script("# " + "x\n# " * 40_000)
    with pytest.raises(Unwritable, match="65,535 bytes"):
        q.docker_run_words("x\n" * 30_000)


# --- definition file


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("a b", "'a b'"),
        ("{{ x }}{{{", "'{''{ x }}{''{''{'"),
        ("a\n  %post\n%x", "'a\n''  %post\n''%x'"),
        ("a\nBootstrap: x", "'a\n''Bootstrap: x'"),
        ("%post", "''%post"),
        ("a\r\nb", "'a\r''\nb'"),
    ],
)
def test_words_of_a_definition_file_are_left_alone(word: str, text: str) -> None:
    """No word looks like a variable, a section or a stage to Apptainer, nor loses a carriage return."""
    assert q.def_word(word) == text


def test_environment_of_a_definition_file() -> None:
    """A variable is exported with exactly its value, and its name is a name."""
    assert q.def_env("A", "x y") == "export A='x y'"
    with pytest.raises(Unwritable, match="not a name"):
        q.def_env("A B", "x")
    with pytest.raises(Unwritable, match=r"environment variable A holds U\+0080"):
        q.def_env("A", "\x80")
    with pytest.raises(Unwritable, match=r"U\+0081"):  # comes out as a backslash and a newline
        q.def_env("A", "\x81")


@pytest.mark.parametrize(
    ("name", "value"),
    [("a b", "x"), ("", "x"), ("#a", "x"), ("%a", "x"), ("a", " x"), ("a", "x\t"), ("a", "x\ny"), ("a", "{{ x }}"), ("{{x}}", "x"), ("a", "x\0")],
)
def test_labels_that_apptainer_would_change_are_refused(name: str, value: str) -> None:
    """A label whose name or value %labels would trim, split or replace is refused."""
    with pytest.raises(Unwritable, match="label"):
        q.def_label(name, value)


def test_labels_of_a_definition_file() -> None:
    """A label is a row of name and value, unquoted."""
    assert q.def_label("org.x", 'a  "b" {{ c d }} $e') == '    org.x a  "b" {{ c d }} $e'
    assert q.def_label("x", "") == "    x"


def test_files_of_a_definition_file() -> None:
    """A file's name is coded where Apptainer's shell would take it for more; a pattern keeps its meaning."""
    assert q.def_files("a/b c.é", "/d e") == '    "a/b c.é" "/d e"'
    assert q.def_files('$(x)*"', "/d") == "    \"$'\\x24'$'\\x28'x$'\\x29'$'\\x2a'$'\\x22'\" \"/d\""
    assert q.def_files("*.t[x]", "/d/", literal=False) == '    "*.t[x]" "/d/"'
    assert q.def_files("\x80", "/d") == '    "$\'\\xc2\\x80\'" "/d"'
    assert q.def_files("-x", "/d") == '    "./-x" "/d"'
    for source, dest in (("a\\0", "/d"), ("a", '/d"'), ("a", "/d\n"), ("a", "/{{ d }}")):
        with pytest.raises(Unwritable):
            q.def_files(source, dest)


def test_commands_of_a_definition_file() -> None:
    """A script stands as it is unless Apptainer would take part of it; then it is printed and evaluated."""
    assert q.def_command("a\nb % c\n") == "a\nb % c\n"
    assert q.def_command("cat <<E\n%post\nE\n") == "eval \"$(printf 'cat <\\074E\\n\\045post\\nE\\n')\""
    assert q.def_command("#!/bin/bash -e\necho {{ x }}") == "#!/bin/bash -e\neval \"$(printf 'echo {\\173 x }}')\""
    with pytest.raises(Unwritable, match="python3"):
        q.def_command("#!/usr/bin/python3\nprint('{{ x }}')")


def test_import_is_cheap() -> None:
    """Quoting imports nothing but the errors and what the interpreter has: no json, re or shlex of its own."""
    code = "import sys, enum, typing; before = set(sys.modules); import hpcgen.quoting; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [name for name in done.stdout.split() if not name.startswith("hpcgen")] == []
