from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from support import BASE, ENGINES, EngineError, bases, run

import hpcgen
from hpcgen.emitting import emit_graph
from hpcgen.graph import nodes
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import Target

if TYPE_CHECKING:
    from pathlib import Path

USER = (ENGINES, "user", "apptainer", "-q")


def build(graph: StageGraph | str, folder: Path, *words: str, mirror: str = "") -> str:
    """Builds a sandbox of a recipe's lines or a graph; gives the log."""
    if isinstance(graph, str):
        graph = hpcgen.plan("r.py", text=f"Stage0 += baseimage(image='{BASE}')\n{graph}" if "baseimage" not in graph else graph, base=bases())
    (folder / "image.def").write_text(emit_graph(graph, "singularity", mirror=mirror).text)
    shutil.rmtree(folder / "image", ignore_errors=True)
    return run(ENGINES, "user", "apptainer", "build", "--sandbox", "-F", *words, "image", "image.def", cwd=folder)


@pytest.mark.parametrize(("words", "value"), [((), "it's the \"default\" $x"), (("--build-arg", "WHO=me & 'you' $y %post"), "me & 'you' $y %post")])
def test_arguments_reach_the_build(folder: Path, words: tuple[str, ...], value: str) -> None:
    """A value that the builder gives, and a default, are what %post reads, whatever they hold; the image's environment has none of it."""
    recipe = "Stage0 += arg('WHO', default='it\\'s the \"default\" $x')\nStage0 += shell(commands=['printf %s \"$WHO\" > /who'])"
    build(recipe, folder, *words)
    assert (folder / "image" / "who").read_text() == value
    assert "WHO=" not in run(*USER, "exec", "image", "env", cwd=folder)


def test_sections_longer_than_the_readers_buffer(folder: Path) -> None:
    """A recipe of 200 KB is built: its section is written in pieces that Apptainer joins."""
    recipe = "Stage0 += shell(commands=['printf x >> /count #' + 'y' * 1000 for n in range(200)])"
    build(recipe, folder)
    assert (folder / "image" / "count").read_text() == "x" * 200


def test_a_failing_test_stops_the_build(folder: Path) -> None:
    """%test fails where any of its commands fails, and with it the build."""
    with pytest.raises(EngineError):
        build("Stage0 += test(commands=['false', 'true'])", folder)
    with pytest.raises(EngineError):
        build("Stage0 += test(commands=['false\\ntrue', 'true'])", folder)
    build("Stage0 += test(commands=['false || true', 'true\\ntrue'])", folder)


def test_sources_of_a_mirrors_folder_and_beside_the_recipe(folder: Path) -> None:
    """A download comes from a mirror's folder without a network, and an archive beside the recipe by its name; nothing of either stays in the image."""
    (folder / "tool-1.0").mkdir()
    (folder / "tool-1.0" / "a").write_text("one\n")
    subprocess.run(["tar", "-C", folder, "-czf", folder / "tool-1.0.tar.gz", "tool-1.0"], check=True)
    sha256 = hashlib.sha256((folder / "tool-1.0.tar.gz").read_bytes()).hexdigest()
    (folder / "mirror" / sha256).mkdir(parents=True)
    shutil.copy(folder / "tool-1.0.tar.gz", folder / "mirror" / sha256)
    shutil.move(folder / "tool-1.0.tar.gz", folder / "odd name $x.tar.gz")
    packages = nodes.Install(("ca-certificates", "curl"))
    fetched = nodes.Fetch("https://127.0.0.1:9/tool-1.0.tar.gz", sha256, "/opt/fetched")
    local = nodes.Fetch("", sha256, "/opt/local", local="odd name $x.tar.gz")
    base = Base(BASE, archive=bases()[BASE])
    build(StageGraph((Stage("one", base, Target("debian", "12"), (packages, fetched, local)),)), folder, mirror=str(folder / "mirror"))
    for name in ("fetched", "local"):
        assert (folder / "image" / "opt" / name / "a").read_text() == "one\n"
    assert not (folder / "image" / ".hpcgen").exists()
    assert not list((folder / "image" / "opt").glob("*/*.tar.gz"))


def test_arguments_alone_keep_the_bases_entrypoint(folder: Path) -> None:
    """Where a recipe gives only the arguments, what the base image starts is given them, word by word."""
    run(ENGINES, "docker", "docker", "build", "-q", "-t", "hpcgen-entry", "-", stdin=f'FROM {BASE}\nENTRYPOINT ["/bin/printf", "<%s>"]\nCMD ["base"]\n')
    run(ENGINES, "docker", "docker", "save", "-o", str(folder / "entry.tar"), "hpcgen-entry")
    (folder / "entry.tar").chmod(0o644)
    graph = hpcgen.plan("r.py", text=f"Stage0 += baseimage(image='{BASE}')\nStage0 += cmd(['of  recipe', '$x'])", base={BASE: f"docker-archive:{folder}/entry.tar"})
    build(graph, folder)
    assert run(*USER, "run", "image", cwd=folder) == "<of  recipe><$x>"
    assert run(*USER, "run", "image", "own  $y", cwd=folder) == "<own  $y>"


def test_an_image_from_scratch(folder: Path) -> None:
    """A result that starts from nothing holds what is copied into it."""
    recipe = f"Stage0 += baseimage(image='{BASE}', name='one')\nStage0 += shell(commands=['mkdir -p /made/in', 'echo a > /made/in/file'])\nStage1 += baseimage(image='scratch')\nStage1 += copy(src='/made', dest='/opt/made', stage='one')"
    build(recipe, folder)
    assert (folder / "image" / "opt" / "made" / "in" / "file").read_text() == "a\n"
    assert not (folder / "image" / "bin").exists()


def test_another_architecture_stops_the_build(folder: Path) -> None:
    """A file for aarch64 is not built on x86_64, and says so."""
    graph = hpcgen.plan("r.py", text=f"Stage0 += baseimage(image='{BASE}')\nStage0 += shell(commands=['true'])", arch="aarch64", base=bases())
    with pytest.raises(EngineError, match="this file is for aarch64, not for x86_64"):
        build(graph, folder)


def test_readers_words_in_text_are_text(folder: Path) -> None:
    """Lines that Apptainer would take for sections, stages or templates reach the image as they are."""
    text = "%post\nBootstrap: docker\n{{ x }}\n\t%files\nbootstrap:x\n"
    made = (nodes.WriteFile("/written", text), nodes.SetEnv("A", text), nodes.Run((f"cat > /by-shell <<'E'\n{text}E", 'printf %s "$A" > /variable')))
    graph = StageGraph((Stage("one", Base(BASE, archive=bases()[BASE]), Target("debian", "12"), made),))
    build(graph, folder)
    for name in ("written", "by-shell", "variable"):
        assert (folder / "image" / name).read_text() == text
    assert run(*USER, "exec", "image", "printenv", "A", cwd=folder) == f"{text}\n"
