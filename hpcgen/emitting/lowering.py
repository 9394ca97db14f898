"""Meanings as shell commands: packages, repositories, downloads. What differs between engines comes as `Ways`, not as branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Unsupported
from hpcgen.frozen import evolve, field, frozen
from hpcgen.graph.nodes import AddRepository, ByArch, Fetch, Git, Install, Mount, Run, WriteFile
from hpcgen.quoting import chain as chained
from hpcgen.quoting import printf_file, sh, sh_double, sh_join, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import NoReturn

    from hpcgen.graph.nodes import Node
    from hpcgen.target import Target

JOBS = (
    "{read}awk -v n=\"$(nproc)\" '/^MemTotal/ {{ m = int($2 / 2097152); print (m < 1) ? 1 : (m < n) ? m : n }}' /proc/meminfo"
)
"""Jobs of make: what the builder says, else as many as processors, and no more than one for each 2 GB of memory."""

_TIDY_APT = ("rm -rf /var/lib/apt/lists/*",)
_CRB = {"rocky8": "powertools", "almalinux8": "powertools", "centos-stream8": "powertools"}
_CRB_BY_DISTRIBUTION = {"ubi": "ubi-{release}-codeready-builder-rpms", "rhel": "codeready-builder-for-rhel-{release}-$(uname -m)-rpms"}
"""What the repository of development packages is called; elsewhere `crb`."""


@frozen
class Ways:
    """How a format brings what must not stand in the text.

    Attributes:
        jobs: the shell words that give the builder's number of jobs, followed by `||`, or empty.
        mirrored: whether sources may come from a mirror.
        mirror: the command that sets MIRROR; empty where it is set already.
        mirror_mounts: gives the mounts that a source's place in the mirror's layout needs.
        cached: whether package managers get cache mounts.
        tidies: whether what package managers downloaded is removed, where it is in no cache mount.
        arch: the variable or command that tells the architecture, and its names: (`"$TARGETARCH"`, docker's) or (`"$(uname -m)"`, the kernel's).
        local: gives the shell word for the path at which a file beside the recipe is seen while building, and its mount.
    """

    jobs: str = ""
    mirrored: bool = False
    mirror: str = ""
    mirror_mounts: Callable[[str], tuple[Mount, ...]] = field(default=lambda place: ())
    cached: bool = False
    tidies: bool = True
    arch: str = '"$(uname -m)"'
    arch_names: dict[str, str] = field(factory=dict)
    local: Callable[[str], tuple[str, tuple[Mount, ...]]] = field(default=lambda name: _nowhere(name))


@frozen
class Code:
    """Shell code that one or more nodes mean.

    Attributes:
        commands: each must succeed; an element is one command, maybe of many lines.
        mounts: what they see beside the image.
        options: further words for RUN.
    """

    commands: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    options: tuple[str, ...] = ()

    def __add__(self, other: Code) -> Code:
        mounts = tuple(dict.fromkeys((*self.mounts, *other.mounts)))
        return Code((*self.commands, *other.commands), mounts, tuple(dict.fromkeys((*self.options, *other.options))))


class Laid(str):
    """A command that this module wrote over several lines: each line but the last ends in a backslash, so that it is one line to every shell."""

    __slots__ = ()


EMPTY = Code(())
SHELL_NODES = (Install, AddRepository, Fetch, Git, Run, WriteFile, ByArch)


def lower(node: Node, target: Target, ways: Ways) -> Code:
    """The shell code of one node."""
    if isinstance(node, Install):
        return _install(node, target, ways)
    if isinstance(node, AddRepository):
        return _repository(node, target, ways)
    if isinstance(node, Fetch):
        return _fetch(node, ways)
    if isinstance(node, Git):
        return _git(node, ways)
    if isinstance(node, WriteFile):
        return _write(node)
    if isinstance(node, ByArch):
        return _by_arch(node, target, ways)
    assert isinstance(node, Run), type(node)
    return _run(node)


def lower_all(nodes: Sequence[Node], target: Target, ways: Ways) -> Code:
    """The shell code of nodes that are written together; folder and variables of one end with it."""
    code = EMPTY
    for at, node in enumerate(nodes, 1):
        one = lower(node, target, ways)
        if at < len(nodes) and _leaks(node):
            one = evolve(one, commands=(alone(one.commands),))
        code = code + one
    return code


def _leaks(node: Node) -> bool:
    """Whether a node changes the folder or variables of what stands behind it."""
    if isinstance(node, ByArch):
        return any(_leaks(one) for _, nodes in node.choices for one in nodes)
    return bool(node.cwd or node.env) if isinstance(node, Run) else isinstance(node, Install) and bool(node.download)


def alone(commands: Sequence[str]) -> str:
    """Commands as one in a shell of its own."""
    if is_chainable(commands):
        return Laid(f"( {joined(commands)} )")
    return f"(\n{script(commands)}\n)"


def jobs_command(commands: Iterable[str], ways: Ways) -> tuple[str, ...]:
    """What sets JOBS, if any of the commands reads it."""
    if not any("$JOBS" in command or "${JOBS" in command for command in commands):
        return ()
    return (Laid(f'JOBS="$({JOBS.format(read=ways.jobs)})"'), "export JOBS")


def guard(target: Target) -> str:
    """A command that stops the build on another architecture than the file is for."""
    names = "|".join(target.architectures)
    return Laid(f'case "$(uname -m)" in {names}) ;; *) echo "this file is for {names}, not for $(uname -m)" >&2; exit 1 ;; esac')


def _nowhere(name: str) -> NoReturn:
    raise Unsupported(f"{name}: a file beside the recipe cannot be shown to a build step here", help="choose another dialect, or copy(...) the file first")


def _run(node: Run) -> Code:
    """The recipe's commands, in their folder, with their variables."""
    head = [f"export {name}={sh(value)}" for name, value in node.env]
    if node.cwd:
        head.append(f"cd {sh(node.cwd)}")
    return Code((*head, *node.commands), node.mounts, node.options)


