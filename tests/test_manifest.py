from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.manifest import SCHEMA, BadManifest, Block, File, Manifest, Package, Total, read

GOOD: dict[str, Any] = {
    "schema": SCHEMA,
    "image": {"recipe": "osu.py"},
    "blocks": [{"name": "ucx", "version": "1.18.1", "digest": "4a4f", "prefix": "/opt/ucx"}],
    "packages": [{"package": "libnuma1", "version": "2.0.16-1", "block": "ucx", "why": "needed by /opt/ucx/lib/libucs.so.0", "bytes": 70}],
    "files": [
        {"path": "/opt/ucx/lib/libucs.so.0", "block": "ucx", "why": "needed by /opt/mpi/bin/info", "bytes": 5},
        {"path": "/opt/mpi/bin/info", "block": "recipe", "why": "copied by the recipe", "bytes": 7},
    ],
}
TEXT = st.text(max_size=20)
BYTES = st.integers(0, 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=10
)
MANIFESTS = st.builds(
    Manifest,
    image=st.dictionaries(TEXT, JSON, max_size=3),
    blocks=st.lists(st.builds(Block, TEXT, TEXT, TEXT, TEXT), max_size=4).map(tuple),
    packages=st.lists(st.builds(Package, TEXT, TEXT, TEXT, TEXT, BYTES), max_size=4).map(tuple),
    files=st.lists(st.builds(File, TEXT, TEXT, TEXT, BYTES), max_size=4).map(tuple),
)


def written(manifest: Manifest) -> str:
    """A manifest as the closure writes one."""
    entries = {name: [attrs.asdict(entry) for entry in getattr(manifest, name)] for name in ("blocks", "packages", "files")}
    return json.dumps({"schema": SCHEMA, "image": manifest.image, **entries})


def changed(**keys: Any) -> str:
    """The good one, with other values."""
    return json.dumps({**GOOD, **keys})


@given(MANIFESTS)
def test_what_is_written_is_read(manifest: Manifest) -> None:
    """Whatever names, reasons and sizes an image has, they are read as they stand there."""
    assert read(written(manifest)) == manifest


@given(MANIFESTS)
def test_totals_hold_everything_once(manifest: Manifest) -> None:
    """The totals of the blocks add up to all files, packages and bytes, and each block has one line."""
    totals = manifest.totals()
    assert sum(total.files for total in totals) == len(manifest.files)
    assert sum(total.packages for total in totals) == len(manifest.packages)
    assert sum(total.bytes for total in totals) == sum(one.bytes for one in manifest.entries)
    assert len({total.block for total in totals}) == len(totals) >= len({block.name for block in manifest.blocks})


@given(MANIFESTS)
def test_every_chain_of_reasons_ends(manifest: Manifest) -> None:
    """What is there for what leads from each file and package to an end, even in a circle."""
    chains = list(manifest.chains(manifest.entries))
    assert [chain[0] for chain in chains] == list(manifest.entries)
    assert all(len({entry.name for entry in chain}) == len(chain) for chain in chains)


@given(JSON)
def test_other_json_is_refused(data: Any) -> None:
    """Whatever JSON stands where a manifest should, it is refused as none and nothing else happens."""
    with pytest.raises(BadManifest):
        read(json.dumps(data))


@given(st.binary())
def test_other_bytes_are_refused(data: bytes) -> None:
    """Bytes that are no manifest are refused as none."""
    with pytest.raises(BadManifest):
        read(data)


