from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from formats import refusal, written

from hpcgen.emitting.script_text import TOOLS
from hpcgen.graph import nodes
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import FAMILIES, Target

if TYPE_CHECKING:
    from pathlib import Path

TWO = "Stage0 += baseimage(image='debian:12', name='one')\n{}\nStage1 += baseimage(image='debian:12')\n{}\n"


def script(recipe: str, **options: str) -> str:
    """A recipe's lines as a script."""
    return written(recipe, "bash", **options).text


class Machine:
    """A machine that scripts can be tried on without root: a folder, a distribution by name, stamps of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "build.sh"
        (folder / "os-release").write_text('ID=debian\nVERSION_ID="12"\n')

    def write(self, recipe: str, **options: str) -> None:
        """Writes a recipe's script, for this machine."""
        text = script(recipe.replace("@", str(self.folder)), **options)
        text = text.replace("/etc/os-release", str(self.folder / "os-release")).replace("is_root() { ((EUID == 0)); }", "is_root() { true; }")
        self.script.write_text(text.replace("/etc/profile.d", f"{self.folder}/profile.d"))

    def run(self, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Runs it."""
        stamps = {"HPCGEN_STAMPS": str(self.folder / "stamps"), "PATH": os.environ["PATH"], "HOME": str(self.folder)}
        return subprocess.run(["bash", str(self.script), *words], env={**stamps, **(env or {})}, capture_output=True, text=True, check=False)

    def read(self, name: str) -> str:
        """What a file holds."""
        return (self.folder / name).read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine."""
    return Machine(tmp_path)


# --- steps ---


def test_a_finished_step_is_not_done_again(machine: Machine) -> None:
    """The second run does nothing but says so; environment of a skipped step is still set."""
    machine.write("Stage0 += shell(commands=['echo a >> @/log'])\nStage0 += environment(variables={'A': 'x'})\nStage0 += shell(commands=['echo $A >> @/log'])")
    assert machine.run().returncode == 0
    second = machine.run()
    assert second.returncode == 0
    assert machine.read("log") == "a\nx\n"
    assert "shell (recipe.py:2): done before" in second.stderr


def test_a_failed_step_leaves_no_stamp_and_is_begun_anew(machine: Machine) -> None:
    """A step that fails stops the script with its name; the next run begins with it, and with its environment."""
    machine.write("Stage0 += shell(commands=['echo one >> @/log'])\nStage0 += environment(variables={'A': 'x'})\nStage0 += shell(commands=['echo two $A >> @/log', 'test -e @/mended'])\nStage0 += shell(commands=['echo three >> @/log'])")
    failed = machine.run()
    assert failed.returncode == 1
    assert "build.sh: shell (recipe.py:4) failed with status 1" in failed.stderr
    (machine.folder / "mended").touch()
    assert machine.run().returncode == 0
    assert machine.read("log") == "one\ntwo x\ntwo x\nthree\n"


def test_a_changed_step_and_all_behind_it_are_done_again(machine: Machine) -> None:
    """A step's key holds its text, the environment before it, and the key of the step before."""
    steps = "Stage0 += shell(commands=['echo 1 >> @/log'])\n{}\nStage0 += shell(commands=['echo 2 >> @/log'])\nStage0 += shell(commands=['echo 3 >> @/log'])"
    machine.write(steps.format(""))
    machine.run()
    machine.write(steps.format("Stage0 += environment(variables={'A': 'b'})"))
    assert machine.run().returncode == 0
    assert machine.read("log") == "1\n2\n3\n2\n3\n"


def test_a_changed_file_beside_the_recipe_is_taken_again(machine: Machine) -> None:
    """What the recipe's own files hold is part of a step's key."""
    machine.write("Stage0 += copy(src='data', dest='@/to/')\nStage0 += shell(commands=['cat @/to/* >> @/log'])")
    (machine.folder / "data").mkdir()
    (machine.folder / "data" / "a").write_text("1\n")
    machine.run()
    machine.run()
    (machine.folder / "data" / "a").write_text("2\n")
    machine.run()
    assert machine.read("log") == "1\n2\n"


def test_force_does_all_again(machine: Machine) -> None:
    """--force takes no stamp's word for it."""
    machine.write("Stage0 += shell(commands=['echo a >> @/log'])")
    machine.run()
    machine.run("--force")
    assert machine.read("log") == "a\na\n"


def test_list_shows_and_does_nothing(machine: Machine) -> None:
    """--list names each step and whether it is done."""
    machine.write("Stage0 += shell(commands=['echo a >> @/log'])\nStage0 += workdir('@/made')\nStage0 += copy(src='build.sh', dest='@/to')")
    listed = machine.run("--list")
    assert listed.stdout.splitlines()[:2] == ["to do  shell (recipe.py:2)", "to do  copy (recipe.py:4)"]
    assert not (machine.folder / "log").exists()
    assert not (machine.folder / "made").exists()
    machine.run()
    assert machine.run("--list").stdout.splitlines()[0] == "done   shell (recipe.py:2)"


def tool(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Runs code with a script's tools."""
    head = f"is_root() {{ true; }}\nstamps={folder}/stamps key= content= list= force=${{force-}} root= test="
    return subprocess.run(["bash", "-euo", "pipefail", "-c", f"{TOOLS}\n{head}\n{code}"], capture_output=True, text=True, check=False)


def test_what_a_failed_step_unpacked_is_not_in_its_way(tmp_path: Path) -> None:
    """A folder that a step itself made is removed before the step is done again; one that was there before is left alone."""
    own, theirs = tmp_path / "own", tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()

    def step(end: str, digest: str) -> int:
        made = f"unpack() {{ mkdir -p {own} {theirs}; touch {own}/left {theirs}/left; {end}; }}"
        return tool(tmp_path, f"{made}\nstep name unpack {digest} {own} {theirs}").returncode

    assert step("false", "d1") == 1
    assert (own / "left").exists()
    assert step(f"test ! -e {own}/again; touch {own}/again", "d2") == 0
    assert step("true", "d3") == 0
    assert not (own / "again").exists()
    assert (theirs / "kept").exists()


def test_only_root_builds(tmp_path: Path) -> None:
    """A step that is to be done asks for root, and names itself."""
    done = tool(tmp_path, "is_root() { false; }\na() { true; }\nstep 'the step' a d1")
    assert done.returncode == 1
    assert "only root can do this: the step" in done.stderr


# --- the machine ---


@pytest.mark.parametrize(("release", "words"), [('ID=ubuntu\nVERSION_ID="12"', "this script is for debian 12, this machine is ubuntu 12"), ('ID=debian\nVERSION_ID="13"', "this machine is debian 13"), ("ID=debian", "this machine is debian ")])
def test_another_machine_is_refused_before_anything_is_done(machine: Machine, release: str, words: str) -> None:
    """A script stops on another distribution or release, naming both."""
    machine.write("Stage0 += shell(commands=['echo a >> @/log'])")
    (machine.folder / "os-release").write_text(f"{release}\n")
    done = machine.run()
    assert done.returncode == 1
    assert words in done.stderr
    assert not (machine.folder / "log").exists()


def test_another_architecture_is_refused(machine: Machine) -> None:
    """The same for the architecture."""
    machine.write("Stage0 += baseimage(image='debian:12', arch='aarch64')\nStage0 += shell(commands=['true'])")
    machine.script.write_text(machine.script.read_text().replace("machine=$(uname -m)", "machine=x86_64"))
    assert "this script is for aarch64, not for x86_64" in machine.run().stderr


@pytest.mark.parametrize("distribution", FAMILIES)
def test_every_distribution_has_its_name_in_os_release(distribution: str) -> None:
    """Each distribution that hpcgen knows has an ID that scripts ask for; point releases are their release."""
    release = FAMILIES[distribution][1][-1]
    text = written(StageGraph((Stage("one", Base("x"), Target(distribution, release), (nodes.Run(("true",)),)),)), "bash").text
    (row,) = (row for row in text.splitlines() if row.startswith("check_machine "))
    assert row.split()[2] == release
    for found, right in ((release, True), (f"{release}.5", True), ("7", False), (f"{release}5", False)):
        check = TOOLS.replace("/etc/os-release", "/dev/stdin")
        done = subprocess.run(["bash", "-c", f"{check}\nuname() {{ echo x86_64; }}\n{row}"], input=f'ID="{row.split()[1]}"\nVERSION_ID="{found}"\n', text=True, capture_output=True, check=False)
        assert (done.returncode == 0) == right, (found, done.stderr)


def test_stages_of_two_distributions_are_refused() -> None:
    """One machine cannot be two; only the last stage may be of another."""
    recipe = "Stage0 += baseimage(image='debian:12', name='a')\nStage0 += shell(commands=['a'])\nStage1 += baseimage(image='rockylinux:9', name='b')\nStage1 += shell(commands=['b'])\nlast = Stage('c')\nlast += baseimage(image='debian:12')\n"
    assert "stage 'a' is debian12, stage 'b' is rocky9: one machine cannot be both" in str(refusal(recipe, "bash"))


def test_a_last_stage_of_another_distribution_wants_a_folder(machine: Machine) -> None:
    """Its files go below --destdir; without that, the script says so at the start."""
    machine.write(f"Stage0 += baseimage(image='debian:12', name='one')\nStage0 += shell(commands=['mkdir -p {machine.folder}/opt', 'echo a > {machine.folder}/opt/a'])\nStage1 += baseimage(image='rockylinux:9')\nStage1 += copy(src='{machine.folder}/opt', dest='/opt/x', stage='one')")
    assert "the last stage is of rocky9: say --destdir DIR" in machine.run().stderr
    done = machine.run("--destdir", str(machine.folder / "out"))
    assert done.returncode == 0, done.stderr
    assert machine.read("out/opt/x/a") == "a\n"


# --- --destdir ---


def test_destdir_takes_what_the_last_stage_takes(machine: Machine) -> None:
    """Copies, written files and the environment go below the folder; packages are named, nothing else is touched."""
    graph = StageGraph(
        (
            Stage("one", Base("debian:12"), Target("debian", "12"), (nodes.Run((f"mkdir -p {machine.folder}/prefix", f"echo a > {machine.folder}/prefix/a")),)),
            Stage(
                "two",
                Base("debian:12"),
                Target("debian", "12"),
                (
                    nodes.Install(("libb", "liba")),
                    nodes.Copy((f"{machine.folder}/prefix",), f"{machine.folder}/prefix", stage="one", tree=True, literal=True),
                    nodes.WriteFile("/etc/x", "y\n"),
                    nodes.SetEnv("A", "b"),
                ),
            ),
        )
    )
    text = written(graph, "bash").text.replace("/etc/os-release", str(machine.folder / "os-release")).replace("is_root() { ((EUID == 0)); }", "is_root() { true; }")
    machine.script.write_text(text)
    done = machine.run("--destdir", str(machine.folder / "out"))
    assert done.returncode == 0, done.stderr
    assert "below that folder, these packages are needed: liba libb" in done.stderr
    assert machine.read(f"out{machine.folder}/prefix/a") == "a\n"
    assert machine.read("out/etc/x") == "y\n"
    assert "export A=b" in machine.read("out/etc/profile.d/hpcgen.sh")


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("Stage0 += shell(commands=['true'])", "the last stage does more than to take files"),
        (TWO.format("", "Stage1 += shell(commands=['true'])"), "the last stage runs commands, which cannot be done below a folder (recipe.py:4)"),
        (TWO.format("", "Stage1 += raw(bash='true')"), "runs commands"),
        ("Stage0 += baseimage(image='debian:12', name='one')\nStage1 += baseimage(image='one')\nStage1 += copy(src='a', dest='/a')", "does more than to take files"),
    ],
)
def test_destdir_is_refused_at_the_start_where_it_cannot_be(machine: Machine, recipe: str, words: str) -> None:
    """A last stage that runs commands, or stands on another, cannot go below a folder: said before hours of building."""
    machine.write(recipe)
    done = machine.run("--destdir", str(machine.folder / "out"))
    assert done.returncode == 1
    assert words in done.stderr