def _write(node: WriteFile) -> Code:
    folder = node.path.rpartition("/")[0]
    commands = [f"mkdir -p {sh(folder)}"] if folder else []
    commands += printf_file(node.content, node.path)
    commands += [f"chmod {node.mode} {sh(node.path)}"] if node.mode else []
    return Code(tuple(commands))


# --- packages --------------------------------------------------------------------------------------------------------------


def _install(node: Install, target: Target, ways: Ways) -> Code:
    return (_apt if target.manager == "apt" else _dnf)(node, target, ways)


def _listed(command: str, packages: Iterable[str]) -> str:
    """A command with its packages one a line, sorted."""
    return Laid(" \\\n    ".join((command, *sorted(sh(name) for name in packages))))


def _apt(node: Install, target: Target, ways: Ways) -> Code:
    if node.enable:
        raise Unsupported(f"repositories {', '.join(node.enable)} are of the RHEL family, the stage is {target.name}")
    mounts = _apt_mounts(target) if ways.cached else ()
    tidy = _TIDY_APT if ways.tidies and not ways.cached else ()
    words = " ".join(("apt-get install -y --no-install-recommends", *node.options))
    if node.download:
        fetch = (f"mkdir -p {sh(node.download)}", f"cd {sh(node.download)}", _listed("apt-get download", node.packages))
        return Code(("apt-get update", *fetch, *_extract_debs(node), *tidy), mounts)
    return Code(("apt-get update", _listed(f"DEBIAN_FRONTEND=noninteractive {words}", node.packages), *tidy), mounts)


def _extract_debs(node: Install) -> tuple[str, ...]:
    if not node.extract:
        return ()
    return (f"mkdir -p {sh(node.extract)}", f"for file in ./*.deb; do dpkg --extract \"$file\" {sh(node.extract)} || exit 1; done", "cd /", f"rm -rf {sh(node.download)}")


