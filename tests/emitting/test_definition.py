from __future__ import annotations

import subprocess

import pytest
from formats import graph, refusal, written

import hpcgen
from hpcgen.emitting.sections import Reader
from hpcgen.engines import definition_check
from hpcgen.errors import Several
from hpcgen.graph import nodes
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import Target

TWO = "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += shell(commands=['true'])\nStage1 += baseimage(image='debian:12')\nStage1 += copy(src='/a', dest='/a', stage='one')\n"


def definition(recipe: str, **options: str) -> str:
    """A recipe's lines as a definition file."""
    return written(recipe, "singularity", **options).text


def sections(text: str, stage: int = -1) -> dict[str, list[str]]:
    """The sections of one stage, as Apptainer's own rules read them; those of one name joined."""
    found: dict[str, list[str]] = {}
    for section in definition_check.stages(text)[stage]:
        found.setdefault(" ".join((section.name, *section.words)), []).extend(row for row in section.body if row)
    return found


# --- stages ---


def test_a_stage_stands_with_all_that_it_stands_on() -> None:
    """Inheritance is flattened: the base's steps, environment and files come before the stage's own."""
    recipe = "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += environment(variables={'A': '1'})\nStage0 += copy(src='a', dest='/a')\nStage1 += baseimage(image='one')\nStage1 += shell(commands=['second'])"
    text = definition(recipe)
    assert text.count("Bootstrap:") == 1
    found = sections(text)
    post = "\n".join(found["post"])
    assert post.index("export A=1") < post.index("hpcgen_place /.hpcgen/copy/0 /a") < post.index("second")
    assert "    export A=1" in found["environment"]


def test_what_the_result_takes_nothing_from_is_left_out_and_named() -> None:
    """Since all stages of a file are built, one that nothing is taken from is left out, and the heading says so."""
    recipe = TWO + "debug = Stage('debug')\ndebug += baseimage(image='one')\ndebug += shell(commands=['strace'])\nlast = Stage('last')\nlast += baseimage(image='stage1')"
    text = definition(recipe)
    assert "strace" not in text
    assert "# Not here, because the result takes nothing from it, and every stage of a definition file is built: debug\n" in text


def test_tests_of_a_base_are_not_repeated() -> None:
    """A stage's tests are its own: what stands on it does not run them again."""
    recipe = "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += test(commands=['of-one'])\nStage1 += baseimage(image='one')\nStage1 += test(commands=['of-two'])"
    assert "of-one" not in definition(recipe)


def test_stages_are_named_where_files_are_taken_from_them() -> None:
    """A stage that is taken from stands before, by the name that %files gives."""
    text = definition(TWO)
    assert definition_check.check(text) == []
    assert "Stage: one\n" in text
    assert "%files from one\n" in text


# --- readers ---


@pytest.mark.parametrize(
    ("version", "recipe", "words"),
    [
        ("3.1", TWO, "Singularity 3.1 cannot read several stages"),
        ("2.6", TWO, "Singularity 2.6 cannot read several stages"),
        ("1.1", "Stage0 += arg('A')", "Apptainer 1.1 cannot read values that the builder gives"),
        ("3.11", "Stage0 += arg('A')", "Singularity 3.11 cannot read values that the builder gives"),
        ("2.6", "Stage0 += baseimage(image='x', bootstrap='library', distro='debian12')", "Singularity 2.6 cannot read a base image from a library"),
    ],
)
def test_older_readers_are_refused_by_name(version: str, recipe: str, words: str) -> None:
    """What a named reader cannot do is an error with its version, not a file with something less."""
    assert words in str(refusal(recipe, "singularity", singularity_version=version))


@pytest.mark.parametrize(("version", "recipe"), [("3.2", TWO), ("1.0", TWO), ("1.2", "Stage0 += arg('A')"), ("4.0", "Stage0 += arg('A')"), ("2.6", "Stage0 += shell(commands=['a'])"), ("", TWO)])
def test_readers_that_can(version: str, recipe: str) -> None:
    """A reader that can do it gets the file; without a version, one that is kept up is meant."""
    assert definition(recipe, singularity_version=version).startswith("# Made by hpcgen")


def test_the_heading_says_for_whom() -> None:
    """A file says who reads it."""
    assert str(Reader("1.4")) == "Apptainer 1.4"
    assert str(Reader("4.1")) == "Singularity 4.1"


# --- header ---


