from __future__ import annotations

import shutil
from pathlib import Path

from support import BASE, ENGINES, bases, run

import hpcgen

SMALL = Path(__file__).parent / "small"
GREETING = "it's a \"test\" of $quotes & spaces"
USER = (ENGINES, "user", "apptainer")


def built(text: str, folder: Path) -> Path:
    """A sandbox that Apptainer made of a definition file, as an ordinary user."""
    (folder / "image.def").write_text(text)
    run(*USER, "build", "--sandbox", "-F", "image", "image.def", cwd=folder)
    return folder / "image"


def test_small_recipe_builds_and_runs(mirror: str, folder: Path) -> None:
    """A source-built block and a program, built by Apptainer as an ordinary user, run with environment and label unchanged, and pass the recipe's test."""
    shutil.copy(SMALL / "program.c", folder)
    built(hpcgen.recipe(str(SMALL / "recipe.py"), format="singularity", mirror=mirror, base=bases()), folder)
    assert run(*USER, "run", "image", cwd=folder) == f"libevent 2.1.12-stable, works\n{GREETING}\n"
    assert run(*USER, "exec", "image", "program", cwd=folder).endswith(f"{GREETING}\n")
    assert "A Person <a@example.org>" in run(*USER, "inspect", "--labels", "image", cwd=folder)
    run(*USER, "test", "image", cwd=folder)
    assert not (folder / "image" / "usr" / "bin" / "gcc").exists()


def test_recipe_order_is_kept(folder: Path) -> None:
    """A copy that stands after a command finds what the command made, though %files comes before %post."""
    (folder / "new.txt").write_text("new\n")
    recipe = f"""
Stage0 += baseimage(image='{BASE}')
Stage0 += shell(commands=['mkdir -p /opt/x', 'echo old > /opt/x/new.txt', 'cd /opt/x && pwd'])
Stage0 += copy(src='new.txt', dest='/opt/x/new.txt', mode='0640')
Stage0 += shell(commands=['cat /opt/x/new.txt > /opt/x/seen', 'pwd > /opt/x/where'])
Stage0 += environment(variables={{'LIST': '/a:$LIST'}})
Stage0 += shell(commands=['echo "$LIST" > /opt/x/list'])
"""
    image = built(hpcgen.emit(hpcgen.plan("r.py", text=recipe, base=bases()), "singularity").text, folder)
    assert (image / "opt/x/seen").read_text() == "new\n"
    assert (image / "opt/x/list").read_text() == "/a\n"
    assert (image / "opt/x/where").read_text() != "/opt/x\n"
    assert (image / "opt/x/new.txt").stat().st_mode & 0o777 == 0o640


def test_failing_command_stops_the_build(folder: Path) -> None:
    """A list whose first half fails stops %post, as it stops a Dockerfile's RUN."""
    recipe = f"Stage0 += baseimage(image='{BASE}')\nStage0 += shell(commands=['false && true', 'echo went on'])"
    (folder / "image.def").write_text(hpcgen.emit(hpcgen.plan("r.py", text=recipe, base=bases()), "singularity").text)
    said = run(*USER, "build", "--sandbox", "-F", "image", "image.def", cwd=folder, check=False)
    assert "went on" not in said.replace("echo went on", "")
    assert not (folder / "image").exists()