def _apt_mounts(target: Target) -> tuple[Mount, ...]:
    return tuple(
        Mount("cache", folder, id=f"hpcgen-{target.name}-{name}", options=("sharing=locked",))
        for name, folder in (("archives", "/var/cache/apt"), ("lists", "/var/lib/apt/lists"))
    )


def _dnf(node: Install, target: Target, ways: Ways) -> Code:
    mounts = (Mount("cache", "/var/cache/dnf", id=f"hpcgen-{target.name}-dnf", options=("sharing=locked",)),) if ways.cached else ()
    first, flags = _enabled(node, target)
    words = " ".join(("dnf install -y --nodocs --setopt=install_weak_deps=False", *(("--setopt=keepcache=True",) if ways.cached else ()), *flags, *node.options))
    modules = (f"dnf module enable -y {sh_join(node.modules)}",) if node.modules else ()
    if node.download:
        fetch = (f"mkdir -p {sh(node.download)}", _listed(f"dnf download --resolve --destdir={sh(node.download)} {' '.join(flags)}".rstrip(), node.packages))
        return Code((*first, "dnf install -y dnf-plugins-core cpio", *fetch, *_extract_rpms(node)), mounts)
    tidy = ("dnf clean all",) if ways.tidies and not ways.cached else ()
    return Code((*first, *modules, _listed(words, node.packages), *tidy), mounts)


def _extract_rpms(node: Install) -> tuple[str, ...]:
    if not node.extract:
        return ()
    unpack = f'for file in {sh(node.download)}/*.rpm; do rpm2cpio "$file" | (cd {sh(node.extract)} && cpio -id --quiet) || exit 1; done'
    return (f"mkdir -p {sh(node.extract)}", unpack, f"rm -rf {sh(node.download)}")