def test_text_for_other_formats_does_not_hinder_destdir(machine: Machine) -> None:
    """What only a Dockerfile says is nothing to a script."""
    machine.write(TWO.format("", "Stage1 += raw(docker='RUN true')"))
    assert machine.run("--destdir", str(machine.folder / "out")).returncode == 0


# --- options ---


def test_help_names_every_option(machine: Machine) -> None:
    """--help tells of each option that the script reads."""
    machine.write("Stage0 += shell(commands=['true'])")
    told = machine.run("--help")
    assert told.returncode == 0
    for option in ("--list", "--force", "--test", "--run", "--jobs", "--mirror", "--context", "--destdir", "--arg", "--help"):
        assert option in told.stdout
        assert f"    {option}" in machine.script.read_text() or f"{option} |" in machine.script.read_text() or f"| {option}" in machine.script.read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--nope",), "unknown option '--nope'"),
        (("--jobs",), "--jobs needs a value"),
        (("--jobs", "many"), "--jobs takes a number, not 'many'"),
        (("--mirror", "/nowhere"), "--mirror: no folder '/nowhere'"),
        (("--context", "/nowhere"), "--context: no folder '/nowhere'"),
        (("--arg", "B=1"), "the recipe has no argument 'B'"),
        (("--arg", "A"), "the recipe has no argument 'A'"),
    ],
)
def test_wrong_options_are_usage_errors(machine: Machine, words: tuple[str, ...], says: str) -> None:
    """An option that is none, or has no value that it takes, ends the script with status 2 and a sentence."""
    machine.write("Stage0 += arg('A')\nStage0 += shell(commands=['true'])")
    done = machine.run(*words)
    assert done.returncode == 2
    assert says in done.stderr


