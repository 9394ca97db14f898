from __future__ import annotations

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal

from hpcgen.errors import Conflict, UnknownVersion, WrongValue
from hpcgen.graph.nodes import Copy, Fetch, Git, Label, Run

URL = "url='https://example.org/tcl8.6.9-src.tar.gz', sha256=None, prefix='/usr/local/tcl'"
COMMIT = "4d2d8aa52a9c2b8d5bdf8d4c1a4dfb1a9f7c1c05"
KINDS = ("generic_autotools", "generic_cmake", "generic_build")


@pytest.mark.parametrize(
    ("source", "folder", "strip"),
    [
        (URL, "/usr/local/src/tcl8.6.9-src", 1),
        (f"{URL}, directory='tcl8.6.9/unix'", "/usr/local/src/tcl8.6.9-src/tcl8.6.9/unix", 0),
        (f"{URL}, directory='/opt/src/tcl'", "/opt/src/tcl", 0),
        (f"repository='https://example.org/quda.git', commit='{COMMIT}'", "/usr/local/src/quda", None),
        (f"repository='https://example.org/quda.git', commit='{COMMIT}', directory='quda/lib'", "/usr/local/src/quda/lib", None),
        (f"repository='https://example.org/quda', commit='{COMMIT}', directory='lib'", "/usr/local/src/quda/lib", None),
    ],
)
@pytest.mark.parametrize("block", KINDS)
def test_folder_to_build_in(block: str, source: str, folder: str, strip: int | None) -> None:
    """A source is built in its only top folder, or where directory says, counted from the top of the archive as HPCCM does."""
    graph = plan(f"Stage0 += {block}({source}{', build=[chr(97)]' if block == 'generic_build' else ''})")
    assert nodes(graph, Run)[0].cwd == folder
    if strip is not None:
        assert nodes(graph, Fetch)[0].strip == strip


def test_autotools_commands() -> None:
    """preconfigure, configure, postconfigure, make, check, install and postinstall run in this order, in HPCCM's folders."""
    said = commands(
        plan(
            f"Stage0 += generic_autotools({URL}, preconfigure=['pre'], postconfigure=['post'], postinstall=['done'], check=True, "
            "build_environment={'FOO': 'a b'}, configure_opts=['--x'], with_y='/z', parallel=4)"
        )
    )
    assert [command for command in said if "configure" not in command] == [
        "pre",
        "post",
        "make -j4",
        "make -j4 check",
        "make install",
        "find /usr/local/tcl -name '*.la' -delete",
        "cd /usr/local/tcl",
        "done",
        "rm -rf /usr/local/src/tcl8.6.9-src",
    ]
    assert said[1] == "LDFLAGS=-Wl,--enable-new-dtags FOO='a b' ./configure --prefix=/usr/local/tcl --with-y=/z --x"


def test_autotools_in_a_folder_of_its_own() -> None:
    """build_directory is where configure and make run; an absolute one is removed in the end."""
    said = commands(plan(f"Stage0 += generic_autotools({URL}, build_directory='/tmp/b', make=False, install=False)"))
    assert said[:2] == ["mkdir -p /tmp/b", "cd /tmp/b"]
    assert "/usr/local/src/tcl8.6.9-src/configure --prefix" in said[2]
    assert said[-1] == "rm -rf /usr/local/src/tcl8.6.9-src /tmp/b"
    assert not [command for command in said if command.startswith("make ")]


def test_cmake_commands() -> None:
    """CMake is told the prefix, a release build and paths of libraries; HPCCM's '-D X=Y' is one definition."""
    graph = plan(f"Stage0 += generic_cmake({URL}, cmake_opts=['-D X=ON', '-DY=a b'], check=True)")
    assert {"-DCMAKE_INSTALL_PREFIX=/usr/local/tcl", "-DCMAKE_BUILD_TYPE=Release", "-DX=ON", "-DY=a b"} <= set(
        configured(graph, program="cmake -S . -B build")
    )
    assert commands(graph)[1:5] == ["cd build", 'cmake --build . -j"$JOBS"', "ctest --output-on-failure", "cmake --install ."]
    only = commands(plan(f"Stage0 += generic_cmake({URL}, make=False, install=False)"))
    assert not [command for command in only if "--build" in command or "--install" in command]


def test_build_commands() -> None:
    """The recipe's commands run in the source's folder, with nothing set that it does not name; the prefix is there before installing."""
    graph = plan(f"Stage0 += generic_build({URL}, build=['make ARCH=sm_70'], install=['cp x /usr/local/tcl'], build_environment={{'A': 'b'}})")
    (run, _) = nodes(graph, Run)
    assert run.commands == ("make ARCH=sm_70", "mkdir -p /usr/local/tcl", "cd /usr/local/src/tcl8.6.9-src", "cp x /usr/local/tcl")
    assert run.env == (("A", "b"),)
    assert "gcc" not in packages(graph)


def test_a_file_that_is_not_unpacked() -> None:
    """unpack=False keeps the file in the scratch folder, and removes it alone."""
    graph = plan("Stage0 += generic_build(url='https://example.org/tool.tar.gz', sha256=None, unpack=False, install=['sh tool.tar.gz'])")
    (fetch,) = nodes(graph, Fetch)
    assert (fetch.unpack, fetch.dest) == (False, "/usr/local/src")
    assert commands(graph)[-1] == "rm -rf /usr/local/src/tool.tar.gz"


