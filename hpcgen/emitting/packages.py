"""Packages of the distribution and their repositories, as shell code for apt and dnf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.emitting.code import Code, listed
from hpcgen.errors import Unsupported
from hpcgen.graph.nodes import AddRepository, Install, Mount
from hpcgen.quoting import printf_file, sh, sh_join

if TYPE_CHECKING:
    from hpcgen.emitting.code import Ways
    from hpcgen.target import Target

_TIDY_APT = ("rm -rf /var/lib/apt/lists/*",)
_KEPT = "-o Dir::Cache::archives=hpcgen"
"""Where packages are kept below /var/cache/apt: from its own folder, the images of Debian and Ubuntu have apt remove them (docker-clean)."""
_CRB = {"rocky8": "powertools", "almalinux8": "powertools", "centos-stream8": "powertools"}
_CRB_BY_DISTRIBUTION = {"ubi": "ubi-{release}-codeready-builder-rpms", "rhel": '"codeready-builder-for-rhel-{release}-$(uname -m)-rpms"'}
"""What the repository of development packages is called; elsewhere `crb`."""


def install(node: Install, target: Target, ways: Ways) -> Code:
    """Installs packages, or downloads them and unpacks what is in them."""
    return (_apt if target.manager == "apt" else _dnf)(node, target, ways)


def _apt(node: Install, target: Target, ways: Ways) -> Code:
    if node.enable:
        raise Unsupported(f"repositories {', '.join(node.enable)} are of the RHEL family, the stage is {target.name}")
    mounts = caches(target) if ways.cached else ()
    tidy = _TIDY_APT if ways.tidies and not ways.cached else ()
    words = " ".join((_apt_install(ways), *node.options))
    if node.download:
        fetch = (f"mkdir -p {sh(node.download)}", f"cd {sh(node.download)}", listed("apt-get download", node.packages))
        return Code(("apt-get update", *fetch, *_extract_debs(node), *tidy), mounts)
    return Code(("apt-get update", listed(f"DEBIAN_FRONTEND=noninteractive {words}", node.packages), *tidy), mounts)


def _apt_install(ways: Ways) -> str:
    return " ".join(("apt-get install -y --no-install-recommends", *((_KEPT,) if ways.cached else ())))


def _extract_debs(node: Install) -> tuple[str, ...]:
    if not node.extract:
        return ()
    unpack = f'for file in ./*.deb; do dpkg --extract "$file" {sh(node.extract)} || exit 1; done'
    return (f"mkdir -p {sh(node.extract)}", unpack, "cd /", f"rm -rf {sh(node.download)}")


def caches(target: Target) -> tuple[Mount, ...]:
    """Where a target's package manager keeps what it downloads, beside the image."""
    folders = (("archives", "/var/cache/apt"), ("lists", "/var/lib/apt/lists")) if target.manager == "apt" else (("dnf", "/var/cache/dnf"),)
    return tuple(Mount("cache", folder, id=f"hpcgen-{target.name}-{name}", options=("sharing=locked",)) for name, folder in folders)


def _dnf(node: Install, target: Target, ways: Ways) -> Code:
    mounts = caches(target) if ways.cached else ()
    first, flags = _enabled(node, target)
    cache = ("--setopt=keepcache=True",) if ways.cached else ()
    words = " ".join(("dnf install -y --nodocs --setopt=install_weak_deps=False", *cache, *flags, *node.options))
    tidy = ("dnf clean all",) if ways.tidies and not ways.cached else ()
    modules = (f"dnf module enable -y {sh_join(node.modules)}",) if node.modules else ()
    if node.download:
        words = " ".join(("dnf download --resolve", f"--destdir={sh(node.download)}", *flags))
        fetch = (f"mkdir -p {sh(node.download)}", listed(words, node.packages))
        return Code((*first, "dnf install -y dnf-plugins-core cpio", *fetch, *_extract_rpms(node), *tidy), mounts)
    return Code((*first, *modules, listed(words, node.packages), *tidy), mounts)


def _extract_rpms(node: Install) -> tuple[str, ...]:
    if not node.extract:
        return ()
    one = f'rpm2cpio "$file" > "$file.cpio" && (cd {sh(node.extract)} && cpio -id --quiet) < "$file.cpio"'  # a pipe would hide that rpm2cpio failed
    unpack = f"for file in {sh(node.download)}/*.rpm; do {one} || exit 1; done"
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
            raise Unsupported(
                f"EPEL cannot be enabled on {target.name} by a package of the distribution", help="use a Rocky or Alma base, or add a repository(...)"
            )
        else:
            raise Unsupported(f"repository '{name}' is not known", help="known: epel, crb")
    return tuple(commands), tuple(flags)


# --- repositories ------------------------------------------------------------------------------------------------------------


def repository(node: AddRepository, target: Target, ways: Ways) -> Code:
    """Adds a repository, once its key is seen to be the one that is named."""
    for address in (node.url, node.key):
        if not address.startswith(("https://", "file://")):
            raise Unsupported(f"repository {node.name}: {address} is not https")
    return _apt_repository(node, target, ways) if target.manager == "apt" else _dnf_repository(node)


def _key_commands(node: AddRepository, file: str) -> tuple[str, ...]:
    """Fetches a key and stops unless it is the one that is named, alone in its file."""
    home = "/run/hpcgen-gnupg"
    count = """awk -F: '$1 == "pub" { n++ } $1 == "fpr" && !f { f = $10 } END { print n, f }'"""
    stop = f'echo "repository {node.name}: expected 1 key {node.fingerprint}, found $key" >&2; exit 1'
    return (
        f"curl -fsSL --retry 3 -o {file} {sh(node.key)}",
        f"install -d -m 700 {home}",
        f"gpg --homedir {home} --batch --show-keys --with-colons {file} > {home}/keys",
        f'key="$({count} {home}/keys)"',
        f'[ "$key" = "1 {node.fingerprint}" ] || {{ {stop}; }}',
        f"rm -rf {home}",
    )


def _apt_repository(node: AddRepository, target: Target, ways: Ways) -> Code:
    ring = (
        f"/etc/apt/keyrings/{node.name}{'.gpg' if node.key.endswith('.gpg') else '.asc'}"  # by its ending apt knows a binary key from an armored one
    )
    line = " ".join(("deb", f"[signed-by={ring}]", node.url, node.suite or "/", *node.components))
    needs = listed(f"DEBIAN_FRONTEND=noninteractive {_apt_install(ways)}", ("ca-certificates", "curl", "gpg"))
    commands = ("apt-get update", needs, "mkdir -p /etc/apt/keyrings", *_key_commands(node, ring))
    tidy = _TIDY_APT if ways.tidies and not ways.cached else ()
    return Code((*commands, f"echo {sh(line)} > /etc/apt/sources.list.d/{node.name}.list", *tidy), caches(target) if ways.cached else ())


def _dnf_repository(node: AddRepository) -> Code:
    ring = f"/etc/pki/rpm-gpg/RPM-GPG-KEY-{node.name}"
    rows = (f"[{node.name}]", f"name={node.name}", f"baseurl={node.url}", "enabled=1", "gpgcheck=1", f"gpgkey=file://{ring}", "")
    needs = listed("dnf install -y --nodocs", ("ca-certificates", "gnupg2"))
    return Code((needs, *_key_commands(node, ring), *printf_file("\n".join(rows), f"/etc/yum.repos.d/{node.name}.repo")))
