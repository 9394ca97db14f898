"""Finds out what is meant by an image, and reads out of it what it says of itself. Nothing of the image runs."""

from __future__ import annotations

import errno
import json
import lzma
import os
import stat
import zlib
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import TYPE_CHECKING

from hpcgen.engines import layers, sif
from hpcgen.engines.collecting import BadImage, Budget, Found, is_manifest, texts
from hpcgen.errors import HpcgenError, Unreachable
from hpcgen.manifest import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

ENGINES = ("docker", "podman")

_FILES = (".sif", ".tar", ".tar.gz", ".tgz", ".sqsh", ".squashfs", ".oci")
_BEGINS = 64
_NO_LINK = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_NO_ENGINE = """start Docker, or set DOCKER_HOST, or install podman;
or name a file: SIF, squashfs, what `docker save` writes, an OCI archive or layout, a folder with the image's root"""


def inspect(image: str, *, environ: Mapping[str, str], machine: str, engine: str = "", which: str = "") -> Found:
    """What an image says of itself.

    Args:
        image: a file or folder, if there is one of that name and no engine is named; else an image's name in an engine.
        environ: DOCKER_HOST, PATH and what engines read besides.
        machine: the architecture that is meant where a file has one image for each, as `uname -m` says it.
        engine: of ENGINES: the one that is asked.
        which: the image that is meant where a file has several: name, digest or platform.

    Raises:
        Unreachable: there is no such image, it cannot be read, or no engine answers.
        UsageError: a file has several images.
    """
    if not engine and os.path.exists(image):
        return _placed(image, lambda: _of_path(image, which, machine, environ.get("PATH", "")))
    if not engine and (image.startswith(("/", "./", "../")) or image.endswith(_FILES)):
        raise Unreachable(f"'{image}' is not there")
    return _placed(image, lambda: _of_engines(image, environ, (engine,) if engine else ENGINES))


def _placed(image: str, read: Callable[[], Found]) -> Found:
    """What reading gives; an error of the image says which one it is."""
    try:
        return read()
    except HpcgenError as fault:
        if image not in fault.sentence:
            fault.sentence = f"'{image}': {fault.sentence}"
        raise


# --- files and folders ---


def _of_path(path: str, which: str, machine: str, programs: str) -> Found:
    try:
        if os.path.isdir(path):
            is_unpacked = os.path.isfile(f"{path}/manifest.json") and not os.path.isdir(f"{path}/usr")
            if not is_unpacked and not os.path.isfile(f"{path}/oci-layout"):
                return _of_folder(path)
            with closing(layers.Folder(path)) as folder:
                return layers.read(folder, which=which, machine=machine, path=programs)
        with open(path, "rb") as file:
            return _of_file(file, which, machine, programs)
    except (EOFError, zlib.error, lzma.LZMAError) as fault:
        raise BadImage(f"it is damaged: {fault}") from fault
    except OSError as fault:
        raise BadImage(fault.strerror or str(fault)) from fault


def _of_file(file: BinaryIO, which: str, machine: str, programs: str) -> Found:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise BadImage("it is no regular file")
    begins = file.read(_BEGINS)
    file.seek(0)
    if sif.is_sif(begins):
        return sif.read(file, programs)
    if sif.is_squashfs(begins):
        return sif.read_squashfs(file, programs)
    return layers.read(layers.Archive(file), which=which, machine=machine, path=programs)


def _of_folder(root: str) -> Found:
    """What a folder with an image's root file system says; no link in it is followed, since it would lead out of it."""
    budget = Budget()
    found: dict[str, bytes | None] = {}
    with ExitStack() as stack:
        folder = _opened(stack, root, FOLDER)
        for name in os.listdir(folder) if folder is not None else ():
            if is_manifest(name):
                found[name] = _content(folder, name, budget)
        manifests = layers.checked(found)
    return Found("folder", {}, _labels(root), manifests)


def _opened(stack: ExitStack, root: str, path: str) -> int | None:
    """A folder below a root, opened step by step; None where there is none."""
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    stack.callback(os.close, handle)
    for name in path.split("/"):
        try:
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
        except OSError as fault:
            if fault.errno in _NO_LINK:
                return None
            raise
        stack.callback(os.close, handle)
    return handle


def _content(folder: int | None, name: str, budget: Budget) -> bytes | None:
    """A file of an opened folder; None for what is no regular one."""
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as fault:
        if fault.errno == errno.ELOOP:
            return None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        return budget.read(file)


def _labels(root: str) -> dict[str, str]:
    """The labels that Apptainer leaves in an image's root."""
    with ExitStack() as stack, suppress(BadImage, OSError, ValueError, RecursionError):
        folder = _opened(stack, root, os.path.dirname(sif.LABELS))
        data = _content(folder, os.path.basename(sif.LABELS), Budget()) if folder is not None else None
        return texts(json.loads(data)) if data else {}
    return {}


# --- engines ---


def _of_engines(image: str, environ: Mapping[str, str], engines: tuple[str, ...]) -> Found:
    """What an image says that an engine has: those that can be reached are asked one after the other."""
    from hpcgen.engines import daemons

    asked: list[tuple[str, Callable[[], Found | None]]] = []
    if "docker" in engines:
        asked += [(host, partial(daemons.docker, image, host, environ)) for host in daemons.docker_hosts(environ)]
    if "podman" in engines and daemons.has_podman(environ):
        asked.append(("podman", partial(daemons.podman, image, environ)))
    said, faults = [], []
    for name, ask in asked:
        try:
            if found := ask():
                return found
            said.append(f"{name} has no such image")
        except BadImage:
            raise
        except Unreachable as fault:
            faults.append(fault)
            said.append(fault.sentence)
    no_file = ", and no file of that name" if engines == ENGINES else ""
    if not asked:
        missing = "no engine is here" if engines == ENGINES else f"{engines[0]} is not here"
        raise Unreachable(f"image '{image}': {missing}{no_file}", help=_NO_ENGINE)
    if not faults:
        raise Unreachable(f"there is no image '{image}'{no_file}", help="\n".join(said))
    raise Unreachable(f"image '{image}' is in no engine that answers{no_file}", help="\n".join(said)) from faults[0]