@pytest.mark.parametrize(
    ("base", "header"),
    [
        (Base("debian:12"), "Bootstrap: docker\nFrom: debian:12\n"),
        (Base("debian:12", archive="docker-archive:/x.tar"), "Bootstrap: docker-archive\nFrom: /x.tar\n"),
        (Base("debian:12", archive="oci-archive:/x.tar"), "Bootstrap: oci-archive\nFrom: /x.tar\n"),
        (Base("library/debian", bootstrap="library"), "Bootstrap: library\nFrom: library/debian\n"),
        (Base("scratch"), "Bootstrap: scratch\nStage: one\n"),
    ],
)
def test_base_images(base: Base, header: str) -> None:
    """A base image comes by the agent that the recipe or the base map names."""
    text = written(StageGraph((Stage("one", base, Target("debian", "12")),)), "singularity").text
    assert header in text
    assert definition_check.check(text) == []


def test_agents_that_need_more_lines_are_refused() -> None:
    """An agent whose header a recipe cannot write is an error."""
    assert "Bootstrap: yum needs more header lines" in str(refusal("Stage0 += baseimage(image='x', bootstrap='yum', distro='rocky9')", "singularity"))


def test_a_base_that_the_header_cannot_hold() -> None:
    """A comment mark in a base's name would cut it off."""
    stages = StageGraph((Stage("one", Base("debian:12 # old"), Target("debian", "12")),))
    assert "header cannot hold" in str(refusal(stages, "singularity"))


# --- %post ---


def test_what_stands_first_in_post() -> None:
    """The image's modes do not depend on its builder's umask; another architecture stops before anything is done."""
    post = sections(definition("Stage0 += shell(commands=['a'])"))["post"]
    assert post[0] == "    umask 022"
    assert post[1].startswith('    case "$(uname -m)" in x86_64)')


def test_the_bases_environment_is_read_unless_the_recipe_says_no() -> None:
    """HPCCM's _docker_env."""
    assert "10-docker2singularity.sh" in definition("Stage0 += shell(commands=['a'])")
    assert "10-docker2singularity.sh" not in definition("Stage0 += baseimage(image='debian:12', _docker_env=False)\nStage0 += shell(commands=['a'])")


def test_an_absent_environment_does_no_harm() -> None:
    """Where a base image has no environment of its own, %post goes on."""
    (row,) = (row for row in sections(definition("Stage0 += shell(commands=['a'])"))["post"] if "10-docker2singularity.sh" in row)
    assert subprocess.run(["sh", "-e", "-c", f"{row}\ntrue"], check=False).returncode == 0


def test_long_sections_are_written_in_pieces() -> None:
    """A section longer than its reader's buffer of 64 KiB is written as several of one name, in order."""
    text = definition("Stage0 += shell(commands=['echo ' + 'x' * 1000 + str(n) for n in range(200)])")
    assert text.count("\n%post\n") == 4
    assert definition_check.check(text) == [one for one in definition_check.check(text) if one.level == "warning"]
    body = "\n".join(sections(text)["post"])
    assert [f"x{number} " in f"{body} " or f"x{number}\n" in body for number in range(200)] == [True] * 200


def test_a_line_that_no_reader_takes_is_refused() -> None:
    """One line of more than 64 KiB cannot be written in pieces."""
    fault = refusal("Stage0 += environment(variables={'A': 'x' * 70000})", "singularity")
    assert "recipe.py:2: cannot be written: a line of 70014 bytes" in str(fault)


def test_comments_say_which_block_and_line_once() -> None:
    """Each part says what it is and where it is from, once for what stands together."""
    text = definition("Stage0 += fftw(version='3.3.10')")
    assert sections(text)["post"].count("    # fftw 3.3.10 (recipe.py:2)") == 1
    assert sections(text)["environment"].count("    # fftw 3.3.10 (recipe.py:2)") == 1


# --- files ---


def test_copies_keep_the_recipes_order() -> None:
    """%files is done before %post: what a copy brings waits, and is put in place between the steps that the recipe has it between."""
    recipe = "Stage0 += shell(commands=['first'])\nStage0 += copy(src='a', dest='/a')\nStage0 += shell(commands=['second'])\nStage0 += copy(src='a', dest='/b')"
    post = "\n".join(sections(definition(recipe))["post"])
    marks = [post.index(word) for word in ("first", "hpcgen_place /.hpcgen/copy/0 /a", "second", "hpcgen_place /.hpcgen/copy/1 /b", "rm -rf /.hpcgen")]
    assert marks == sorted(marks)


