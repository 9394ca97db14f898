from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support import BASE, ENGINES, SUITE, EngineError

from hpcgen import quoting as q
from hpcgen.errors import Unwritable
from hpcgen.shape import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hypothesis.strategies import SearchStrategy

pytestmark = pytest.mark.engines
# Many values in one build, few builds: what fails is not made smaller, for each attempt would be a build.
few_builds = settings(deadline=None, max_examples=3, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
NASTY = [
    "'", '"', "\\", "$", "`", "%", "\r", "\t", " ", "{{ x }}", "{{", "<<EOF", "-", "#", "!", "*", "?", "[", "]", "^", "~", ";", "&", "(", "{a,b}", "\\n", "$HOME", "${HOME}",
    "@", ":", "=", "\x01", "\x7f", "\x80", "\x85", "\u00a0", "\u2028", "\ufeff", "é", "😀", "Bootstrap:", "%post", "EOF", "git@a:b", "<", "\x1b[31m", "--link", "\x00",
]  # fmt: skip


def texts(without: str = "\0") -> SearchStrategy[str]:
    """Texts of what is known to be read in many ways, and of any characters."""
    nasty = [text for text in (*NASTY, "\n", "\n%post\n", "\r\n", "\nEOF\n", "\nBootstrap: x") if not set(text) & set(without)]
    return st.lists(st.one_of(st.sampled_from(nasty), st.characters(codec="utf-8", exclude_characters=without)), max_size=7).map("".join)


def many(one: SearchStrategy[str], *, unique: bool = False) -> SearchStrategy[list[str]]:
    """Values for one build."""
    return st.lists(one, min_size=12, max_size=25, unique=unique)


def names(without: str = "\0/") -> SearchStrategy[list[str]]:
    """Different names of files."""
    fit = texts(without).map(lambda name: name.encode()[:200].decode(errors="ignore"))
    return many(fit.filter(lambda name: name not in ("", ".", "..")), unique=True)


def printing(texts: list[str], folder: str) -> str:
    """A script that writes files; no text has the delimiter's first letter, behind which dash loses a byte that is not ASCII."""
    return "\n".join(f"cat >{folder}/s{at} <<'Q_E_N_D'\n{text}\nQ_E_N_D" for at, text in enumerate(texts))


def called(*words: str, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> bytes:
    """What a command of the engines prints; its failure fails the test."""
    done = subprocess.run([str(ENGINES), *words], cwd=cwd, input=stdin, capture_output=True, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        raise EngineError(f"exit {done.returncode} of {' '.join(words)}\n{(done.stdout + done.stderr).decode(errors='replace')[-3000:]}")
    return done.stdout


SCRIPTS = many(texts("\0Q"))


class Builder(NamedTuple):
    """A Docker daemon and the way it builds."""

    daemon: str
    buildkit: bool

    def __call__(self, *words: str, cwd: Path, stdin: bytes = b"") -> bytes:
        """What a docker command prints."""
        return called("docker", self.daemon, *words, cwd=cwd, stdin=stdin, env={"DOCKER_BUILDKIT": str(int(self.buildkit))})

    def build(self, folder: Path, lines: Iterable[str], files: dict[str, bytes] | None = None) -> str:
        """The image of a Dockerfile, with a context that holds just `files`."""
        context = folder / "context"
        shutil.rmtree(context, ignore_errors=True)
        context.mkdir()
        for name, content in (files or {}).items():
            (context / name).write_bytes(content)
        (folder / "Dockerfile").write_bytes(("\n".join(lines) + "\n").encode())
        tag = self.forget(folder)
        self("build", "-q", "--network", "host", "-f", "Dockerfile", "-t", tag, "context", cwd=folder)
        return tag

    def forget(self, folder: Path) -> str:
        """The name of the image, which is gone."""
        tag = f"hpcgen-quoting-{os.getpid()}"
        for image in self("image", "ls", "-q", tag, cwd=folder).decode().split():
            self("image", "rm", "-f", image, cwd=folder)
        return tag

    def config(self, folder: Path, tag: str) -> dict[str, object]:
        """What an image says of itself."""
        found: dict[str, object] = json.loads(self("image", "inspect", tag, cwd=folder))[0]["Config"]
        return found

    def files(self, folder: Path, tag: str, root: str) -> dict[str, bytes]:
        """The files of an image below a folder of its root."""
        container = self("create", tag, "x", cwd=folder).decode().strip()
        with tarfile.open(fileobj=io.BytesIO(self("cp", f"{container}:/{root}", "-", cwd=folder))) as tar:
            found = {member.name.removeprefix(f"{root}/"): tar.extractfile(member) for member in tar if member.isfile()}
            contents = {name: file.read() for name, file in found.items() if file}
        self("rm", container, cwd=folder)
        return contents


@pytest.fixture(scope="session")
def engines() -> None:
    """The engines are up and have the base image."""
    called("up", cwd=Path.cwd())
    called("base", BASE, SUITE, cwd=Path.cwd())


@pytest.fixture(
    params=[
        Builder("docker", buildkit=True),
        Builder("docker-c", buildkit=True),
        Builder("docker20", buildkit=True),
        Builder("docker20", buildkit=False),
    ],
    ids=str,
)
def docker(request: pytest.FixtureRequest, engines: None, tmp_path: Path) -> Iterator[Builder]:
    """Each of the Docker daemons in turn, the old one with its legacy builder too."""
    found: Builder = request.param
    yield found
    found.forget(tmp_path)


@pytest.fixture(params=["docker", "docker-c"])
def new_docker(request: pytest.FixtureRequest, engines: None, tmp_path: Path) -> Iterator[Builder]:
    """The daemons that know heredocs."""
    found = Builder(request.param, buildkit=True)
    yield found
    found.forget(tmp_path)


@few_builds
@given(words=many(texts()), labels=names("\0\n="), folder=texts("\0\n/"))
def test_docker_says_back_what_was_written(docker: Builder, tmp_path: Path, words: list[str], labels: list[str], folder: str) -> None:
    """Values of ENV, ARG and LABEL, names of labels, words of commands, the folder and the user are in the image as they were in the recipe."""
    values = [word.replace("\n", "") for word in words]
    lines = ["FROM scratch"]
    for at, value in enumerate(values):
        lines += [
            f"ARG A{at}={q.docker_value(value, 'argument')}",
            f"ENV E{at}={q.docker_value(value, 'variable')} F{at}={q.docker_double(f'${{A{at}}}', 'variable')}",
        ]
    lines += [f"LABEL {q.docker_name(name, 'label')}={q.docker_value(value, 'label')}" for name, value in zip(labels, values, strict=False)]
    lines += [f"ENTRYPOINT {q.docker_words(words)}", f"CMD {q.docker_words(words[::-1])}"]
    lines += [f"WORKDIR {q.docker_plain(f'/w{folder}w', 'folder')}", f"USER {q.docker_plain(f' {folder} ', 'user')}"]
    config = docker.config(tmp_path, docker.build(tmp_path, lines))
    env = config["Env"]
    assert isinstance(env, list)
    variables = dict(pair.split("=", 1) for pair in env)
    assert {name: value for name, value in variables.items() if name != "PATH"} == {
        f"{x}{at}": value for at, value in enumerate(values) for x in "EF"
    }
    assert config["Labels"] == dict(zip(labels, values, strict=False))
    assert (config["Entrypoint"], config["Cmd"]) == (words, words[::-1])
    assert (config["WorkingDir"], config["User"]) == (f"/w{folder}w", f" {folder} ")


@few_builds
@given(sources=names("".join(c for c in HIDDEN if c < "\xa0") + "/"), places=names())
def test_docker_copies_the_files_that_were_named(docker: Builder, tmp_path: Path, sources: list[str], places: list[str]) -> None:
    """COPY takes just the named file from the context and from a stage, whatever its name, and puts it where it was told."""
    files = {name: name.encode() for name in sources}
    pairs = list(zip(sources, places, strict=False))
    lines = ["FROM scratch AS first", *(f"COPY {q.docker_paths((source,), f'/o/{place}', literal=True)}" for source, place in pairs)]
    lines += [
        "FROM scratch",
        *(f"COPY --from=first {q.docker_paths((f'/o/{place}',), f'/o/{at}', literal=True)}" for at, (_, place) in enumerate(pairs)),
    ]
    lines += [f"COPY --from=first {q.docker_paths(('/o',), '/o/all', literal=True)}"]
    found = docker.files(tmp_path, docker.build(tmp_path, lines, files), "o")
    assert found == {f"all/{place}": source.encode() for source, place in pairs} | {str(at): source.encode() for at, (source, _) in enumerate(pairs)}


@few_builds
@given(contents=many(texts("")), scripts=SCRIPTS)
def test_docker_writes_files_and_runs_scripts(docker: Builder, tmp_path: Path, contents: list[str], scripts: list[str]) -> None:
    """Files that are printed, and scripts in exec form, hold exactly their text on each Docker."""
    lines = [f"FROM {BASE}", "RUN mkdir /o"]
    lines += ["RUN " + " && \\\n    ".join(command for at, content in enumerate(contents) for command in q.printf_file(content, f"/o/p{at}"))]
    script = printing(scripts, "/o")
    lines += [f"RUN {q.docker_run_words(script)}"]
    found = docker.files(tmp_path, docker.build(tmp_path, lines), "o")
    assert found == {f"p{at}": text.encode() for at, text in enumerate(contents)} | {
        f"s{at}": f"{text}\n".encode() for at, text in enumerate(scripts)
    }


@few_builds
@given(
    contents=many(texts("").map(lambda text: f"{text}\n")),
    scripts=many(texts("".join(HIDDEN - set("\t\n")) + "Q")),
)
def test_heredocs_hold_their_text(new_docker: Builder, tmp_path: Path, contents: list[str], scripts: list[str]) -> None:
    """What a heredoc is given for is exactly in the file that COPY makes, and in the script that RUN runs."""
    heredocs = {
        f"h{at}": heredoc for at, content in enumerate([*contents, "", "\n", "EOF\n", "EOF\nEOF1\n"]) if (heredoc := q.docker_heredoc(content))
    }
    lines = [f"FROM {BASE}", "RUN mkdir /o"]
    lines += [f"COPY <<'{delimiter}' /o/{name}\n{body}{delimiter}" for name, (delimiter, body) in heredocs.items()]
    script = q.docker_run_script(printing(scripts, "/o"))
    assert script
    lines += [f"RUN <<'{script[0]}'\n{script[1]}{script[0]}"]
    found = new_docker.files(tmp_path, new_docker.build(tmp_path, lines), "o")
    assert found == {name: body.encode() for name, (_, body) in heredocs.items()} | {
        f"s{at}": f"{text}\n".encode() for at, text in enumerate(scripts)
    }


def test_script_stops_at_its_first_failure(new_docker: Builder, tmp_path: Path) -> None:
    """A script in a heredoc, and one in exec form, fail with their first command."""
    delimiter, body = q.docker_run_script("false\ntrue") or ("", "")
    for run in (f"<<'{delimiter}'\n{body}{delimiter}", q.docker_run_words("false\ntrue")):
        with pytest.raises(EngineError, match=r"exit code: 1|did not complete"):
            new_docker.build(tmp_path, [f"FROM {BASE}", f"RUN {run}"])


@pytest.mark.parametrize("text", ["syntax=registry.invalid/x", "escape=`", "check=error=true", "a\nsyntax=registry.invalid/x"])
def test_first_comment_is_no_directive(new_docker: Builder, tmp_path: Path, text: str) -> None:
    """A comment in front of a Dockerfile changes nothing, whatever it says."""
    tag = new_docker.build(tmp_path, [*q.comment(text), "FROM scratch", f"ENV A={q.docker_value('a`b', 'variable')} \\", "    B=c", "MAINTAINER x"])
    assert new_docker.config(tmp_path, tag)["Env"] == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=a`b", "B=c"]


class Apptainer:
    """Unprivileged Apptainer in a folder that holds its base image."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        archive = called("archive", BASE, cwd=folder).decode().strip()
        folder.chmod(0o777)
        self.build("base", f"Bootstrap: docker-archive\nFrom: {archive}\n")

    def __call__(self, *words: str) -> bytes:
        """What an apptainer command prints."""
        return called("user", "apptainer", *words, cwd=self.folder)

    def build(self, name: str, text: str) -> Path:
        """The root file system that a definition file gives."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / f"{name}.def").write_bytes(text.encode())
        self("build", "--sandbox", name, f"{name}.def")
        return self.folder / name


@pytest.fixture(scope="session")
def apptainer(engines: None, tmp_path_factory: pytest.TempPathFactory) -> Apptainer:
    """Apptainer with a base image."""
    return Apptainer(tmp_path_factory.mktemp("apptainer"))


def variables(printed: bytes) -> dict[str, str]:
    """What `env -0` printed of the variables that the test set."""
    return {
        name: value for name, _, value in (pair.partition("=") for pair in printed.decode(errors="replace").split("\0")) if name.startswith("HPCGEN_")
    }


HEADER = "Bootstrap: localimage\nFrom: base\n"


@few_builds
@given(values=many(texts("\0\x80\x81")))
def test_apptainer_exports_what_was_written(apptainer: Apptainer, values: list[str]) -> None:
    """Any value without NUL, U+0080 and U+0081 is in the environment of %post and of a running container."""
    lines = "\n".join(q.def_env(f"HPCGEN_{at}", value) for at, value in enumerate(values))
    root = apptainer.build("image", f"{HEADER}%environment\n{lines}\n%post\n{lines}\nenv -0 >/env\n")
    wanted = {f"HPCGEN_{at}": value for at, value in enumerate(values)}
    assert variables((root / "env").read_bytes()) == wanted
    assert variables(apptainer("exec", "--cleanenv", "image", "env", "-0")) == wanted


def labelled(name: str, value: str) -> str:
    """A row of %labels, empty where it was refused."""
    try:
        return q.def_label(name, value)
    except Unwritable:
        return ""


@few_builds
@given(values=many(texts()), labels=names("\0"))
def test_apptainer_labels_are_exact_or_refused(apptainer: Apptainer, values: list[str], labels: list[str]) -> None:
    """A label that is not refused is in the image with its exact name and value."""
    wanted = {f"v{at}": value for at, value in enumerate(values)} | {f"{name}{at}": "x" for at, name in enumerate(labels)}
    rows = {name: row for name, value in wanted.items() if (row := labelled(name, value))}
    root = apptainer.build("image", "\n".join((f"{HEADER}%labels", *rows.values(), "")))
    found = json.loads((root / ".singularity.d" / "labels.json").read_bytes())
    assert {name: value for name, value in found.items() if not name.startswith("org.label-schema")} == {name: wanted[name] for name in rows}


@few_builds
@given(sources=names(), places=names('\0/\n"'))
def test_apptainer_copies_the_files_that_were_named(apptainer: Apptainer, sources: list[str], places: list[str]) -> None:
    """%files takes just the named file from the host and from a stage, whatever its name, and puts it where it was told."""
    pairs = [(source, place) for source, place in zip(sources, places, strict=False) if "\\0" not in source + place and not q.is_template(place)]
    folder = apptainer.folder / "files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    for source, _ in pairs:
        (folder / source).write_bytes(source.encode())
    host = "\n".join(q.def_files(f"files/{source}", f"/o/{place}") for source, place in pairs)
    stage = "\n".join(q.def_files(f"/o/{place}", f"/o/{at}") for at, (_, place) in enumerate(pairs))
    first = HEADER.replace("\n", "\nStage: first\n", 1)
    root = apptainer.build("image", f"{first}%files\n{host}\n{HEADER}%files from first\n{stage}\n")
    assert [(root / "o" / str(at)).read_bytes() for at in range(len(pairs))] == [source.encode() for source, _ in pairs]


@few_builds
@given(scripts=SCRIPTS)
def test_apptainer_runs_what_was_written(apptainer: Apptainer, scripts: list[str]) -> None:
    """A script's text reaches the shells of %post and %runscript unchanged, and the script its arguments."""
    script = printing(scripts, "$HPCGEN") + '\nprintf %s "$*" >$HPCGEN/args\n'
    out = apptainer.folder / "out"
    out.mkdir(exist_ok=True)
    out.chmod(0o777)
    run = f"HPCGEN={q.def_word(str(out))}"
    root = apptainer.build("image", f"{HEADER}%post\nHPCGEN=\n{q.def_command(script)}\n%runscript\n{run}\n{q.def_command(script)}\n")
    apptainer("run", "--bind", str(out), "image", "a", "b c")
    for folder in (root, out):
        assert [(folder / f"s{at}").read_bytes() for at in range(len(scripts))] == [f"{text}\n".encode() for text in scripts]
    assert (out / "args").read_text() == "a b c"
