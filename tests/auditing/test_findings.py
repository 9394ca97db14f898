from __future__ import annotations

from typing import Any

import pytest
from elves import Made
from inspected import FIXTURES, Streamed, case

from hpcgen.auditing import duplicates, findings, layer_findings
from hpcgen.auditing.case import MOST_EVIDENCE
from hpcgen.auditing.report import BlockBytes, Finding, Ignore, Layer
from hpcgen.auditing.tables import WASTE_KINDS, Wastes

MB = 1_000_000


def told(tree: dict[str, Any], **more: Any) -> dict[str, Finding]:
    """The findings of a made-up image by their id; none may be told twice here."""
    found = findings.find(case(tree, **more)).findings
    by_id = {one.id: one for one in found}
    assert len(by_id) == len(found)
    return by_id


def shown(finding: Finding) -> dict[str, int]:
    """Path -> bytes."""
    return {one.path: one.bytes for one in finding.evidence}


# --- by place and mode ---


def test_a_cache_is_told_with_its_folder_and_its_bytes() -> None:
    """What is in one cache is one line of evidence, with all its bytes and how many files they are."""
    found = told({"var/lib/apt/lists/one": 50_000, "var/lib/apt/lists/two": 50_000, "usr/bin/grep": MB})["C001"]
    assert (found.saving.rootfs, found.count, found.confidence) == (100_000, 2, "exact")
    assert [(one.path, one.bytes, one.note) for one in found.evidence] == [("var/lib/apt/lists", 100_000, "2 files")]
    assert "in the RUN that installs" in found.fix


def test_what_is_below_its_threshold_is_not_told() -> None:
    """A few kilobytes of a cache are no finding."""
    assert told({"var/lib/apt/lists/one": 5000}) == {}


def test_what_only_builds_need_is_told_of_runtime_images_alone() -> None:
    """Headers, static libraries and compilers are findings where programs run, and none where they are built."""
    tree = {"opt/x/include/x.h": MB, "opt/x/lib/libx.a": MB, "usr/bin/gcc": 2 * MB}
    assert told(tree).keys() == {"R001", "R002", "R003"}
    assert told(tree, runtime=False).keys() == set()


def test_findings_of_the_base_image_and_of_blocks_stand_alone() -> None:
    """The same finding is told once for the base image, once for each building block, and once for the rest."""
    made = case(
        {"usr/share/doc/a": MB, "opt/ucx/share/doc/b": 2 * MB, "opt/x/share/doc/c": 3 * MB},
        layers=(Layer(0, is_base=True), Layer(1, is_base=False)),
        blocks=(BlockBytes("ucx"), BlockBytes("libc6", kind="package")),
    )
    made.files.layers[1] = made.files.layers[2] = 1
    made.files.blocks.extend((1, 0, 1))
    found = [one for one in findings.find(made).findings if one.id == "D001"]
    assert [(one.in_base, one.block, one.saving.rootfs) for one in found] == [(False, -1, 3 * MB), (False, 0, 2 * MB), (True, -1, MB)]


def test_compressed_bytes_are_told_where_they_are_known() -> None:
    """A finding says what it costs a registry and a SIF where files' compressed bytes are known, and nothing where not."""
    made = case({"usr/share/doc/a": MB})
    assert next(iter(findings.find(made).findings)).saving.pull is None
    made.files.pulls = made.files.sizes[:]
    made.files.pulls[0] = 1234
    saving = next(iter(findings.find(made).findings)).saving
    assert (saving.pull, saving.sif) == (1234, None)


def test_setuid_programs_and_what_everybody_writes_are_told() -> None:
    """Programs with other rights and world-writable files are named with their bits; sticky folders and links are not."""
    found = told(
        {"usr/bin/su": (0o4755, 10), "usr/bin/wall": (0o2755, 10), "tmp": (0o1777, None), "data": (0o777, None), "x": (0o666, 10), "l": ("link", "x")}
    )
    assert {one.path: one.note for one in found["S001"].evidence} == {"usr/bin/su": "setuid", "usr/bin/wall": "setgid"}
    assert {one.path: one.note for one in found["S002"].evidence} == {"data": "777", "x": "666"}


def test_secrets_are_found_where_they_are_shown_and_where_they_are_hidden() -> None:
    """A key that a later layer deletes is told with the layer that still holds it; test keys of packages are not."""
    wastes = Wastes()
    wastes.add("deleted", "root/.ssh/id_ed25519", 400, 2, 5)
    tree = {"root/.aws/credentials": 100, "usr/lib/python3/dist-packages/x/server.key": 10, "etc/ssl/certs/ca.pem": 10, "root/.netrc": 0}
    found = told(tree, wastes=wastes)["S003"]
    assert {one.path: (one.layer, one.note) for one in found.evidence} == {
        "root/.aws/credentials": (0, ""),
        "root/.ssh/id_ed25519": (2, "hidden by layer 5, and still sent"),
    }
    assert found.severity == "error"