def _enabled(node: Install, target: Target) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The commands before, and the flags of, an installation that needs further repositories."""
    commands: list[str] = []
    flags: list[str] = []
    for name in node.enable:
        if name == "crb":
            other = _CRB_BY_DISTRIBUTION.get(target.distribution, "crb").format(release=target.release)
            flags.append(f"--enablerepo={_CRB.get(target.name, other)}")
        elif name == "epel" and target.distribution in ("rocky", "almalinux", "centos-stream"):
            commands.append("dnf install -y epel-release")
        elif name == "epel":
            raise Unsupported(f"EPEL cannot be enabled on {target.name} by a package of the distribution", help="use a Rocky or Alma base, or add a repository(...)")
        else:
            raise Unsupported(f"repository '{name}' is not known", help="known: epel, crb")
    return tuple(commands), tuple(flags)


# --- repositories ------------------------------------------------------------------------------------------------------------


def _repository(node: AddRepository, target: Target, ways: Ways) -> Code:
    for address in (node.url, node.key):
        if not address.startswith(("https://", "file://")):
            raise Unsupported(f"repository {node.name}: {address} is not https")
    return _apt_repository(node, target, ways) if target.manager == "apt" else _dnf_repository(node)


def _key_commands(node: AddRepository, file: str) -> tuple[str, ...]:
    """Fetches a key and stops unless it is the one that is named, alone in its file."""
    home = "/run/hpcgen-gnupg"
    found = f"""$(gpg --homedir {home} --batch --show-keys --with-colons {file} | awk -F: '$1 == "pub" {{ n++ }} $1 == "fpr" && !f {{ f = $10 }} END {{ print n, f }}')"""
    return (
        f"curl -fsSL --retry 3 -o {file} {sh(node.key)}",
        f"mkdir -p -m 700 {home}",
        f'key="{found}"',
        f'[ "$key" = "1 {node.fingerprint}" ] || {{ echo "repository {node.name}: expected 1 key {node.fingerprint}, found $key" >&2; exit 1; }}',
        f"rm -rf {home}",
    )


def _apt_repository(node: AddRepository, target: Target, ways: Ways) -> Code:
    ring = f"/etc/apt/keyrings/{node.name}.asc"
    line = " ".join(("deb", f"[signed-by={ring}]", node.url, node.suite or "/", *node.components))
    needs = _listed("DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends", ("ca-certificates", "curl", "gpg"))
    commands = ("apt-get update", needs, "mkdir -p /etc/apt/keyrings", *_key_commands(node, ring))
    tidy = _TIDY_APT if ways.tidies and not ways.cached else ()
    return Code((*commands, f"echo {sh(line)} > /etc/apt/sources.list.d/{node.name}.list", *tidy), _apt_mounts(target) if ways.cached else ())


def _dnf_repository(node: AddRepository) -> Code:
    ring = f"/etc/pki/rpm-gpg/RPM-GPG-KEY-{node.name}"
    rows = (f"[{node.name}]", f"name={node.name}", f"baseurl={node.url}", "enabled=1", "gpgcheck=1", f"gpgkey=file://{ring}", "")
    needs = _listed("dnf install -y --nodocs", ("ca-certificates", "gnupg2"))
    return Code((needs, *_key_commands(node, ring), *printf_file("\n".join(rows), f"/etc/yum.repos.d/{node.name}.repo")))


# --- sources -----------------------------------------------------------------------------------------------------------------


def _fetch(node: Fetch, ways: Ways) -> Code:
    """Brings a file, checks it, unpacks it, patches it."""
    folder = node.dest.rstrip("/") or "/"
    head: tuple[str, ...] = (f"mkdir -p {sh(folder)}",)
    if node.local:
        file, mounts = ways.local(node.local)
        head = (*head, f"url={sh(node.local)}")
    else:
        file = sh(f"{folder.rstrip('/')}/{node.name}")
        bring, mounts = _download(node, file, ways)
        head = (*head, *bring)
    head = (*head, *_checked(node, file))
    if node.unpack:
        tidy = () if node.local else (f"rm {file}",)
        return Code((*head, *_unpack(file, node), *tidy, *_patches(node)), mounts)
    return Code((*head, *((f"cp {file} {sh(folder)}",) if node.local else ())), mounts)


def _download(node: Fetch, file: str, ways: Ways) -> tuple[tuple[str, ...], tuple[Mount, ...]]:
    """The mirror first, where there is one, then the source's own address."""
    get = f'curl -fsSL --retry 3 -o {file} "$url"'
    if not node.sha256 or not ways.mirrored:
        return (f"url={sh(node.url)}", get), ()
    place = f"{node.sha256}/{node.name}"
    either = Laid(f"for url in {_near(place)} \\\n    {sh(node.url)}; do \\\n    {get} && break; done")
    return (*_mirror(ways), either), ways.mirror_mounts(place)


def _mirror(ways: Ways) -> tuple[str, ...]:
    return (ways.mirror,) if ways.mirror else ()


def _near(place: str) -> str:
    """The address of a source in the mirror, nothing where there is no mirror."""
    return f"${{MIRROR:+{sh_double(f'$MIRROR/{place}')}}}"


def _checked(node: Fetch, file: str) -> tuple[str, ...]:
    """A command that stops, with all that is needed to see why, unless the file's checksum is right."""
    if node.sha256 is None:
        return ()
    found = f"$(sha256sum < {file})"
    who = sh_double(f"{node.block}: " if node.block else "")[:-1]
    return (
        Laid(f'{{ [ "{found}" = "{node.sha256}  -" ] || \\\n    {{ echo {who}$url: expected sha256 {node.sha256}, found {found}" >&2; exit 1; }}; }}'),
    )


def _unpack(file: str, node: Fetch) -> tuple[str, ...]:
    if node.name.lower().endswith(".zip"):
        if node.strip:
            raise Unsupported(f"{node.name}: leading folders of a zip archive cannot be left out", help="say strip=0, or directory=")
        return (f"unzip -q {file} -d {sh(node.dest)}",)
    strip = f" --strip-components={node.strip}" if node.strip else ""
    return (f"tar -x -f {file} -C {sh(node.dest)}{strip} --no-same-owner",)


