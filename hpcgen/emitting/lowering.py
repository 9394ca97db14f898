"""Meanings as shell code. What differs between engines comes as `Ways`, not as branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.emitting.code import EMPTY, Code, Laid, alone, joined
from hpcgen.emitting.packages import caches, install, repository
from hpcgen.errors import Unsupported, Unwritable
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import AddRepository, ByArch, Fetch, Git, Install, Run, RunFrom, WriteFile
from hpcgen.quoting import printf_file, sh, sh_double

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.emitting.code import Ways
    from hpcgen.graph.nodes import Mount, Node
    from hpcgen.target import Target

SHELL_NODES = (Install, AddRepository, Fetch, Git, Run, RunFrom, WriteFile, ByArch)


def lower(node: Node, target: Target, ways: Ways) -> Code:
    """The shell code of one node."""
    _check_words(node)
    if isinstance(node, Install):
        return install(node, target, ways)
    if isinstance(node, AddRepository):
        return repository(node, target, ways)
    if isinstance(node, Fetch):
        return _fetch(node, ways)
    if isinstance(node, Git):
        return _git(node, ways)
    if isinstance(node, WriteFile):
        return _write(node)
    if isinstance(node, ByArch):
        return _by_arch(node, target, ways)
    if isinstance(node, RunFrom):
        return _run_from(node, target, ways)
    assert isinstance(node, Run), type(node)
    return _run(node)


def _check_words(node: Node) -> None:
    """Raises for a newline in what commands of one line are made of."""
    words: tuple[str, ...] = ()
    if isinstance(node, Install):
        words = (*node.packages, *node.options, node.download, node.extract)
    elif isinstance(node, Fetch):
        words = (node.url, node.dest, node.file, node.local)
    elif isinstance(node, Git):
        words = (node.url, node.ref, node.dest)
    for word in words:
        if "\n" in word:
            raise Unwritable(f"a name, path or address holds a newline: {word!a:.80}")


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


def _run(node: Run) -> Code:
    """The recipe's commands, in their folder, with their variables."""
    head = [f"export {name}={sh(value)}" for name, value in node.env]
    if node.cwd:
        head.append(f"cd {sh(node.cwd)}")
    return Code((*head, *node.commands), node.mounts, node.options)


def _run_from(node: RunFrom, target: Target, ways: Ways) -> Code:
    """A program of an earlier stage; one that installs packages is told whether what it downloads is kept beside the image."""
    word, mounts = ways.from_stage(node.stage, node.folder)
    cached = node.installs and ways.cached
    command = f"sh {word}/{sh(node.program)}{' cached' if cached else ''}"
    return Code((command,), (*(caches(target) if cached else ()), *mounts))


def _write(node: WriteFile) -> Code:
    folder = node.path.rpartition("/")[0]
    commands = [f"mkdir -p {sh(folder)}"] if folder else []
    commands += printf_file(node.content, node.path)
    commands += [f"chmod {node.mode} {sh(node.path)}"] if node.mode else []
    return Code(tuple(commands))


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
    stop = f'echo {who}$url: expected sha256 {node.sha256}, found {found}" >&2; exit 1'
    return (Laid(f'{{ [ "{found}" = "{node.sha256}  -" ] || \\\n    {{ {stop}; }}; }}'),)


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
    either = Laid(f"if {near}; then \\\n    {unpack}; else \\\n    {joined(map(Laid, clone))}; fi")
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