def test_jobs_mirror_and_context_reach_the_steps(machine: Machine) -> None:
    """--jobs is JOBS, --mirror is MIRROR, a folder as an address; --context is where files beside the recipe are looked for."""
    (machine.folder / "own").mkdir()
    (machine.folder / "own" / "f").write_text("of context\n")
    machine.write("Stage0 += shell(commands=['echo $JOBS $MIRROR > @/log'])\nStage0 += copy(src='f', dest='@/f')")
    done = machine.run("--jobs", "3", "--mirror", str(machine.folder), "--context", str(machine.folder / "own"))
    assert done.returncode == 0, done.stderr
    assert machine.read("log") == f"3 file://{machine.folder}\n"
    assert machine.read("f") == "of context\n"


def test_arguments_have_values_of_the_builder_or_defaults(machine: Machine) -> None:
    """--arg gives a value, which is part of the keys of the steps behind it."""
    machine.write("Stage0 += arg('A', default='d e')\nStage0 += arg('B')\nStage0 += shell(commands=['echo \"$A\" \"${B-unset}\" >> @/log'])")
    assert machine.run().returncode == 0
    assert machine.run("--arg", "B=b=c", "--arg", "A=").returncode == 0
    machine.run()
    assert machine.read("log") == "d e unset\n b=c\n"