@pytest.mark.parametrize(
    ("copy", "rows"),
    [
        ("src='a', dest='/d'", ['"a" "/.hpcgen/copy/0/"']),
        ("src='/a', dest='/d'", ['"a" "/.hpcgen/copy/0/"']),
        ("src='../../a', dest='/d'", ['"a" "/.hpcgen/copy/0/"']),
        ("src='a/', dest='/d'", ['"a" "/.hpcgen/copy/0/"']),
        ("src='.', dest='/d'", ['"." "/.hpcgen/copy/0/all/"']),
        ("src='./', dest='/d'", ['"." "/.hpcgen/copy/0/all/"']),
        ("src=['a', 'b'], dest='/d/'", ['"a" "/.hpcgen/copy/0/"', '"b" "/.hpcgen/copy/0/"']),
        ("src=['x/a', 'y/a'], dest='/d/'", ['"x/a" "/.hpcgen/copy/0/"', '"y/a" "/.hpcgen/copy/1/"']),
        ("src=['a*', 'b'], dest='/d/'", ['"a*" "/.hpcgen/copy/0/"', '"b" "/.hpcgen/copy/1/"']),
        ("src=['b', 'a?'], dest='/d/'", ['"b" "/.hpcgen/copy/0/"', '"a?" "/.hpcgen/copy/1/"']),
    ],
)
def test_rows_of_files(copy: str, rows: list[str]) -> None:
    """Sources are below the build's folder; two of one name never meet in one holding folder."""
    found = sections(definition(f"Stage0 += copy({copy})"))["files"]
    assert [row.strip() for row in found if not row.strip().startswith("#")] == rows


def test_a_pattern_for_all_of_a_folder_is_refused() -> None:
    """Readers differ on whether '*' means names that begin with a dot."""
    fault = refusal("Stage0 += copy(src='data/*', dest='/d/')", "singularity")
    assert "begin with a dot" in str(fault)
    assert "name the folder itself" in fault.help


@pytest.mark.parametrize("dest", ["/tmp", "/tmp/", "/tmp/a", "/var/tmp/a/", "/opt/../tmp/a"])
def test_nothing_is_copied_to_the_hosts_folders(dest: str) -> None:
    """/tmp and /var/tmp are the host's in %post: a copy there would be on the host."""
    assert "is the host's own" in str(refusal(f"Stage0 += copy(src='a', dest='{dest}')", "singularity"))


def test_names_that_only_begin_so_are_other_folders() -> None:
    """/tmpfoo is not /tmp."""
    assert "/tmpfoo/a" in definition("Stage0 += copy(src='a', dest='/tmpfoo/a')")


def test_sources_unpacked_on_the_host_are_a_warning() -> None:
    """What is downloaded to the host's folders is there for the build alone: allowed, and said."""
    rendered = written(f"Stage0 += fetch(url='https://e.org/a', sha256='{'0' * 64}', dest='/var/tmp/a')", "singularity")
    assert rendered.warnings == ("recipe.py:2: /var/tmp/a is the host's own while Apptainer builds, and not part of the image",)


def test_relative_destinations_need_a_working_folder() -> None:
    """A relative destination is below the recipe's working folder; the base image's is not known."""
    assert "hpcgen_place /.hpcgen/copy/0 /w/x/a/" in definition("Stage0 += workdir('/w')\nStage0 += workdir('x')\nStage0 += copy(src='b', dest='a/')")
    assert "hpcgen_place /.hpcgen/copy/0 /w/" in definition("Stage0 += workdir('/w')\nStage0 += copy(src='b', dest='.')")
    assert "'a/' is relative" in str(refusal("Stage0 += copy(src='b', dest='a/')", "singularity"))


def test_copies_upon_scratch_are_plain_or_refused() -> None:
    """Upon scratch there is no shell: one source to one path goes by %files, all else is refused."""
    head = "Stage0 += baseimage(image='debian:12', name='one')\nStage1 += baseimage(image='scratch')\n"
    assert sections(definition(f"{head}Stage1 += copy(src='/a', dest='/b', stage='one')"))["files from one"][-1] == '    "/a" "/b"'
    assert "post" not in sections(definition(f"{head}Stage1 += copy(src='/a', dest='/b', stage='one')"))
    for copy in ("src=['/a', '/c'], dest='/b/'", "src='/a', dest='/b/'", "src='/a', dest='/b', owner='1:1'"):
        assert "no shell" in str(refusal(f"{head}Stage1 += copy({copy}, stage='one')", "singularity"))


