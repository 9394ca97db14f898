"""Downloads one file: resumed where it broke off, checked, and put in its place whole."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

import attrs

import hpcgen
from hpcgen.errors import HpcgenError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 1 << 18
TRIES = 3
"""How often in a row a server may break off without having sent anything."""
_AGAIN = (429, 500, 502, 503, 504)
"""What a server says that may be over in a moment."""


class WrongChecksum(HpcgenError):
    """A file is not the one that the recipe names."""

    kind = "wrong checksum"
    status = 3


@attrs.frozen
class Line:
    """How files are brought: what a test would do otherwise.

    Attributes:
        timeout: seconds without a byte after which a connection is given up.
        pause: seconds before the first further try; twice as long before each next.
        moved: told of bytes that are there, and of all that are expected (0: unknown).
    """

    timeout: float = 60
    pause: float = 1
    moved: Callable[[int, int], None] = lambda have, total: None


class _BrokeOff(Exception):
    """A connection ended early; another try may bring the rest."""


def bring(url: str, partial: str, line: Line) -> None:
    """Downloads a URL to a file that may hold its beginning already.

    Raises:
        Unreachable: it is not there, or the server does not answer, or breaks off again and again.
    """
    failures = 0
    while True:
        before = _size(partial)
        try:
            _once(url, partial, before, line)
        except _BrokeOff as fault:
            failures = 1 if _size(partial) > before else failures + 1
            if failures >= TRIES:
                raise Unreachable(f"{url}: {fault}") from fault
            time.sleep(line.pause * 2 ** (failures - 1))
        else:
            return


def _once(url: str, partial: str, have: int, line: Line) -> None:
    """One try. What has come is in the file whatever happens."""
    headers = {"User-Agent": f"hpcgen/{hpcgen.__version__}"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=line.timeout) as answer:  # noqa: S310 (file: is wanted)
            start = _start(answer, have)
            total = _total(answer, start)
            with open(partial, "r+b" if start else "wb") as stream:
                stream.seek(start)
                stream.truncate()
                _pour(answer, stream, start, total, line)
    except urllib.error.HTTPError as fault:
        _refused(url, fault, partial, have)
    except urllib.error.URLError as fault:
        if isinstance(fault.reason, FileNotFoundError | IsADirectoryError | PermissionError):
            raise Unreachable(f"{url}: {fault.reason.strerror}") from fault
        raise _BrokeOff(str(fault.reason)) from fault
    except (ConnectionError, TimeoutError, http.client.HTTPException) as fault:
        raise _BrokeOff(str(fault) or type(fault).__name__) from fault
    except ValueError as fault:
        raise Unreachable(f"{url}: {fault}") from fault


def _start(answer: http.client.HTTPResponse, have: int) -> int:
    """Where in the file an answer begins: a server that does not resume sends all of it."""
    if answer.status != HTTPStatus.PARTIAL_CONTENT:
        return 0
    told = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if told is None or int(told[1]) != have:
        raise _BrokeOff("the server sent another part than it was asked for")
    return have


def _total(answer: http.client.HTTPResponse, start: int) -> int:
    length = answer.headers.get("Content-Length", "")
    return start + int(length) if length.isdigit() else 0


def _pour(answer: http.client.HTTPResponse, stream: BinaryIO, start: int, total: int, line: Line) -> None:
    have = start
    line.moved(have, total)
    while chunk := answer.read(CHUNK):
        stream.write(chunk)
        have += len(chunk)
        line.moved(have, total)
    if total and have < total:
        raise _BrokeOff(f"the connection ended after {have} of {total} bytes")


def _refused(url: str, fault: urllib.error.HTTPError, partial: str, have: int) -> None:
    """What an HTTP error means: the file is complete, there is hope, or there is none."""
    with fault:
        if fault.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            if fault.headers.get("Content-Range", "") != f"bytes */{have}":
                os.unlink(partial)
                raise _BrokeOff("what an earlier run left is longer than the file")
            return
        if fault.code in _AGAIN:
            raise _BrokeOff(f"the server says {fault.code} {fault.reason}") from fault
        raise Unreachable(f"{url}: the server says {fault.code} {fault.reason}") from fault


def _size(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0


def sha256_of(path: str) -> str:
    """The checksum of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def bring_checked(url: str, partial: str, sha256: str, line: Line) -> None:
    """As `bring`; what is left of an earlier run is not trusted: if the whole is wrong, it is brought once more from its start.

    Raises:
        WrongChecksum: the file that the URL gives has another checksum.
    """
    resumed = _size(partial) > 0
    bring(url, partial, line)
    found = sha256_of(partial)
    if found == sha256:
        return
    os.unlink(partial)
    if resumed:
        bring_checked(url, partial, sha256, line)
        return
    raise WrongChecksum(
        f"{url}: its sha256 is {found}, the recipe says {sha256}", help="the file was changed, or the recipe names another one; nothing is kept"
    )


def candidates(mirror: str, path: str, url: str) -> Iterator[str]:
    """Where a file may come from: the mirror, if there is one and it can hold it, then its own address."""
    if mirror and path:
        base = mirror if "://" in mirror else f"file://{quote(os.path.abspath(mirror))}"
        yield f"{base.rstrip('/')}/{quote(path)}"
    yield url
