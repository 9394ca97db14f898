"""What the library promises to those who import it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hpcgen
from hpcgen.block.finder import own
from hpcgen.loading.primitives import PRIMITIVES


@pytest.mark.parametrize("name", hpcgen.__all__)
def test_public_names_can_be_imported(name: str) -> None:
    """Each name of the public list is there, and dir() shows nothing else."""
    assert getattr(hpcgen, name) is not None
    assert dir(hpcgen) == sorted(hpcgen.__all__)


def test_other_names_are_not_there() -> None:
    """A name that is not public is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="module 'hpcgen' has no attribute 'nothing'"):
        _ = hpcgen.nothing  # type: ignore[attr-defined]  # which is the point


def test_primitives_are_public() -> None:
    """Each primitive is a name of hpcgen.primitives."""
    for one in PRIMITIVES:
        assert getattr(hpcgen.primitives, one.__name__) is one


def python(code: str) -> str:
    """What a fresh Python prints: what is imported first matters here."""
    return subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout


ORDERS = {
    "class first": "from hpcgen.building_blocks import ucx\nimport hpcgen.building_blocks.ucx\nfrom hpcgen.building_blocks import ucx as other",
    "module first": "import hpcgen.building_blocks.ucx\nfrom hpcgen.building_blocks import ucx\nfrom hpcgen.building_blocks.ucx import ucx as other",
    "from the module first": "from hpcgen.building_blocks.ucx import ucx\nfrom hpcgen.building_blocks import ucx as other",
    "by the finder first": "from hpcgen.block.finder import find\nucx = find('ucx')\nfrom hpcgen.building_blocks import ucx as other",
    "with a star": "from hpcgen.building_blocks import *\nfrom hpcgen.building_blocks.ucx import ucx as other",
    "as an attribute": "import hpcgen.building_blocks as b\nucx = b.ucx\nimport hpcgen.building_blocks.ucx\nother = b.ucx",
    "by importlib": "from importlib import import_module\nother = import_module('hpcgen.building_blocks.ucx').ucx\nfrom hpcgen.building_blocks import ucx",
}


@pytest.mark.parametrize("order", ORDERS)
def test_block_is_its_class_in_every_order_of_imports(order: str) -> None:
    """`from hpcgen.building_blocks import ucx` gives one and the same class, whatever was imported before."""
    assert python(f"{ORDERS[order]}\nprint(isinstance(ucx, type), ucx is other, ucx.__module__)") == "True True hpcgen.building_blocks.ucx\n"


def test_block_is_its_class_in_every_thread() -> None:
    """Threads that import a block at the same time, by its module or by its package, get one class."""
    code = """
import sys, threading
sys.setswitchinterval(1e-6)
ready, found = threading.Barrier(16), []
def one(number):
    ready.wait()
    if number % 2:
        from hpcgen.building_blocks import ucx
    else:
        from hpcgen.building_blocks.ucx import ucx
    from hpcgen.building_blocks import ucx as again
    found.extend((ucx, again))
threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), len(set(found)), all(isinstance(one, type) for one in found))
"""
    for _ in range(5):
        assert python(code) == "32 1 True\n"


def test_package_of_blocks_lists_them() -> None:
    """dir() of the package has all blocks, and importing one imports no other; a name that is none is an ImportError."""
    import hpcgen.building_blocks as material

    assert set(own()) <= set(dir(material))
    assert python("from hpcgen.building_blocks import ucx\nimport sys\nprint('hpcgen.building_blocks.openmpi' in sys.modules)") == "False\n"
    with pytest.raises(ImportError, match="nothing"):
        from hpcgen.building_blocks import nothing  # type: ignore[attr-defined]  # noqa: F401 (which is the point)
