"""Compilers and languages by HPCCM and by hpcgen: packages and commands; what differs stands in tables, with the reason."""

from __future__ import annotations

import importlib
import re
import shlex
import warnings
from typing import Any

import pytest
from hpccm_said import hpccm_text
from planned import commands, packages, plan

from hpcgen.building_blocks.llvm import llvm

pytestmark = pytest.mark.filterwarnings("ignore")

UBUNTU, ROCKY = ("ubuntu24", "ubuntu:24.04"), ("rockylinux9", "rockylinux:9")

LEFT_OUT = {
    "llvm": {
        "gcc": "clang's package needs what it uses of GCC itself",
        "gcc-c++": "the same",
        "libc++1": "libc++-dev needs it",
        "libc++abi1": "libc++abi-dev needs it",
        "libclang1": "libclang-dev needs it",
        "llvm-runtime": "llvm needs it",
        "libc++1-18": "libc++-18-dev needs it",
        "libc++abi1-18": "libc++abi-18-dev needs it",
        "libclang1-18": "libclang-18-dev needs it",
        "liblldb-18-dev": "for programs that are debuggers themselves",
        "llvm-18-runtime": "llvm-18 needs it",
        "apt-transport-https": "apt has been able to do that by itself since 2018",
        "ca-certificates": "the repository's own node brings what fetching its key needs",
        "gnupg": "the same",
        "wget": "the same",
    },
    "python": {"python2": "it ended in 2020: only where the recipe asks for it"},
    "pip": {
        "python3-pip": "a virtual environment has its own",
        "python3-setuptools": "the same",
        "python3-wheel": "the same",
    },
    "conda": {"wget": "curl fetches"},
}
"""Block -> packages that HPCCM installs and hpcgen does not, with the reason."""

CASES = [
    ("llvm", "", UBUNTU),
    ("llvm", "extra_tools=True", UBUNTU),
    ("llvm", "toolset=True", UBUNTU),
    ("llvm", "version='18', openmp=False", UBUNTU),
    ("llvm", "version='18', toolset=True", UBUNTU),
    ("llvm", "upstream=True, version='21'", UBUNTU),
    ("llvm", "", ROCKY),
    ("llvm", "toolset=True", ROCKY),
    ("python", "", UBUNTU),
    ("python", "python2=False, devel=True", UBUNTU),
    ("python", "python2=False, devel=True", ROCKY),
    ("pip", "packages=['hpccm==26.5.0'], pip='pip3'", UBUNTU),
    ("pip", "packages=['hpccm==26.5.0'], pip='pip3'", ROCKY),
    ("pip", "ospackages=['git'], packages=['hpccm==26.5.0'], pip='pip3'", UBUNTU),
    ("conda", "packages=['numpy=2.4']", UBUNTU),
]


def theirs(block: str, options: str, distro: str) -> str:
    """What HPCCM writes, a command a line."""
    return hpccm_text(block, options, distro).replace("&&", "\n")


def installed(text: str) -> set[str]:
    """The packages of its installations."""
    found = re.findall(r"(?:apt-get|yum) install -y (.*)", text)
    return {word for line in found for word in line.split() if not word.startswith("-")}


@pytest.mark.parametrize(("block", "options", "target"), CASES)
def test_same_packages_or_argued(block: str, options: str, target: tuple[str, str]) -> None:
    """Each package that HPCCM installs is installed, or the difference is argued for."""
    ours = packages(plan(f"Stage0 += {block}({options})", target[1]))
    assert installed(theirs(block, options, target[0])) - ours <= set(LEFT_OUT[block])


def test_each_argument_is_needed() -> None:
    """No difference is argued for that is not there."""
    for block, argued in LEFT_OUT.items():
        seen: set[str] = set()
        for name, options, target in CASES:
            if name == block:
                seen |= installed(theirs(block, options, target[0])) - packages(plan(f"Stage0 += {block}({options})", target[1]))
        assert seen == set(argued), block


def test_same_words_for_pip() -> None:
    """The words for pip are HPCCM's; the tool is the environment's."""
    options = "packages=['hpccm==26.5.0', 'six>=1'], pip='pip3', install_args=['--no-deps'], upgrade=True"
    their = [shlex.split(line) for line in theirs("pip", options, "ubuntu24").splitlines() if " install " in line and "pip3" in line]
    ours = [shlex.split(line) for line in commands(plan(f"Stage0 += pip({options})", "ubuntu:24.04")) if "-m pip" in line]
    their = [words[words.index("pip3") + 1 :] for words in their]
    ours = [words[words.index("pip") + 1 :] for words in ours]
    assert [sorted(words) for words in their if "python3-pip" not in words] == [sorted(words) for words in ours]


def test_same_words_for_conda() -> None:
    """What conda is told to install is what HPCCM tells it to; Miniforge is conda-forge's, by a server that proves who it is."""
    text = theirs("conda", "eula=True, packages=['numpy=2.4'], channels=['nvidia']", "ubuntu24")
    ours = commands(plan("Stage0 += conda(eula=True, packages=['numpy=2.4'], channels=['nvidia'])", "ubuntu:24.04"))
    assert "http://repo.anaconda.com" in text
    assert re.search(r"bash \S+ -b -p /usr/local/anaconda", text)
    assert any(re.fullmatch(r"bash \S+ -b -p /usr/local/conda", one) for one in ours)
    assert "conda install -y numpy=2.4" in text
    assert any(re.search(r"conda install -y .*numpy=2\.4$", one) for one in ours)
    assert "--add channels nvidia" in text
    assert any(one.endswith("channels nvidia") for one in ours)


def test_same_toolchain() -> None:
    """The toolchain of llvm is that of HPCCM's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hpccm: Any = importlib.import_module("hpccm")
    hpccm.config.set_linux_distro("ubuntu24")
    hpccm.config.set_cpu_target("")
    their = vars(hpccm.building_blocks.llvm().toolchain)
    assert {name: value for name, value in their.items() if value} == vars(llvm().toolchain)
