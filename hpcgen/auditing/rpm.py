"""RPM's database of installed packages, in the three forms that distributions have: which files are whose.

SQLite (RHEL 9, Fedora), ndb (SUSE), Berkeley DB's hash (RHEL 8 and older). https://github.com/rpm-software-management/rpm/tree/master/lib/backend
"""

from __future__ import annotations

from struct import Struct, error
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from hpcgen.auditing.reading import Reader

FILES = ("rpmdb.sqlite", "Packages.db", "Packages")
MOST = 256 << 20
"""Bytes of a database that is read: 50 times that of a large installation."""
_SQLITE = b"SQLite format 3\0"
_STEPS = 1_000_000
"""Of SQLite's machine, before it is told to stop: a database of 2,000 packages takes 20,000."""
_NDB = b"RpmP"
_SLOT, _BLOB = Struct("<4sIII"), Struct("<4sIII")
_PAGE = 4096
_BDB = 0x00061561
_HASH_PAGES = (2, 13)
_OVERFLOW = 7
_OFF_PAGE = 3
_NAME, _VERSION, _RELEASE, _DIRECTORY_INDEXES, _BASE_NAMES, _DIRECTORIES = 1000, 1001, 1002, 1116, 1117, 1118


class BadDatabase(Exception):
    """A database that is none, is damaged, or is of a form that is not read."""


class Package(NamedTuple):
    """An installed package; `folders` end with a slash, `indexes` says for each name in which of them it is."""

    name: str
    version: str
    folders: list[str]
    indexes: list[int]
    names: list[str]


def packages(reader: Reader) -> Iterator[Package]:
    """All packages of a database.

    Raises:
        BadDatabase: it cannot be read; before that it gives those that can.
    """
    if reader.size > MOST:
        raise BadDatabase(f"it has more than {MOST} bytes")
    data = reader.read(0, reader.size)
    if data.startswith(_SQLITE):
        headers = _of_sqlite(data)
    elif data.startswith(_NDB):
        headers = _of_ndb(data)
    else:
        headers = _of_bdb(data)
    try:
        for header in headers:
            found = _package(header)
            if found:
                yield found
    except (error, IndexError) as fault:
        raise BadDatabase("it ends early") from fault


# --- headers ---


def _package(header: bytes) -> Package | None:
    """What a package's header says; None for one that is none, such as a signing key."""
    count, length = Struct(">II").unpack_from(header)
    start = 8 + 16 * count
    if start + length > len(header):
        raise BadDatabase("a package's header is longer than its place")
    rows = {tag: (place, number) for tag, _, place, number in Struct(">IIII").iter_unpack(header[8:start])}
    data = header[start : start + length]
    if _NAME not in rows:
        return None
    version = f"{_string(data, rows, _VERSION)}-{_string(data, rows, _RELEASE)}"
    place, number = rows.get(_DIRECTORY_INDEXES, (0, 0))
    indexes = list(Struct(f">{min(number, length)}I").unpack_from(data, place))
    return Package(_string(data, rows, _NAME), version, _strings(data, rows, _DIRECTORIES), indexes, _strings(data, rows, _BASE_NAMES))


def _string(data: bytes, rows: dict[int, tuple[int, int]], tag: int) -> str:
    return next(iter(_strings(data, rows, tag, 1)), "")


def _strings(data: bytes, rows: dict[int, tuple[int, int]], tag: int, most: int | None = None) -> list[str]:
    """The strings of a tag, which end with a NUL each."""
    place, number = rows.get(tag, (0, 0))
    number = number if most is None else min(number, most)
    if number > len(data):
        raise BadDatabase("a header has more strings than bytes")
    found = []
    for _ in range(number):
        end = data.find(b"\0", place)
        end = end if end >= 0 else len(data)
        found.append(data[place:end].decode("utf-8", "surrogateescape"))
        place = end + 1
    return found


# --- SQLite ---