@given(st.sampled_from(["image", "blocks", "packages", "files"]), JSON.filter(lambda value: value not in ([], {}, None)))
def test_a_list_of_something_else_is_refused(key: str, value: Any) -> None:
    """A part of a manifest that is of another form is refused, and the image's own part must be an object."""
    if key != "image" or not isinstance(value, dict):
        with pytest.raises(BadManifest):
            read(changed(**{key: value}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not JSON: Expecting value"),
        ("[" * 100_000, "it is not JSON: maximum recursion depth exceeded"),
        ('{"schema": NaN}', "it is not JSON: NaN is no number of JSON"),
        ('{"schema": 1e999}', "it is not JSON: 1e999 is no number of JSON"),
        ("1" * 5000, "it is not JSON: Exceeds the limit"),
        ("[]", "it is no object of JSON"),
        ("{}", "it is no manifest of hpcgen"),
        (changed(schema="hpcgen/manifest/v2"), "its form is 'hpcgen/manifest/v2', and this hpcgen reads hpcgen/manifest/v1"),
        (changed(schema=["hpcgen/manifest/v1"]), "it is no manifest of hpcgen"),
        (changed(image=[]), "'image' is no object of JSON"),
        (changed(files={}), "'files' is no list"),
        (json.dumps({key: value for key, value in GOOD.items() if key != "blocks"}), "'blocks' is missing"),
        (changed(files=["/opt"]), "files[0] is no object of JSON"),
        (changed(files=[{"path": "/x", "block": "ucx", "why": "y"}]), "files[0]: 'bytes' is missing, and should be a number of bytes"),
        (changed(files=[{"path": "/x", "block": "ucx", "why": "y", "bytes": True}]), "files[0]: 'bytes' is True, and should be a number of bytes"),
        (changed(files=[{"path": "/x", "block": "ucx", "why": "y", "bytes": -1}]), "files[0]: 'bytes' is -1, and should be a number of bytes"),
        (changed(files=[{"path": "/x", "block": "ucx", "why": "y", "bytes": 2**63}]), "files[0]: 'bytes' is 9223372036854775808, and"),
        (changed(files=[{"path": ["/x"], "block": "ucx", "why": "y", "bytes": 1}]), "files[0]: 'path' is a list, and should be a string"),
        (changed(packages=[{"package": None, "version": "", "block": "", "why": "", "bytes": 1}]), "packages[0]: 'package' is None, and"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    """A text that is no manifest, or of a newer form, is refused with what is wrong and where."""
    with pytest.raises(BadManifest) as refused:
        read(text)
    assert refused.value.sentence.startswith(said)
    assert refused.value.status == 1


def test_a_newer_hpcgen_may_say_more() -> None:
    """Keys that this hpcgen does not know are passed over."""
    more = {**GOOD, "more": 1, "files": [{**GOOD["files"][0], "mode": 493}]}
    assert read(json.dumps(more)).files == read(json.dumps(GOOD)).files[:1]


def test_totals_of_blocks() -> None:
    """Blocks stand in the image's order, one with two versions once, and behind them whom else something belongs to."""
    blocks = [*GOOD["blocks"], {**GOOD["blocks"][0], "version": "1.19.1"}, {**GOOD["blocks"][0], "name": "a", "version": ""}]
    assert read(changed(blocks=blocks)).totals() == (Total("ucx", "1.18.1, 1.19.1", 1, 1, 75), Total("a", "", 0, 0, 0), Total("recipe", "", 1, 0, 7))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("libnuma1", ["libnuma1"]),
        ("/opt/mpi/bin/info", ["/opt/mpi/bin/info"]),
        ("opt/mpi/bin/info/", ["/opt/mpi/bin/info"]),
        ("info", ["/opt/mpi/bin/info"]),
        ("/opt", ["/opt/ucx/lib/libucs.so.0", "/opt/mpi/bin/info"]),
        ("/opt/mpi/", ["/opt/mpi/bin/info"]),
        ("/", ["/opt/ucx/lib/libucs.so.0", "/opt/mpi/bin/info"]),
        ("/op", []),
        ("libnuma", []),
    ],
)
def test_names_are_looked_up(name: str, found: list[str]) -> None:
    """A package, a path, a folder, and a file's name without its folder lead to what is called so."""
    assert [entry.name for entry in read(json.dumps(GOOD)).named(name)] == found


def test_reasons_are_followed() -> None:
    """Each of the closure's reasons leads to the file or package that it names, that one to what needs it, and a circle is left where it closes."""
    manifest = read(json.dumps(GOOD))
    (chain,) = manifest.chains(manifest.named("libnuma1"))
    assert [entry.name for entry in chain] == ["libnuma1", "/opt/ucx/lib/libucs.so.0", "/opt/mpi/bin/info"]
    why = {"libgcc-s1": "needed by package libc6", "libc6": "opened by name by libucs.so.0", "alone": "wanted by name", "lost": "needed by /gone"}
    manifest = read(changed(packages=[{"package": name, "version": "1", "block": "x", "why": said, "bytes": 0} for name, said in why.items()]))
    assert [[entry.name for entry in chain] for chain in manifest.chains(manifest.packages)] == [
        ["libgcc-s1", "libc6", "/opt/ucx/lib/libucs.so.0", "/opt/mpi/bin/info"],
        ["libc6", "/opt/ucx/lib/libucs.so.0", "/opt/mpi/bin/info"],
        ["alone"],
        ["lost"],
    ]
    circle = [{"path": path, "block": "x", "why": f"opened by name by {other}", "bytes": 0} for path, other in (("/a", "/b"), ("/b", "/a"))]
    manifest = read(changed(files=circle))
    assert [[entry.name for entry in chain] for chain in manifest.chains(manifest.files)] == [["/a", "/b"], ["/b", "/a"]]
