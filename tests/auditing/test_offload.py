from __future__ import annotations

import struct
import zlib

import pytest
from backports import zstd
from elves import Made

from hpcgen.auditing import offload
from hpcgen.auditing.looking import Looking
from hpcgen.auditing.reading import BytesReader

HOST, GFX90A, GFX942 = "host-x86_64-unknown-linux-gnu-", "hipv4-amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-", "hip-amdgcn-amd-amdhsa--gfx942"
PARTS = {HOST: b"", GFX90A: b"a" * 3000, GFX942: b"b" * 5000}


def bundle(parts: dict[str, bytes] = PARTS) -> bytes:
    """A bundle as clang writes it: a list, then the code, each at a multiple of a page."""
    length = len(offload.MAGIC) + 8 + sum(24 + len(name) for name in parts)
    listed, body = b"", b""
    for name, code in parts.items():
        at = -(-(length + len(body)) // 4096) * 4096
        listed += struct.pack("<QQQ", at, len(code), len(name)) + name.encode()
        if code:
            body = body.ljust(at - length, b"\0") + code
    return offload.MAGIC + struct.pack("<Q", len(parts)) + listed + body


def compressed(version: int, method: int) -> bytes:
    """The same compressed: the head has the whole length from its second version on."""
    plain = bundle()
    body = zlib.compress(plain) if method == 0 else zstd.compress(plain)
    if version == 1:
        return b"CCOB" + struct.pack("<HHIQ", 1, method, len(plain), 7) + body
    form = "<IIQ" if version == 2 else "<QQQ"
    return b"CCOB" + struct.pack("<HH", version, method) + struct.pack(form, 8 + struct.calcsize(form) + len(body), len(plain), 7) + body


def codes(content: bytes) -> list[tuple[str, str, int, int, str]]:
    """Kind, architecture, container, unpacked bytes and compression of each piece."""
    found = offload.codes(BytesReader(content), 0, len(content))
    return [(one.kind, one.architecture, one.container, one.size, one.compression) for one in found]


def test_bundles_are_read_one_behind_the_other() -> None:
    """Each target's code has its architecture and bytes, in each of several bundles, and the host's part is none."""
    content = bundle().ljust(16384, b"\0") + bundle({GFX942: b"c" * 10}) + bytes(100)
    assert codes(content) == [("sass", "gfx90a", 0, 3000, ""), ("sass", "gfx942", 0, 5000, ""), ("sass", "gfx942", 1, 10, "")]


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("method", [0, 1])
def test_compressed_bundles_are_read(version: int, method: int) -> None:
    """A compressed bundle tells its targets; what it takes in the file is divided by their unpacked bytes."""
    content = compressed(version, method)
    whole = content + compressed(version, method)
    name = "zlib" if method == 0 else "zstd"
    assert codes(whole) == [("sass", arch, number, size, name) for number in (0, 1) for arch, size in (("gfx90a", 3000), ("gfx942", 5000))]
    stored = [one.stored for one in offload.codes(BytesReader(whole), 0, len(whole))]
    assert stored == [len(content) * 3000 // 8000, len(content) * 5000 // 8000] * 2


def test_a_librarys_bundles_are_its_gpu_code() -> None:
    """The section of bundles in a library is told as its GPU code."""
    fact = Looking().look("lib.so", BytesReader(Made(sections=((".hip_fatbin", bundle()),)).built()))
    assert fact is not None
    assert fact["gpu"] == [[".hip_fatbin", 1, [["sass", "gfx90a", "", 3000, 1], ["sass", "gfx942", "", 5000, 1]]]]


@pytest.mark.parametrize(
    "content",
    [
        bundle()[:-100],
        offload.MAGIC + struct.pack("<Q", 1 << 40),
        offload.MAGIC + struct.pack("<QQQQ", 1, 0, 0, 1 << 50),
        compressed(2, 1)[:-10],
        compressed(2, 1)[:40] + bytes(200),
        b"CCOB" + struct.pack("<HH", 9, 0) + bytes(100),
    ],
)
def test_a_damaged_bundle_says_so(content: bytes) -> None:
    """A bundle that is cut off, or of a form that is not known, is an error."""
    with pytest.raises(offload.BadBundle):
        codes(content)
