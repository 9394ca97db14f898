from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support import BASE, Docker, EngineError

import hpcgen

SMALL = Path(__file__).parent / "small"
GREETING = "it's a \"test\" of $quotes & spaces"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A build context of its own."""
    shutil.copy(SMALL / "program.c", tmp_path)
    return tmp_path


def test_small_recipe_builds_and_runs(docker: Docker, mirror: str, context: Path) -> None:
    """A source-built block and a program, built on each Docker, run from the runtime stage with environment and label unchanged."""
    log = docker.build(hpcgen.recipe(str(SMALL / "recipe.py"), dialect=docker.dialect), "hpcgen-small", context, mirror=mirror)
    assert "hpcgen libevent" not in docker.run("hpcgen-small"), log
    assert docker.run("hpcgen-small") == f"libevent 2.1.12-stable, works\n{GREETING}\n"
    assert "gcc" not in docker.run("hpcgen-small", "ls", "/usr/bin")
    config = json.loads(docker("inspect", "hpcgen-small"))[0]["Config"]
    assert config["Labels"]["maintainer"] == "A Person <a@example.org>"
    assert f"GREETING={GREETING}" in config["Env"]


def test_recipes_tests_run_in_their_own_stage(docker: Docker, mirror: str, context: Path) -> None:
    """`docker build --target test` runs the recipe's tests; a plain build does not hold them."""
    text = hpcgen.recipe(str(SMALL / "recipe.py"), dialect=docker.dialect)
    docker.build(text, "hpcgen-small-test", context, mirror=mirror, target="test")


def test_second_build_is_all_cached_with_another_mirror_and_jobs(docker: Docker, mirror: str, context: Path) -> None:
    """Another builder's mirror and number of jobs rerun nothing: they stand in no layer's key."""
    text = hpcgen.recipe(str(SMALL / "recipe.py"), dialect=docker.dialect)
    docker.build(text, "hpcgen-small", context, mirror=mirror)
    again = docker.build(text, "hpcgen-small", context, mirror="http://127.0.0.1:9/nowhere")
    assert "checking for gcc" not in again


def test_mirror_folder_is_a_named_context(engines: None, mirror_folder: Path, context: Path) -> None:
    """With `--mirror FOLDER`, sources come from a build context named mirror and no network is asked."""
    text = hpcgen.recipe(str(SMALL / "recipe.py"), mirror=str(mirror_folder))
    (context / "Dockerfile").write_text(text)
    docker = Docker("docker", "docker")
    docker("build", "--network", "host", "--build-context", f"mirror={mirror_folder}", "-t", "hpcgen-folder", ".", cwd=context)
    assert docker.run("hpcgen-folder").startswith("libevent 2.1.12-stable, works")


def test_flipped_byte_stops_the_build(docker: Docker, mirror_folder: Path, tmp_path: Path, context: Path) -> None:
    """A source with one changed byte stops the build with block, URL, expected and found checksum."""
    from support import served

    original = next(mirror_folder.glob("*/libevent-2.1.12-stable.tar.gz"))
    broken = tmp_path / "broken" / original.parent.name / original.name
    broken.parent.mkdir(parents=True)
    data = bytearray(original.read_bytes())
    data[1000] ^= 1
    broken.write_bytes(data)
    text = hpcgen.recipe(str(SMALL / "recipe.py"), dialect=docker.dialect).replace(": hpcgen 'libevent", ": broken 'libevent")
    for url in served(tmp_path / "broken"):
        with pytest.raises(EngineError) as stopped:
            docker.build(text, "hpcgen-broken", context, mirror=url)
    said = str(stopped.value)
    assert "libevent 2.1.12: http://127.0.0.1" in said
    assert f"expected sha256 {original.parent.name}, found " in said


def test_other_architecture_fails_loudly(docker: Docker, context: Path) -> None:
    """A file for aarch64 stops at once on x86_64, naming both."""
    text = hpcgen.emit(hpcgen.plan("r.py", text=f"Stage0 += baseimage(image='{BASE}')\nStage0 += shell(commands=['true'])", arch="aarch64"), dialect=docker.dialect).text
    with pytest.raises(EngineError, match="this file is for aarch64, not for x86_64"):
        docker.build(text, "hpcgen-arch", context)


BY_ARCHITECTURE = """
from hpcgen.block import Block
from hpcgen.graph.nodes import Run

class asks(Block):
    \"\"\"Asks for the architecture.\"\"\"

    def build(self, place):
        yield Run((f"echo built for {place.target.architecture} > /arch", "cat /arch"))
"""


def test_one_file_for_both_architectures(docker: Docker, context: Path) -> None:
    """A file for both takes the branch of the architecture that it is built on."""
    (context / "asks.py").write_text(BY_ARCHITECTURE)
    recipe = f"Stage0 += baseimage(image='{BASE}')\nStage0 += asks()"
    text = hpcgen.emit(hpcgen.plan("r.py", text=recipe, arch="x86_64,aarch64", block_folders=[str(context)]), dialect=docker.dialect).text
    docker.build(text, "hpcgen-both", context)
    assert docker.run("hpcgen-both", "cat", "/arch") == "built for x86_64\n"


def test_legacy_builder_stops_aloud(engines: None, context: Path) -> None:
    """Builders without BuildKit, which drop heredocs in silence, stop with an error on the default dialect."""
    text = f"Stage0 += baseimage(image='{BASE}')\nStage0 += shell(commands=['cat > /x <<EOF\\nhello\\nEOF'])"
    (context / "Dockerfile").write_text(hpcgen.emit(hpcgen.plan("r.py", text=text)).text)
    for daemon, words in (("docker", "requires BuildKit"), ("docker20", "parse error")):
        with pytest.raises(EngineError, match=words):
            Docker(daemon, "docker")("build", "--network", "host", ".", cwd=context, env={"DOCKER_BUILDKIT": "0"})


def test_portable_dialect_builds_with_legacy_builder(engines: None, mirror: str, context: Path) -> None:
    """The portable dialect needs no BuildKit."""
    docker = Docker("docker20", "portable")
    (context / "Dockerfile").write_text(hpcgen.recipe(str(SMALL / "recipe.py"), dialect="portable", mirror=mirror, userarg={"greeting": "hello"}))
    docker("build", "--network", "host", "-t", "hpcgen-portable", ".", cwd=context, env={"DOCKER_BUILDKIT": "0"})
    assert docker.run("hpcgen-portable").startswith("libevent 2.1.12-stable, works")