def test_no_more_paths_are_told_than_are_worth_a_look() -> None:
    """A finding names its largest paths, and says how many there are."""
    found = told({f"opt/x{number}/lib/libx.a": MB + number for number in range(50)})["R001"]
    assert (len(found.evidence), found.count) == (MOST_EVIDENCE, 50)
    assert [one.bytes for one in found.evidence] == [MB + number for number in range(49, 49 - MOST_EVIDENCE, -1)]


def test_what_is_to_be_ignored_stands_alone_with_its_reason() -> None:
    """Files that an ignored glob matches become a finding of their own that says why, and the rest is still told."""
    ignore = (Ignore("R002", "kernels are compiled at run time", "opt/app/include/**"), Ignore("D*", "wanted", "usr/share/man/**"))
    made = case({"opt/app/include/a.h": MB, "opt/x/include/b.h": 2 * MB, "usr/share/man/m": MB}, ignore=ignore)
    found = [(one.id, one.saving.rootfs, one.ignored) for one in findings.find(made).findings]
    assert found == [("R002", 2 * MB, ""), ("D001", MB, "wanted"), ("R002", MB, "kernels are compiled at run time")]


# --- layers ---


@pytest.mark.parametrize("kind", WASTE_KINDS)
def test_each_kind_of_waste_has_its_finding(kind: str) -> None:
    """Hidden bytes are told by why they are hidden, with the layer that stored them and the one that hid them."""
    wastes = Wastes()
    same = kind == "duplicate-in-layer"
    for number in range(10):
        wastes.add(kind, f"opt/app/lib/{number}", 100_000, 1, 1 if same else 2)
    wastes.add(kind, "etc/x", 1000, 1, 1 if same else 2)
    layers = (Layer(0), Layer(1, instruction="RUN make  install"), Layer(2, instruction="RUN rm -rf /opt"))
    found = told({}, wastes=wastes, layers=layers)
    (finding,) = found.values()
    assert finding.saving.rootfs == 1_001_000
    assert finding.id == {"deleted": "L001", "identical-rewrite": "L002", "overwritten": "L003", "duplicate-in-layer": "L005"}.get(kind, "L004")
    assert [one.path for one in finding.evidence] == ["opt/app/lib"]
    assert ("twice in layer 1" if same else "stored by layer 1 (RUN make install), hidden by layer 2 (RUN rm -rf /opt)") in finding.evidence[0].note


def test_the_heaviest_folder_is_the_lowest_with_most_of_the_bytes() -> None:
    """Evidence goes down into folders as long as one holds most of the bytes, and names a file where it is one."""
    assert layer_findings.heaviest(["a/b/c", "a/b/d", "x"], [45, 45, 10]) == "a/b"
    assert layer_findings.heaviest(["a/b/c", "a/b/d", "x"], [90, 5, 5]) == "a/b/c"
    assert layer_findings.heaviest(["a", "b"], [5, 5]) == "/"
    assert layer_findings.heaviest(["/".join("a" * 2000)], [1]) == "/".join("a" * 2000)


def test_empty_layers_and_tiny_files_are_told_when_there_are_many() -> None:
    """A handful of layers without content is no finding, a dozen is; so are fifty thousand files that are smaller than what they cost."""
    few, many = (tuple(Layer(number, instruction="WORKDIR /x") for number in range(count)) for count in (3, 12))
    assert told({"a": 10}, layers=few) == {}
    assert told({"a": 10}, layers=many)["L006"].count == 12
    found = told({f"opt/app/{number}": 100 for number in range(50_000)})["Z003"]
    assert (found.count, found.saving.rootfs, found.confidence) == (50_000, 50_000 * (512 + 412), "estimated")


def test_what_nobody_claims_is_told() -> None:
    """Bytes above the base image that belong to no block and no package are a finding, those of the base are not."""
    made = case({"opt/mine/a": 2 * MB, "opt/ucx/b": 2 * MB, "usr/c": 2 * MB}, layers=(Layer(0, is_base=True), Layer(1)), blocks=(BlockBytes("ucx"),))
    made.files.layers[0] = made.files.layers[1] = 1
    made.files.blocks.extend((-1, 0, -1))
    found = [one for one in findings.find(made).findings if one.id == "A001"]
    assert [shown(one) for one in found] == [{"opt/mine/a": 2 * MB}]


# --- ELF files ---


