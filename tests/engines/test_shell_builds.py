from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest
from support import BASE, ENGINES, EngineError, run

import hpcgen

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """A chroot whose changes are kept, with a recipe's script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self.words = (ENGINES, "chroot", "-k", folder / "kept", BASE)

    def __call__(self, code: str) -> str:
        """What shell code prints on the machine."""
        return run(*self.words, "sh", "-c", code, cwd=self.folder)

    def write(self, recipe: str) -> None:
        """Writes a recipe's script."""
        text = recipe if "baseimage" in recipe else f"Stage0 += baseimage(image='{BASE}')\n{recipe}"
        (self.folder / "build.sh").write_text(hpcgen.emit(hpcgen.plan("r.py", text=text), "bash").text)


@pytest.fixture
def machine(engines: None, tmp_path: Path) -> Machine:
    """A machine."""
    return Machine(tmp_path)


def test_a_source_whose_build_failed_is_unpacked_anew(machine: Machine) -> None:
    """A step that stopped after it had unpacked its source begins anew in an empty folder; the finished step before it is not done again."""
    (machine.folder / "tool-1.0").mkdir()
    (machine.folder / "tool-1.0" / "configure").write_text("#!/bin/sh\ntest ! -e begun || { echo half state; exit 3; }\n: > begun\ntest -e /ready\n")
    (machine.folder / "tool-1.0" / "configure").chmod(0o755)
    (machine.folder / "tool-1.0" / "Makefile").write_text("all:\ninstall:\n\tmkdir -p /opt/tool\n\ttouch /opt/tool/done\n")
    archive = machine.folder / "tool-1.0.tar.gz"
    subprocess.run(["tar", "-C", machine.folder, "-czf", archive, "tool-1.0"], check=True)
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    machine.write(f"Stage0 += shell(commands=['echo first >> /log'])\nStage0 += generic_autotools(url='file://{archive}', sha256='{sha256}', prefix='/opt/tool')")
    for _ in range(2):
        with pytest.raises(EngineError) as failed:
            machine("bash build.sh")
        assert "half state" not in str(failed.value)
    machine("touch /ready && bash build.sh && test -e /opt/tool/done")
    assert machine("cat /log") == "first\n"


def test_destdir_takes_the_last_stage_elsewhere(machine: Machine) -> None:
    """With --destdir, what the runtime stage takes lies below the folder, links as links, and the machine's own root has nothing of it but the builder's work."""
    recipe = (
        f"Stage0 += baseimage(image='{BASE}', name='devel')\nStage0 += shell(commands=['mkdir -p /opt/tool/lib', 'echo lib > /opt/tool/lib/libx.so.1', 'ln -s libx.so.1 /opt/tool/lib/libx.so'])\n"
        f"Stage1 += baseimage(image='{BASE}')\nStage1 += copy(src='/opt/tool', dest='/opt/tool', stage='devel')\nStage1 += write_file(path='/etc/tool.conf', content='x')\nStage1 += path('/opt/tool/bin')"
    )
    machine.write(recipe)
    machine("bash build.sh --destdir /image")
    assert machine("cd /image && find . ! -type d -printf '%P %l\\n' | sort") == "etc/profile.d/hpcgen.sh \netc/tool.conf \nopt/tool/lib/libx.so libx.so.1\nopt/tool/lib/libx.so.1 \n"
    assert machine("test ! -e /etc/tool.conf && test ! -e /etc/profile.d/hpcgen.sh && echo none") == "none\n"


def test_packages_are_installed_once(machine: Machine) -> None:
    """A step with packages is done by the distribution's package manager, and skipped on the next run; the machine's package lists stay."""
    machine.write("Stage0 += packages(apt=['file'])")
    machine("bash build.sh")
    assert machine("command -v file") == "/usr/bin/file\n"
    assert int(machine("ls /var/lib/apt/lists | wc -l")) > 1
    machine("rm /usr/bin/file && bash build.sh")
    assert machine("command -v file || echo none") == "none\n"


def test_later_shells_have_the_environment(machine: Machine) -> None:
    """A login shell on the machine has what a container's environment would have, however often its profile is read."""
    machine.write("Stage0 += environment(variables={'GREETING': 'it\\'s $x', 'PATH': '/opt/tool/bin:$PATH'})")
    machine("bash build.sh")
    shown = machine("""bash -lc '. /etc/profile.d/hpcgen.sh; echo "$GREETING|$PATH"'""")
    assert shown.startswith("it's $x|/opt/tool/bin:/")
    assert shown.count("/opt/tool/bin") == 1


def test_an_ordinary_user_may_look_and_start_but_not_build(machine: Machine) -> None:
    """--list and --run need no root where all is done; a step that is to be done says that it does."""
    machine.write("Stage0 += shell(commands=['true'])\nStage0 += entrypoint(['/bin/echo', 'started'])")
    as_user = "setpriv --reuid 1 --regid 1 --clear-groups bash build.sh"
    assert "to do  shell" in machine(f"{as_user} --list")
    with pytest.raises(EngineError, match="only root can do this: shell"):
        machine(as_user)
    machine("bash build.sh")
    assert machine(f"{as_user} --run now 2>/dev/null") == "started now\n"