def test_a_file_beside_the_recipe_waits_in_the_holding_folder() -> None:
    """A block's own archive comes by %files."""
    node = nodes.Fetch("", None, "/opt/src", local="archives/a b.tar.gz")
    text = written(StageGraph((Stage("one", Base("debian:12"), Target("debian", "12"), (node,)),)), "singularity").text
    assert sections(text)["files"][-1] == '    "archives/a b.tar.gz" "/.hpcgen/local/0/"'
    assert "tar -x -f '/.hpcgen/local/0/a b.tar.gz' -C /opt/src" in text
    assert "    rm -rf /.hpcgen\n" in text


def test_a_mirrors_folder_comes_by_files() -> None:
    """With a mirror that is a folder, the files that the recipe needs are brought and no others."""
    sha = "0" * 64
    text = definition(f"Stage0 += fetch(url='https://e.org/a-1.tar.gz', sha256='{sha}', dest='/opt/a', unpack=True)", mirror="/srv/mirror")
    assert f'    "/srv/mirror/{sha}/a-1.tar.gz" "/.hpcgen/mirror/{sha}/"' in sections(text)["files"]
    assert "    export MIRROR=file:///.hpcgen/mirror" in sections(text)["post"]


def test_no_mirror_no_words_of_it() -> None:
    """Without a mirror the file asks the source's own address alone."""
    assert "MIRROR" not in definition(f"Stage0 += fetch(url='https://e.org/a-1.tar.gz', sha256='{'0' * 64}', dest='/opt/a')")


# --- arguments ---


@pytest.mark.parametrize("value", ["plain", "it's \"a\" $b `c` \\ #", "%post", "a  b", "=", "{ { x } }", ""])
def test_arguments_reach_post_as_they_are(value: str) -> None:
    """Whatever text a builder gives for an argument is its value in %post."""
    text = definition(f"Stage0 += arg('A', default={value!r})\nStage0 += shell(commands=['true'])")
    assert f"    A={value}" in sections(text)["arguments"]
    rows = sections(text)["post"]
    at = rows.index("    A=\"$(cat <<'HPCGEN_VALUE'")
    code = "\n".join(rows[at : at + 6]).replace("{{ A }}", value)
    assert subprocess.run(["sh", "-e", "-c", f'{code}\nprintf %s "$A"'], capture_output=True, text=True, check=True).stdout == value


def test_an_argument_without_a_default_is_unset_unless_given() -> None:
    """An argument that the builder gives no value for is unset, as in a Dockerfile."""
    rows = sections(definition("Stage0 += arg('A')\nStage0 += shell(commands=['true'])"))["post"]
    at = rows.index("    A=\"$(cat <<'HPCGEN_VALUE'")
    code = "\n".join(rows[at : at + 7]).replace("{{ A }}", "")
    assert subprocess.run(["sh", "-e", "-c", f'{code}\nprintf %s "${{A-unset}}"'], capture_output=True, text=True, check=True).stdout == "unset"


def test_a_default_of_all_stages_is_taken_where_a_stage_names_it() -> None:
    """An argument before the first base is a default for stages that name it again, and nothing by itself."""
    head = "Stage0 += arg('A', default='of all')\nStage0 += baseimage(image='debian:12')\n"
    assert "    A=of all" in definition(f"{head}Stage0 += arg('A')\nStage0 += shell(commands=['a'])")
    assert "of all" not in definition(f"{head}Stage0 += shell(commands=['a'])")


def test_environment_wins_over_an_argument() -> None:
    """A variable of the environment is not replaced by an argument of its name, as in a Dockerfile."""
    assert "arguments" not in sections(definition("Stage0 += environment(variables={'A': '1'})\nStage0 += arg('A', default='2')\nStage0 += shell(commands=['a'])"))


@pytest.mark.parametrize("value", ["a\nb", " a", "a ", "{{ x }}"])
def test_defaults_that_cannot_be_written_are_refused(value: str) -> None:
    """What %arguments would change is an error."""
    assert "no words for this default" in str(refusal(f"Stage0 += arg('A', default={value!r})", "singularity"))


# --- starting ---