def library(soname: str = "", **more: Any) -> bytes:
    """A shared library."""
    return Made(soname=soname, **more).built()


def program(*needed: str, **more: Any) -> bytes:
    """A program."""
    return Made(needed=needed, interpreter="/lib64/ld.so", **more).built()


def test_debug_data_and_symbols_are_told_by_their_bytes() -> None:
    """Sections for debuggers and whole files for debuggers are one finding, symbols of stripped files none."""
    sections = ((".debug_info", bytes(300_000)), (".symtab", bytes(MB)), (".strtab", bytes(200_000)))
    found = told({"opt/lib/liba.so": library("liba.so", sections=sections), "usr/lib/debug/x.debug": 400_000})
    assert shown(found["E001"]) == {"usr/lib/debug": 400_000, "opt/lib/liba.so": 300_000}
    assert shown(found["E002"]) == {"opt/lib/liba.so": 1_200_000}


def test_a_damaged_file_is_told_and_stops_nothing() -> None:
    """An ELF file that is cut off is a finding of its own, and the others are still read."""
    good = library("libgood.so", sections=((".debug_info", bytes(300_000)),))
    found = told({"lib/libbad.so": good[:-40], "lib/libgood.so": good})
    assert [one.path for one in found["E005"].evidence] == ["lib/libbad.so"]
    assert found["E001"].saving.rootfs == 300_000


def test_several_mpis_are_told() -> None:
    """Two MPI libraries, under whatever names, and one library in two places are told, but for the largest of each."""
    pad = ((".data", bytes(300_000)),)
    found = told(
        {
            "usr/lib/libmpi.so.40": library("libmpi.so.40", sections=pad),
            "opt/mpich/lib/libmpi.so.12": library("libmpi.so.12", sections=((".data", bytes(400_000)),)),
            "opt/a/libz.so.1": library("libz.so.1", sections=((".data", bytes(1000)),)),
            "opt/b/libz.so.1": library("libz.so.1", sections=((".data", bytes(2000)),)),
            "opt/b/libother.so": library("libother.so", sections=pad),
        }
    )["F002"]
    notes = {one.path: one.note for one in found.evidence}
    assert notes["usr/lib/libmpi.so.40"] == "MPI: libmpi.so.40, 2 of them"
    assert notes["opt/a/libz.so.1"] == "libz.so.1, 2 of them"
    assert "opt/b/libother.so" not in notes
    assert 301_000 < found.saving.rootfs < 303_000


def test_stubs_on_the_search_path_are_told() -> None:
    """A stub of the driver that the loader would find is an error that names who put it on the path."""
    tree = {
        "usr/local/cuda/lib64/stubs/libcuda.so": 10,
        "etc/ld.so.conf": b"include /etc/ld.so.conf.d/*.conf\n",
        "etc/ld.so.conf.d/cuda.conf": b"/usr/local/cuda/lib64/stubs # no\n",
    }
    by_file, by_variable = told(tree), told({"opt/stubs/libcuda.so": 10}, environment={"LD_LIBRARY_PATH": "/opt/lib:/opt/stubs"})
    assert (by_file["E006"].severity, by_file["E006"].evidence[0].note) == ("error", "by etc/ld.so.conf.d/cuda.conf")
    assert by_variable["E006"].evidence[0].note == "by LD_LIBRARY_PATH"
    assert "E006" not in told({"opt/stubs/libcuda.so": 10})


PAD = ((".data", bytes(2 * MB)),)


def unreachable(tree: dict[str, Any], **more: Any) -> set[str]:
    """The libraries that nothing asks for."""
    found = told(tree, **more).get("E003")
    return {one.path for one in found.evidence} if found else set()


def test_a_library_that_a_program_asks_for_is_reached_by_the_loaders_rules() -> None:
    """Libraries are found by a program's own folders, the environment, the loader's configuration and its defaults, and through others."""
    tree = {
        "opt/app/bin/one": program("liba.so", "libenv.so", "libconf.so", "libdef.so.1", "libplugged.so", rpath="$ORIGIN/../lib"),
        "opt/app/lib/liba.so": library("liba.so", needed=("libb.so",), runpath="${ORIGIN}/deep", sections=PAD),
        "opt/app/lib/deep/libb.so": library("libb.so", sections=PAD),
        "opt/env/libenv.so": library("libenv.so", sections=PAD),
        "opt/conf/libconf.so": library("libconf.so", sections=PAD),
        "etc/ld.so.conf": b"/opt/conf\n",
        "lib": ("link", "usr/lib"),
        "usr/lib/x86_64-linux-gnu/libdef.so.1": ("link", "libdef.so.1.2"),
        "usr/lib/x86_64-linux-gnu/libdef.so.1.2": library("libdef.so.1", sections=PAD),
        "opt/app/plugins/libplugged.so": library("libplugged.so", sections=PAD),
        "opt/app/lib/libnever.so": library("libnever.so", sections=PAD),
    }
    assert unreachable(tree, environment={"LD_LIBRARY_PATH": "/opt/env"}) == {"opt/app/lib/libnever.so"}