def _of_sqlite(data: bytes) -> Iterator[bytes]:
    """The headers in a database of SQLite, which is looked into in memory: without its log, and without what its schema would run."""
    import sqlite3

    plain = data[:18] + b"\1\1" + data[20:]  # not "with a log beside it", which cannot be had
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(plain)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST)
        connection.set_progress_handler(lambda: 1, _STEPS)
        connection.execute("PRAGMA trusted_schema = OFF")
        yield from _blobs(connection)
    except (sqlite3.Error, MemoryError, OverflowError) as fault:
        raise BadDatabase(f"SQLite: {fault}") from fault
    finally:
        connection.close()


def _blobs(connection: sqlite3.Connection) -> Iterator[bytes]:
    kinds = connection.execute("SELECT type FROM sqlite_schema WHERE name = 'Packages'").fetchall()
    if kinds != [("table",)]:
        raise BadDatabase("SQLite: it has no table of packages")
    for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum"):
        if isinstance(blob, bytes):
            yield blob


# --- ndb ---


def _of_ndb(data: bytes) -> Iterator[bytes]:
    """The headers in a database of ndb: slots say where each lies."""
    (pages,) = Struct("<I").unpack_from(data, 12)
    end = min(pages * _PAGE, len(data))
    left = len(data)
    for at in range(2 * _SLOT.size, end - _SLOT.size + 1, _SLOT.size):
        magic, number, block, _ = _SLOT.unpack_from(data, at)
        if magic != b"Slot" or not number:
            continue
        start = block * _BLOB.size
        blob, own, _, length = _BLOB.unpack_from(data, start)
        left -= length
        if blob != b"BlbS" or own != number or left < 0:
            raise BadDatabase("ndb: a slot leads to no package")
        yield data[start + _BLOB.size : start + _BLOB.size + length]


# --- Berkeley DB ---


def _of_bdb(data: bytes) -> Iterator[bytes]:
    """The headers in a hash of Berkeley DB: values that lie in chains of pages of their own."""
    order = next((one for one in "<>" if len(data) >= 512 and Struct(f"{one}I").unpack_from(data, 12)[0] == _BDB), "")  # noqa: PLR2004 (its smallest page)
    if not order:
        raise BadDatabase("it is none that is known: neither SQLite, nor ndb, nor a hash of Berkeley DB")
    (size,) = Struct(f"{order}I").unpack_from(data, 20)
    if not 512 <= size <= 65536 or size & (size - 1):  # noqa: PLR2004 (what Berkeley DB allows)
        raise BadDatabase("Berkeley DB: its pages have no size that there is")
    book = _Book(data, order, size)
    for page in range(1, len(data) // size):
        for first, length in book.values(page):
            yield book.chain(first, length)


class _Book:
    """Pages of Berkeley DB."""

    def __init__(self, data: bytes, order: str, size: int) -> None:
        self.data = data
        self.size = size
        self.order = order
        self.head = Struct(f"{order}8xIIIHHBB")
        self.off_page = Struct(f"{order}B3xII")
        self.used: set[int] = set()

    def values(self, page: int) -> Iterator[tuple[int, int]]:
        """First page and length of the long values on a page: keys and values take turns."""
        start = page * self.size
        _, _, _, entries, _, _, kind = self.head.unpack_from(self.data, start)
        if kind not in _HASH_PAGES or 2 * entries > self.size - self.head.size:
            return
        places = Struct(f"{self.order}{entries}H").unpack_from(self.data, start + self.head.size)
        for place in places[1::2]:
            kind, first, length = self.off_page.unpack_from(self.data, start + place)
            if kind == _OFF_PAGE:
                yield first, length

    def chain(self, page: int, length: int) -> bytes:
        """A value that lies on pages of its own."""
        parts: list[bytes] = []
        have = 0
        while page and have < length:
            start = page * self.size
            _, _, following, _, used, _, kind = self.head.unpack_from(self.data, start)
            if kind != _OVERFLOW or page in self.used or used > self.size - self.head.size:
                raise BadDatabase("Berkeley DB: a chain of pages leads to another's")
            self.used.add(page)
            parts.append(self.data[start + self.head.size : start + self.head.size + used])
            have += used
            page = following
        return b"".join(parts)[:length]