def test_tests_run_when_asked_and_a_failure_ends_the_script(machine: Machine) -> None:
    """--test runs the recipe's tests when their stage is done, in its environment."""
    machine.write("Stage0 += environment(variables={'A': 'b'})\nStage0 += test(commands=['echo $A >> @/log', 'test -e @/right'])")
    assert machine.run().returncode == 0
    assert not (machine.folder / "log").exists()
    assert machine.run("--test").returncode == 1
    (machine.folder / "right").touch()
    assert machine.run("--test").returncode == 0
    assert machine.read("log") == "b\nb\n"


def test_run_starts_what_a_container_would(machine: Machine) -> None:
    """--run starts the entrypoint with the words behind it, or those of `cmd`."""
    machine.write("Stage0 += environment(variables={'A': 'b'})\nStage0 += entrypoint(['printenv', '-0'])\nStage0 += cmd(['A'])")
    assert machine.run("--run").stdout == "b\0"
    assert machine.run("--run", "HOME").stdout == f"{machine.folder}\0"
    machine.write("Stage0 += shell(commands=['true'])")
    assert "the recipe has nothing to start" in machine.run("--run").stderr


# --- environment ---


def test_a_stage_begins_with_the_environment_of_its_base(machine: Machine) -> None:
    """What a stage sets does not reach the next, unless that stands on it; arguments are as in a Dockerfile."""
    show = "echo {} ${{A-unset}} ${{L-unset}} ${{G-unset}} >> @/log"
    recipe = (
        "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += environment(variables={'A': '1', 'L': '/x:$L'})\nStage0 += arg('G', default='g')\n"
        f"Stage0 += shell(commands=[{show.format('one')!r}])\n"
        f"Stage1 += baseimage(image='debian:12')\nStage1 += shell(commands=[{show.format('two')!r}])\n"
        f"three = Stage('three')\nthree += baseimage(image='one')\nthree += shell(commands=[{show.format('three')!r}])\n"
    )
    machine.write(recipe)
    done = machine.run(env={"L": "/callers"})
    assert done.returncode == 0, done.stderr
    assert machine.read("log") == "one 1 /x g\ntwo unset unset unset\nthree 1 /x g\n"