def test_a_library_for_another_machine_is_not_the_one_that_is_found() -> None:
    """A program goes past a library of another word length to the one that it can load."""
    tree = {
        "bin/one": program("liba.so", runpath="/one:/two"),
        "one/liba.so": library("liba.so", bits=32, sections=PAD),
        "two/liba.so": library("liba.so", sections=PAD),
    }
    assert unreachable(tree) == {"one/liba.so"}


def test_what_programs_open_by_name_is_reached() -> None:
    """Names in a program that calls dlopen, plugins, modules of Python and what is preloaded count as asked for."""
    names = ((".rodata", b"see /opt/x/libnot.so for more\0libopened.so.2\0/opt/lib/libfull.so\0"),)
    tree = {
        "bin/one": program("dlopen", sections=names),  # the table of names has the word, as where the function is imported
        "opt/lib/libopened.so.2": library("libopened.so.2", sections=PAD),
        "opt/lib/libfull.so": library("libfull.so", sections=PAD),
        "opt/lib/libnot.so": library("libnot.so", sections=PAD),
        "opt/lib/openmpi/mca_btl_tcp.so": library(needed=("libtransport.so",), sections=PAD),
        "usr/lib/libtransport.so": library("libtransport.so", sections=PAD),
        "usr/lib/python3/dist-packages/x.cpython-312.so": library(sections=PAD),
        "opt/lib/libloaded.so": library("libloaded.so", sections=PAD),
    }
    assert unreachable(tree, environment={"LD_PRELOAD": "/opt/lib/libloaded.so"}) == {"opt/lib/libnot.so"}


# --- copies ---

ONE, TWO = b"1" * 300_000, b"1" * 150_000 + b"2" + b"1" * 149_999


@pytest.mark.parametrize("kind", ["read", "streamed"])
def test_equal_files_are_told_and_all_but_one_count(kind: str) -> None:
    """Files of the same bytes under other names are a saving of all but one, whether content can be read again or went by."""
    tree = {"opt/long/path/a": ONE, "opt/a": ONE, "opt/b": TWO, "opt/c": ONE, "opt/small": b"x", "opt/small2": b"x"}
    found = told(tree, **({"memory": Streamed} if kind == "streamed" else {}))["F001"]
    assert {one.path: one.note for one in found.evidence} == {"opt/long/path/a": "as opt/a", "opt/c": "as opt/a"}
    assert found.saving.rootfs == 600_000


def test_only_what_may_be_equal_is_read_whole() -> None:
    """Files that differ in size, beginning or end are told apart without their checksum."""
    made = case({"a": b"x" * 10_000, "b": b"x" * 10_001, "c": b"y" + b"x" * 9_999, "d": b"x" * 9_999 + b"y", "e": b"x" * 5000, "f": b"x" * 5000})
    assert duplicates.groups(made) == [[4, 5]]
    assert made.contents.summed == []  # type: ignore[attr-defined]
    made = case({"a": b"x" * 5000 + b"1" + b"x" * 5000, "b": b"x" * 5000 + b"2" + b"x" * 5000})
    assert duplicates.groups(made) == []
    assert sorted(made.contents.summed) == ["a", "b"]  # type: ignore[attr-defined]


def test_findings_are_ordered_and_the_same_every_time() -> None:
    """Errors come first, then warnings, each with the largest saving first, and a second look gives the same."""
    tree = {
        "root/.aws/credentials": 100,
        "usr/share/doc/a": 2 * MB,
        "usr/share/locale/de": 3 * MB,
        "usr/bin/su": (0o4755, 5),
        "opt/a": ONE,
        "opt/b": ONE,
    }
    first, second = (findings.find(case(tree)).findings for _ in range(2))
    assert [one.id for one in first] == ["S003", "D002", "D001", "F001", "S001"]
    assert first == second


def test_headers_alone_tell_what_layers_hide() -> None:
    """An audit of headers alone looks at layers, and neither at paths nor into files."""
    made = case({"usr/share/doc/a": MB, "opt/a.so": (FIXTURES / "gpu-raw.o").read_bytes(), "opt/b": ONE, "opt/c": ONE})
    found = findings.find(made, content=False)
    assert [one.id for one in found.findings] == []
    assert (found.gpu, found.copies) == ((), ())
    assert made.contents.looked == 0  # type: ignore[attr-defined]