def _patches(node: Fetch | Git) -> Iterator[str]:
    for number, patch in enumerate(node.patches):
        file = f"{node.dest}/.hpcgen-{number}.patch"
        yield from printf_file(patch.text, file)
        yield f"patch -d {sh(node.dest)} -p{patch.strip} -i {sh(file)}"
        yield f"rm {sh(file)}"


def _git(node: Git, ways: Ways) -> Code:
    dest = sh(node.dest)
    if not node.commit:
        flags = " --recurse-submodules --shallow-submodules" if node.submodules else ""
        return Code((f"git clone -q --depth 1{flags} --branch {sh(node.ref)} {sh(node.url)} {dest}", *_patches(node)))
    bring = f"git -C {dest} fetch -q --depth 1 origin {node.commit}"
    clone = [f"git init -q {dest}", f"git -C {dest} remote add origin {sh(node.url)}"]  # submodules may be named relative to it
    clone += [Laid(f"{{ {bring} || git -C {dest} fetch -q --tags origin; }}")]  # not all servers give a commit by its number
    clone += [f"git -C {dest} checkout -q {node.commit}"]
    clone += [f"git -C {dest} submodule update -q --init --recursive --depth 1"] if node.submodules else []
    place = f"git/{node.commit}.tar"
    if not ways.mirrored:
        return Code((*clone, *_patches(node)))
    archive = sh(f"{node.dest}.tar")
    near = f'[ -n "$MIRROR" ] && curl -fsSL --create-dirs -o {archive} {_near(place)}'
    unpack = f"mkdir -p {dest} && tar -x -f {archive} -C {dest} && rm {archive}"
    either = Laid(f"if {near}; then \\\n    {unpack}; else \\\n    {' && '.join(clone)}; fi")
    return Code((*_mirror(ways), either, *_patches(node)), ways.mirror_mounts(place))


# --- architectures -----------------------------------------------------------------------------------------------------------


def _by_arch(node: ByArch, target: Target, ways: Ways) -> Code:
    """One `case` over the architecture."""
    lines = [f"case {ways.arch} in"]
    code = EMPTY
    for name, nodes in node.choices:
        inner = lower_all([evolve(one, block=one.block or node.block) for one in nodes], target.on(name), ways)
        code = code + Code((), inner.mounts, inner.options)
        lines.append(f"    {ways.arch_names.get(name, name)})")
        lines.append(f"        {joined(inner.commands, '        ')} ;;")
    lines += [f'    *) echo "no rule for architecture {ways.arch.strip(chr(34))}" >&2; exit 1 ;;', "esac"]
    return Code((Laid(" \\\n".join(lines)),), code.mounts, code.options)


def joined(commands: Iterable[str], indent: str = "    ") -> str:
    """Commands, all of them chainable, as one `&&` chain over several lines."""
    return f" && \\\n{indent}".join(_element(command, indent) for command in commands)


def _element(command: str, indent: str) -> str:
    return command.replace("\n", f"\n{indent}") if isinstance(command, Laid) else chained(command)


def is_chainable(commands: Iterable[str]) -> bool:
    """Whether all commands can stand in one chain."""
    return all(isinstance(command, Laid) or shape(command) != "script" for command in commands)


def script(commands: Iterable[str]) -> str:
    """Commands as lines of a script that runs under `set -e`."""
    return "\n".join(map(script_line, commands))


def script_line(command: str) -> str:
    """A command that ends a script under `set -e` as it would end a chain: by its own status, whatever happens within it."""
    if isinstance(command, Laid):
        return f"{command} || exit" if any(mark in command for mark in ("&&", ";")) else command
    kind = shape(command)
    return f"{chained(command)} || exit" if kind == "list" or (kind == "simple" and "&&" in command) else command