def start(recipe: str, *words: str) -> str:
    """What a recipe's runscript prints, its base image's own being `echo base`."""
    text = "\n".join(sections(definition(recipe))["runscript"]).replace("/.singularity.d/runscript.base", "echo base")
    return subprocess.run(["sh", "-c", text, "runscript", *words], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("recipe", "words", "prints"),
    [
        ("Stage0 += entrypoint(['echo', 'a b'])", (), "a b\n"),
        ("Stage0 += entrypoint(['echo', 'a b'])", ("c  d",), "a b c  d\n"),
        ("Stage0 += entrypoint(['echo'])\nStage0 += cmd(['x  y'])", (), "x  y\n"),
        ("Stage0 += entrypoint(['echo'])\nStage0 += cmd(['x  y'])", ("z",), "z\n"),
        ("Stage0 += cmd(['x  y'])\nStage0 += entrypoint(['echo'])", (), "x  y\n"),
        ("Stage0 += cmd(['x  y'])", (), "base x  y\n"),
        ("Stage0 += cmd(['x  y'])", ("z",), "base z\n"),
        ("Stage0 += runscript(commands=['A=1', 'echo \"$A\"'])", ("z  z",), "1 z  z\n"),
        ("Stage0 += runscript(commands=['echo a'], _args=False)", ("z",), "a\n"),
        ("Stage0 += runscript(commands=['cd / && echo a'])", ("z",), "a z\n"),
        ("Stage0 += runscript(commands=['A=1 sh -c \"echo $A\" sh'])", (), "\n"),
        ("Stage0 += entrypoint(['echo', '%post {{ x }}'])", (), "%post {{ x }}\n"),
    ],
)
def test_runscript_does_as_a_container_does(recipe: str, words: tuple[str, ...], prints: str) -> None:
    """The container's arguments, or those of `cmd`, are given to the entrypoint, each word whole."""
    assert start(recipe, *words) == prints


def test_an_entrypoint_drops_the_arguments_of_its_base_stage() -> None:
    """As in a Dockerfile: CMD of a base is dropped by ENTRYPOINT of what stands on it, CMD of its own stage is not."""
    base = "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += cmd(['of base'])\nStage1 += baseimage(image='one')\n"
    assert start(f"{base}Stage1 += entrypoint(['echo', 'a'])") == "a\n"
    assert start(f"{base}Stage1 += cmd(['own'])\nStage1 += entrypoint(['echo', 'a'])") == "a own\n"


def test_a_runscript_whose_arguments_have_no_place_is_refused() -> None:
    """Arguments cannot stand behind a command of several lines, a comment or a bracket."""
    for command in ("if true; then\\n  a\\nfi", "if true; then a; fi", "(a)", "{ a; }", "a &", "a # b", "for x in 1; do a; done"):
        for name in ("docker", "singularity", "bash"):
            fault = refusal(f"Stage0 += runscript(commands=['{command}'])", name)
            assert "cannot stand behind" in str(fault), command
            assert "_args=False" in fault.help
            assert written(f"Stage0 += runscript(commands=['{command}'], _args=False)", name).text


# --- the recipe's own text ---


def test_own_sections_join_those_of_their_name() -> None:
    """Text behind a section's name joins that section at its place; text without one is part of %post."""
    recipe = (
        "Stage0 += environment(variables={'A': '1'})\nStage0 += raw(singularity='%environment\\n    export B=2\\n%setup\\n    echo host\\n%files from other\\n    /a /b')\n"
        "Stage0 += environment(variables={'C': '3'})\nStage0 += raw(singularity='    echo own')"
    )
    found = sections(definition(recipe))
    assert [row.strip() for row in found["environment"] if "export" in row] == ["export A=1", "export B=2", "export C=3"]
    assert found["setup"] == ["    echo host"]
    assert "    /a /b" in found["files from other"]
    assert "    echo own" in found["post"]


def test_strings_added_to_a_stage_are_text_of_every_format() -> None:
    """HPCCM's `Stage0 += 'text'`."""
    assert "    echo own" in sections(definition("Stage0 += baseimage(image='debian:12')\nStage0 += '    echo own'"))["post"]


def test_all_refusals_of_a_stage_come_together() -> None:
    """What cannot be copied, exposed and written is said at once."""
    fault = refusal("Stage0 += copy(src='a', dest='/tmp/a')\nStage0 += expose(1)\nStage0 += write_file(path='/tmp/b', content='c')", "singularity")
    assert isinstance(fault, Several)
    assert [one.origin.line for one in fault.errors if one.origin] == [2, 3, 4]


def test_planned_graphs_of_real_recipes_are_definition_files() -> None:
    """Blocks with a runtime stage are a definition file that Apptainer's rules have nothing against."""
    recipe = "Stage0 += baseimage(image='debian:12', name='devel')\nStage0 += fftw(version='3.3.10')\nStage0 += libevent(version='2.1.12')\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()"
    text = hpcgen.emit(graph(recipe), "singularity").text
    assert definition_check.check(text) == []