def test_the_profile_holds_the_environment_and_may_be_read_twice(machine: Machine) -> None:
    """Later shells get the last stage's environment; a folder that is in its list already is not added again."""
    machine.write(TWO.format("Stage0 += environment(variables={'BUILD': '1'})", "Stage1 += environment(variables={'A': \"it's $x\", 'PATH': '/opt/bin:$PATH'})\nStage1 += path('/opt/a b', name='L', last=True)"))
    assert machine.run().returncode == 0
    code = f'set -eu; for n in 1 2; do . {machine.folder}/profile.d/hpcgen.sh; done; echo "$A|$PATH|$L|${{BUILD-unset}}"'
    for shell in ("sh", "bash"):
        done = subprocess.run([shell, "-c", code], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True)
        assert done.stdout == "it's $x|/opt/bin:/usr/bin:/bin|/opt/a b|unset\n"


def test_commands_are_read_as_sh_reads_them(machine: Machine) -> None:
    """On Debian, where sh is dash, `echo` knows backslashes and braces are letters; a pipe's failure is its last command's."""
    machine.write(r"Stage0 += shell(commands=['echo \'a\\tb\' {c,d} > @/log', 'false | true', 'echo $nothing'])")
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert machine.read("log") == "a\tb {c,d}\n"


def test_package_lists_stay_on_a_machine() -> None:
    """A machine's package lists are its own: nothing is removed that an image would be better without."""
    graph = StageGraph((Stage("one", Base("debian:12"), Target("debian", "12"), (nodes.Install(("a",)),)),))
    assert "/var/lib/apt/lists" not in written(graph, "bash").text


def test_packages_and_build_of_a_block_are_one_step() -> None:
    """A block is one function, its environment stands behind it."""
    text = script("Stage0 += fftw(version='3.3.10')")
    assert text.count("\nstep 'fftw 3.3.10 (recipe.py:2)' step_fftw ") == 1
    assert "step_fftw_2" not in text
    assert text.index("step 'fftw 3.3.10") < text.index('export LD_LIBRARY_PATH="/usr/local/fftw/lib')


def test_a_blocks_unpacked_source_is_told_to_its_step() -> None:
    """The folder that a source is unpacked into is named, so that a step begun anew can remove it."""
    (row,) = (row for row in script("Stage0 += fftw(version='3.3.10')").splitlines() if row.startswith("step 'fftw"))
    assert row.split()[-1] == "/usr/local/src/fftw-3.3.10"


def test_functions_have_names_that_no_program_has() -> None:
    """A block that is called like a program does not hide it."""
    text = script("Stage0 += shell(commands=['true'])\nStage0 += shell(commands=['true'])\nStage0 += fftw(version='3.3.10')")
    for name in ("step_shell", "step_shell_2", "step_fftw"):
        assert f"\n{name}() {{\n" in text
