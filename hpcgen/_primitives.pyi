# written by scripts/reference; run it after a change
"""The recipe's own words."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hpcgen.block.options import Upon
from hpcgen.loading.primitives import allow as _allow
from hpcgen.loading.primitives import arg as _arg
from hpcgen.loading.primitives import baseimage as _baseimage
from hpcgen.loading.primitives import blob as _blob
from hpcgen.loading.primitives import cmd as _cmd
from hpcgen.loading.primitives import comment as _comment
from hpcgen.loading.primitives import copy as _copy
from hpcgen.loading.primitives import entrypoint as _entrypoint
from hpcgen.loading.primitives import environment as _environment
from hpcgen.loading.primitives import expose as _expose
from hpcgen.loading.primitives import fetch as _fetch
from hpcgen.loading.primitives import git as _git
from hpcgen.loading.primitives import healthcheck as _healthcheck
from hpcgen.loading.primitives import label as _label
from hpcgen.loading.primitives import path as _path
from hpcgen.loading.primitives import raw as _raw
from hpcgen.loading.primitives import repository as _repository
from hpcgen.loading.primitives import runscript as _runscript
from hpcgen.loading.primitives import shell as _shell
from hpcgen.loading.primitives import stopsignal as _stopsignal
from hpcgen.loading.primitives import test as _test
from hpcgen.loading.primitives import use_shell as _use_shell
from hpcgen.loading.primitives import user as _user
from hpcgen.loading.primitives import volume as _volume
from hpcgen.loading.primitives import workdir as _workdir
from hpcgen.loading.primitives import write_file as _write_file

class allow(_allow):
    """A rule that what follows in the stage may break, knowingly: its error becomes a warning that gives the reason, and its warning is not said.

    Args:
        rule: its name, as hpcgen rules lists it
        reason: why it may, on one line
    """

    def __init__(
        self,
        rule: str,
        *,
        reason: str,
    ) -> None: ...

class arg(_arg):
    """A variable that the builder may set.

    Args:
        name: its name
        default: its value if the builder sets none
    """

    def __init__(
        self,
        name: str,
        *,
        default: str | None = None,
    ) -> None: ...

class baseimage(_baseimage):
    """What a stage starts from. https://docs.docker.com/reference/dockerfile/#from

    Args:
        image: image, or the name of an earlier stage
        name: name of the stage
        distro: distribution and release, where the image's name does not tell: ubuntu22.04, rocky9
        arch: architecture, or a list of them: x86_64, aarch64
        bootstrap: definition file's agent
        docker_env: read the image's own environment in %post
        AS: HPCCM's older word for name
    """

    def __init__(
        self,
        image: str = 'ubuntu:24.04',
        *,
        name: str = '',
        _as: str = '',
        distro: str | None = None,
        _distro: str | None = None,
        arch: Any = None,
        _arch: Any = None,
        bootstrap: str = 'docker',
        _bootstrap: str = 'docker',
        docker_env: bool = True,
        _docker_env: bool = True,
        AS: str = '',
    ) -> None: ...

class blob(_blob):
    """Files beside the recipe whose text is written as it is.

    Args:
        docker: file for Dockerfiles
        singularity: file for definition files
        bash: file for shell scripts
    """

    def __init__(
        self,
        *,
        docker: str = '',
        singularity: str = '',
        bash: str = '',
    ) -> None: ...

class cmd(_cmd):
    """The arguments that a container gets if its user names none.

    Args:
        words: the words
    """

    def __init__(
        self,
        words: Sequence[str],
    ) -> None: ...

class comment(_comment):
    """Words for the reader of the file.

    Args:
        text: the words
        reformat: HPCCM's: lines are wrapped
    """

    def __init__(
        self,
        text: str,
        *,
        reformat: bool = True,
    ) -> None: ...

class copy(_copy):
    """Files from beside the recipe, or from another stage.

    Args:
        src: a path, or a list of them; * ? [ are patterns, unless it is a pathlib.Path
        dest: where to; with a slash at its end: a folder to copy into
        files: pairs of source and destination
        stage: stage to copy from
        owner: user:group
        mode: octal digits
        exclude: patterns to leave out
    """

    def __init__(
        self,
        *,
        src: Any = ...,
        dest: str = '',
        files: Mapping[str, str | float] = ...,
        stage: str | None = None,
        _from: str | None = None,
        owner: str | None = None,
        _chown: str | None = None,
        mode: str | None = None,
        _chmod: str | None = None,
        exclude: Sequence[str] = ...,
        _exclude_from: Sequence[str] = ...,
        _mkdir: bool = False,
        _post: bool = False,
    ) -> None: ...

class entrypoint(_entrypoint):
    """The program that a container runs, as words; the container's arguments follow them.

    Args:
        words: program and arguments
    """

    def __init__(
        self,
        words: Sequence[str],
    ) -> None: ...

class environment(_environment):
    """Environment variables, written exactly; only a list's own name, as in '/opt/bin:$PATH', stands for what it had.

    Args:
        variables: names with their values
    """

    def __init__(
        self,
        *,
        variables: Mapping[str, str | float],
        _export: bool = True,
    ) -> None: ...

class expose(_expose):
    """A network port that the image's program listens on.

    Args:
        port: 8888, or '53/udp'
    """

    def __init__(
        self,
        port: Any,
    ) -> None: ...

class fetch(_fetch):
    """A file from the network, checked, and unpacked if `unpack` says so.

    Args:
        url: where it is published
        sha256: its checksum; None: unchecked, which every run reports
        dest: the folder it goes to
        unpack: unpack it there
        strip: leading folders of the archive to leave out
    """

    def __init__(
        self,
        *,
        url: str,
        sha256: str | None = '',
        dest: str,
        unpack: bool = False,
        strip: int | str = 0,
    ) -> None: ...

class git(_git):
    """A git repository at one commit.

    Args:
        repository: its URL
        commit: 40 hexadecimal digits
        branch: branch or tag
        dest: the folder it goes to
        recursive: fetch submodules too
    """

    def __init__(
        self,
        *,
        repository: str,
        commit: str | None = None,
        branch: str = '',
        dest: str,
        recursive: bool = False,
    ) -> None: ...

class healthcheck(_healthcheck):
    """A command that tells whether the container works; times in seconds.

    Args:
        words: program and arguments; none: no check, even if the base image has one
        interval: between two checks
        timeout: for one check
        start_period: in which failures do not count
        retries: failures in a row that count
    """

    def __init__(
        self,
        *,
        words: Sequence[str] = ...,
        interval: int = 0,
        timeout: int = 0,
        start_period: int = 0,
        retries: int = 0,
    ) -> None: ...

class label(_label):
    """Labels of the image.

    Args:
        metadata: names with their values
    """

    def __init__(
        self,
        *,
        metadata: Mapping[str, str | float],
    ) -> None: ...

class path(_path):
    """A folder put first in PATH or another list, without an empty element.

    Args:
        folder: the folder
        name: the list
        last: put it last instead
    """

    def __init__(
        self,
        folder: str,
        *,
        name: str = 'PATH',
        last: bool = False,
    ) -> None: ...

class raw(_raw):
    """Text for single formats, written as it is.

    Args:
        docker: for Dockerfiles
        singularity: for definition files
        bash: for shell scripts
    """

    def __init__(
        self,
        *,
        docker: str = '',
        singularity: str = '',
        bash: str = '',
    ) -> None: ...

class repository(_repository):
    """A package repository, trusted by one key whose fingerprint is known.

    Args:
        name: name of its file
        url: its URL, https
        key: URL of its signing key, https
        fingerprint: of that key: 40 hexadecimal digits
        suite: apt's suite, '/' for a flat repository
        components: apt's components
    """

    def __init__(
        self,
        *,
        name: str,
        url: str,
        key: str,
        fingerprint: str,
        suite: str = '',
        components: Sequence[str] = ...,
    ) -> None: ...

class runscript(_runscript):
    """What a container runs: lines of shell code, the last one given the container's arguments.

    Args:
        commands: shell code, one command a string
        args: pass the container's arguments on
    """

    def __init__(
        self,
        *,
        commands: Sequence[str],
        args: bool = True,
        _args: bool = True,
        _exec: bool = True,
    ) -> None: ...

class shell(_shell):
    """Shell commands, each of which must succeed.

    Args:
        commands: shell code, one command a string
        cwd: folder to run in
        env: variables for these commands alone
        mounts: list of mount(...)
        chdir: HPCCM's: start at /; every RUN does
        test: run in the finished image, where the engine has a place for it
    """

    def __init__(
        self,
        *,
        commands: Sequence[str],
        cwd: str = '',
        env: Mapping[str, str | float] = ...,
        mounts: Any = ...,
        chdir: bool = True,
        _arguments: str = '',
        test: bool = False,
        _test: bool = False,
    ) -> None: ...

class stopsignal(_stopsignal):
    """The signal that stops the container.

    Args:
        signal: SIGTERM, or a number
    """

    def __init__(
        self,
        signal: str,
    ) -> None: ...

class test(_test):
    """Commands that must succeed in the finished image.

    Args:
        commands: shell code, one command a string
        mpi: an MPI program with its arguments, as for a shell: it is started by the image's mpirun, and its ranks are counted
        ranks: how many of them
        over: ucx: they must talk over it and nothing else, and what it uses is named
    """

    def __init__(
        self,
        *,
        commands: Sequence[str] = ...,
        mpi: str | None = None,
        ranks: int | str = 2,
        over: str | None = None,
    ) -> None: ...

class use_shell(_use_shell):
    """The shell that reads commands from here on.

    Args:
        words: the shell with its options: ['/bin/bash', '-c']
    """

    def __init__(
        self,
        words: Sequence[str],
    ) -> None: ...

class user(_user):
    """The user that commands run as.

    Args:
        user: name or number, with :group if wanted
    """

    def __init__(
        self,
        user: str,
    ) -> None: ...

class volume(_volume):
    """A folder that is kept outside the image.

    Args:
        path: the folder
    """

    def __init__(
        self,
        path: str,
    ) -> None: ...

class workdir(_workdir):
    """The folder that commands start in.

    Args:
        directory: the folder
    """

    def __init__(
        self,
        directory: str,
    ) -> None: ...

class write_file(_write_file):
    """A text file with exactly this content.

    Args:
        path: where
        content: its text
        src: a file beside the recipe that has the text
        mode: octal digits
    """

    def __init__(
        self,
        *,
        path: str,
        content: str | None = None,
        src: str | None = None,
        mode: str | None = None,
    ) -> None: ...

__all__ = ('allow', 'arg', 'baseimage', 'blob', 'cmd', 'comment', 'copy', 'entrypoint', 'environment', 'expose', 'fetch', 'git', 'healthcheck', 'label', 'path', 'raw', 'repository', 'runscript', 'shell', 'stopsignal', 'test', 'use_shell', 'user', 'volume', 'workdir', 'write_file')