def test_environment_and_runtime() -> None:
    """devel_environment is for what comes after, runtime_environment for running; lists are added to, not replaced."""
    graph = plan(
        f"Stage0 += generic_autotools({URL}, devel_environment={{'PATH': '/usr/local/tcl/bin:$PATH', 'TCL': 'x'}}, runtime_environment={{'LD_LIBRARY_PATH': "
        "'/usr/local/tcl/lib:$LD_LIBRARY_PATH'})\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')"
    )
    assert environment(graph) == {"PATH": ["/usr/local/tcl/bin"], "TCL": ["x"]}
    assert environment(graph, 1) == {"LD_LIBRARY_PATH": ["/usr/local/tcl/lib"]}
    (copied,) = nodes(graph, Copy, stage=1)
    assert (copied.sources, copied.tree) == (("/usr/local/tcl",), True)


def test_files_instead_of_the_prefix() -> None:
    """The option runtime names files, folders and patterns that are taken instead of the whole prefix."""
    graph = plan(
        f"Stage0 += generic_build({URL}, install=['x'], runtime=['/usr/local/tcl/lib/*.so', '/usr/local/tcl/bin/tclsh'])\n"
        "Stage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')"
    )
    assert [(one.sources, one.dest, one.literal) for one in nodes(graph, Copy, stage=1)] == [
        (("/usr/local/tcl/lib/*.so",), "/usr/local/tcl/lib/", False),
        (("/usr/local/tcl/bin/tclsh",), "/usr/local/tcl/bin/tclsh", True),
    ]


def test_ldconfig_and_labels() -> None:
    """With ldconfig, libdir is registered with the loader, in both stages; annotations are labels."""
    graph = plan(
        f"Stage0 += generic_autotools({URL}, ldconfig=True, libdir='lib64', annotate=True, annotations={{'kind': 'language'}})\n"
        "Stage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')"
    )
    for stage in (0, 1):
        assert "echo /usr/local/tcl/lib64 >> /etc/ld.so.conf.d/hpcgen.conf" in commands(graph, stage=stage)
    assert ("hpcgen.generic_autotools.kind", "language") in [(label.name, label.value) for label in nodes(graph, Label)]


def test_open_unless_it_names_all_that_it_builds_upon() -> None:
    """A generic block may find all that stands before it; upon makes it closed, with an edge for each block, name or path."""
    before = "Stage0 += cmake()\nStage0 += libevent()\nh = hwloc()\nStage0 += h\n"
    (*_, facts) = plan(f"{before}Stage0 += generic_autotools({URL})").stages[0].blocks
    assert not facts.closed
    stage = plan(f"{before}Stage0 += generic_autotools({URL}, upon=['cmake', '/usr/local/libevent/lib', h])").stages[0]
    (*others, facts) = stage.blocks
    assert facts.closed
    assert {edge.at for edge in facts.upon} == set(range(len(others)))
    for one in ("'ucx'", "'/opt/x'", "ucx()"):
        fault = refusal(f"{before}Stage0 += generic_autotools({URL}, upon=[{one}])")
        assert isinstance(fault, Conflict)
        assert "before it" in fault.sentence
    assert isinstance(refusal(f"Stage0 += generic_autotools({URL}, upon='cmake')"), WrongValue)


def test_repository() -> None:
    """A repository is taken at a commit, or at a branch, which every run reports; without either it is an error."""
    graph = plan(f"Stage0 += generic_cmake(repository='https://example.org/quda.git', commit='{COMMIT}', recursive=True, prefix='/q')")
    (git,) = nodes(graph, Git)
    assert (git.commit, git.submodules) == (COMMIT, True)
    branch = plan("Stage0 += generic_cmake(repository='https://example.org/quda.git', branch='main', prefix='/q')")
    assert "name a commit" in branch.warnings[0]
    assert isinstance(refusal("Stage0 += generic_cmake(repository='https://example.org/quda.git', prefix='/q')"), WrongValue)


@pytest.mark.parametrize("block", KINDS)
def test_refused(block: str) -> None:
    """No source, two sources, a source without a checksum, and certificates that are not checked are errors."""
    assert isinstance(refusal(f"Stage0 += {block}(prefix='/x')"), WrongValue)
    assert isinstance(refusal(f"Stage0 += {block}(url='https://x/x.tgz', package='x.tgz', prefix='/x')"), WrongValue)
    assert isinstance(refusal(f"Stage0 += {block}(url='https://x/x.tgz', prefix='/x')"), UnknownVersion)
    assert isinstance(refusal(f"Stage0 += {block}({URL}, no_check_certificate=True)"), WrongValue)
    assert plan(f"Stage0 += {block}({URL}, no_check_certificate=False)").stages


def test_package_beside_the_recipe() -> None:
    """A file beside the recipe needs no checksum, and nothing to download with."""
    graph = plan("Stage0 += generic_autotools(package='sources/x-1.0.tar.gz', prefix='/x')")
    (fetch,) = nodes(graph, Fetch)
    assert (fetch.local, fetch.url, fetch.dest) == ("sources/x-1.0.tar.gz", "", "/usr/local/src/x-1.0")
    assert "curl" not in packages(graph)


def test_words_for_run() -> None:
    """HPCCM's _run_arguments stand at the RUN that builds."""
    graph = plan(f"Stage0 += generic_build({URL}, build=['make'], _run_arguments='--network=none --security=insecure')")
    assert nodes(graph, Run)[0].options == ("--network=none", "--security=insecure")


def test_exported_build_environment() -> None:
    """export_build_environment gives make the variables too."""
    (run, _) = nodes(plan(f"Stage0 += generic_autotools({URL}, build_environment={{'A': 'b'}}, export_build_environment=True)"), Run)
    assert ("A", "b") in run.env
