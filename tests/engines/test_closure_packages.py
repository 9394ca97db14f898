"""The programs of the derived runtime stage among real packages: Debian's, in copies of its base image, and RPMs that are made here.

The RPM side is tested in a Debian too, with Debian's `rpm`, `rpmbuild`, `createrepo_c` and `dnf`: the root knows no dpkg, and small RPMs own
the libraries, libc's among them. What is not tested so is what only the packages of a RHEL would show.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import attrs
import pytest
import support

from hpcgen import shipped

LIB = "usr/lib/x86_64-linux-gnu"
UNMERGED = "lib/x86_64-linux-gnu"


@attrs.frozen
class Place:
    """A folder that copies of the base image see, and what is made in it.

    Attributes:
        folder: it.
    """

    folder: Path

    def inside(self, script: str, kept: str = "", *, check: bool = True) -> str:
        """What a script prints in a copy of the base image, whose changes stay in a folder of a name if one is given."""
        keep = ("-k", self.folder / kept) if kept else ()
        return support.run(support.ENGINES, "chroot", *keep, support.BASE, "sh", "-ec", script, cwd=self.folder, check=check)

    def compiled(self, place: str, *words: str | Path, code: str = "int main(void) { return 0; }") -> Path:
        """What gcc makes of a line of C."""
        made = self.folder / place
        made.parent.mkdir(parents=True, exist_ok=True)
        (self.folder / "source.c").write_text(f"{code}\n")
        support.run("gcc", "-Wl,--no-as-needed,--allow-shlib-undefined", "-o", made, "source.c", *words, cwd=self.folder)
        return made

    def library(self, place: str, *needs: Path, flags: tuple[str, ...] = ()) -> Path:
        """A shared library whose soname is its name."""
        name = Path(place).name
        return self.compiled(place, "-shared", "-fPIC", f"-Wl,-soname,{name}", *flags, *needs, code="int one(void) { return 1; }")

    def deb(self, name: str, *fields: str, links: tuple[str, ...] = (), scripts: tuple[tuple[str, str], ...] = ()) -> None:
        """A package out of the folder of its name, with documents of all kinds, put into the repository."""
        tree = self.folder / "debs" / name
        for path in (f"doc/{name}/copyright", f"doc/{name}/changelog", f"man/man1/{name}.1", f"locale/xx/{name}"):
            written(tree / "usr/share" / path, "text\n")
        control = (f"Package: {name}", "Version: 1.0-1", "Architecture: amd64", "Maintainer: x <x@example.org>", "Description: x", *fields)
        written(tree / "DEBIAN/control", "".join(f"{line}\n" for line in control))
        for script, text in scripts:
            written(tree / "DEBIAN" / script, f"#!/bin/sh -e\n{text}\n").chmod(0o755)
        for link in links:
            path, _, target = link.partition(" -> ")
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).symlink_to(target)
        (self.folder / "repo").mkdir(exist_ok=True)
        support.run("dpkg-deb", "--root-owner-group", "-b", tree, self.folder / "repo")

    def specification(self, *records: str, kind: str) -> None:
        """Writes what the closure program reads, and puts the programs where they are called."""
        head = (f"out\t{self.folder}/out", f"kind\t{kind}", f"block\ttool\t1\tabc\t{self.folder}/opt/tool")
        written(self.folder / "spec", "".join(f"{record}\n" for record in (*head, *records)))
        for name, place in (("closure", "closure"), ("install", "out/packages/install"), ("check", "out/check/check")):
            written(self.folder / place, shipped.text(name))

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest that the program wrote."""
        found: dict[str, Any] = json.loads((self.folder / "out/root/usr/share/hpcgen/manifest.json").read_bytes())
        return found

    @property
    def packages(self) -> list[str]:
        """The names of the packages that are to be installed."""
        return (self.folder / "out/packages/names").read_text().split()

    def files(self) -> set[str]:
        """The files of the manifest."""
        return {one["path"] for one in self.manifest["files"]}


def written(place: Path, text: str) -> Path:
    """A file, with the folders above it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


@pytest.fixture(scope="module")
def tools(engines: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a copy of the base image has once it knows RPMs and no Debian packages."""
    place = Place(tmp_path_factory.mktemp("tools"))
    place.inside(TOOLS, "kept")
    return place.folder / "kept"


@pytest.fixture
def place(folder: Path) -> Place:
    """A folder of one's own."""
    return Place(folder)


def repository(place: Place) -> Path:
    """Debian packages of every sort, in a repository; gives a program that needs their libraries."""
    one = place.library(f"debs/libone1/{UNMERGED}/libone.so.1.0", flags=("-Wl,-soname,libone.so.1",))
    two = place.library(f"debs/libtwo1/{LIB}/libtwo.so.1")
    alternative = place.library(f"debs/libchoice-good/{LIB}/good/libchoice.so.1")
    diverted = place.library(f"debs/libplain1/{LIB}/libplain.so.1")
    diverting = place.library(f"debs/better/{LIB}/libplain.so.1")
    place.deb("libone1", "Depends: libtwo1 (>= 1.0), first-choice | second-choice, a-thing (>= 1), coreutils", links=(f"{UNMERGED}/libone.so.1 -> libone.so.1.0",))
    place.deb("libtwo1", "Pre-Depends: low-thing")
    for name in ("first-choice", "second-choice", "low-thing", "unwanted"):
        place.deb(name, "Recommends: unwanted")
    place.deb("the-thing", "Provides: a-thing (= 2), b-thing")
    choose = f"update-alternatives --install /{LIB}/libchoice.so.1 libchoice /{LIB}/good/libchoice.so.1 10"
    place.deb("libchoice-good", scripts=(("postinst", choose),))
    place.deb("libplain1")
    place.deb("better", scripts=(("preinst", f"dpkg-divert --package better --add --rename --divert /{LIB}/libplain.so.1.orig /{LIB}/libplain.so.1"),))
    packages = support.run("dpkg-scanpackages", "-m", ".", cwd=place.folder / "repo").split("Package: ", 1)[1]
    written(place.folder / "repo/Packages", "Package: " + "\n".join(line for line in packages.splitlines() if not line.startswith("dpkg-scanpackages")) + "\n")
    assert diverted.exists()
    return place.compiled("opt/tool/bin/run", one, two, alternative, diverting)


BUILDER = """
dpkg-query -W -f '${{Package}}\\n' >base
cp /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/local.gpg
echo 'deb [trusted=yes signed-by=/usr/share/keyrings/local.gpg] file:{folder}/repo ./' >/etc/apt/sources.list.d/local.list
apt-get -q update -o Dir::Etc::sourcelist=/dev/null
apt-get -q install -y --no-install-recommends {packages}
"""
ALL = "libone1 second-choice the-thing libchoice-good libplain1 better"
CLOSED = {"libone1", "libtwo1", "second-choice", "the-thing", "low-thing", "libchoice-good", "better"}


def built(place: Place, *records: str, kind: str, more: str = "") -> str:
    """What the closure program says in a copy of the base image in which all the packages are installed."""
    place.specification(*records, kind=kind)
    return place.inside(BUILDER.format(folder=place.folder, packages=ALL) + f"{more}\nsh closure spec", "builder")


FINAL = """
cp -a out/root/. /
listed() { dpkg-query -W -f '${Package}\\n' | sort; }
left() { (cd /; find etc/apt var/cache/apt var/lib/apt/lists var/log usr/share/keyrings ! -type d | sort); }
listed >before; left >there
echo >/etc/apt/sources.list
sh out/packages/install CACHED
listed >after; left >left
sh out/check/check
opt=$(pwd)/opt; mv opt/tool hidden; mkdir opt/tool; cp -a out/root/$opt/. opt/
opt/tool/bin/run
find /usr/share/doc/libone1 /usr/share/man /usr/share/locale -name '*libone1*' -o -path '*libone1/*'
"""


@pytest.mark.parametrize("cached", ["", "cached"])
def test_exactly_the_packages_of_the_manifest_are_installed(place: Place, cached: str) -> None:
    """Packages that own needed libraries, and all that these depend on, are named, installed from the builder's repository, and nothing else is."""
    repository(place)
    built(place, f"base\t{place.folder}/base", f"take\ttool\tprograms\t{place.folder}/opt/tool/bin", kind="packages")
    assert set(place.packages) == CLOSED
    assert {one["package"] for one in place.manifest["packages"]} == CLOSED
    assert place.files() == {f"{place.folder}/opt/tool/bin/run"}
    assert (place.folder / "out/packages/sources/usr/share/keyrings/local.gpg").is_file()
    documents = place.inside(FINAL.replace("CACHED", cached))
    before, after = (set((place.folder / name).read_text().split()) for name in ("before", "after"))
    assert after - before == CLOSED
    there, left = (set((place.folder / name).read_text().split()) for name in ("there", "left"))
    more = {str(Path(one).parent) for one in left - there}
    assert more == ({"var/lib/apt/lists", "var/cache/apt/hpcgen"} if cached else set())
    assert "/usr/share/doc/libone1/copyright" in documents
    assert "/usr/share/doc/libone1/changelog" not in documents
    assert "/usr/share/man/man1/libone1.1" not in documents


def test_a_package_says_whence_it_is_wanted(place: Place) -> None:
    """Each package of the manifest has its version, the block and the reason for which it is there, and the bytes that it will take."""
    program = repository(place)
    built(place, f"base\t{place.folder}/base", f"take\ttool\tprograms\t{place.folder}/opt/tool/bin", "package\ttool\tunwanted", kind="packages", more="apt-get -q install -y unwanted")
    told = {one["package"]: one for one in place.manifest["packages"]}
    assert told["libone1"]["why"] == f"needed by {program}"
    assert told["low-thing"]["why"] == "needed by package libtwo1"
    assert told["unwanted"]["why"] == "wanted by name"
    assert {(one["block"], one["version"]) for one in told.values()} == {("tool", "1.0-1")}
    library = place.folder / f"debs/libone1/{UNMERGED}/libone.so.1.0"
    assert told["libone1"]["bytes"] == library.stat().st_size + len("text\n")


def test_files_of_packages_run_without_them(place: Place) -> None:
    """Of kind files, packages' libraries come as files, with their links and licences, and the program runs upon nothing else."""
    program = repository(place)
    built(place, f"take\ttool\tprograms\t{place.folder}/opt/tool/bin", kind="files")
    assert place.packages == []
    wanted = {f"/{LIB}/libone.so.1", f"/{LIB}/libone.so.1.0", f"/{LIB}/good/libchoice.so.1", "/etc/alternatives/libchoice", f"/{LIB}/libchoice.so.1"}
    wanted |= {f"/usr/share/doc/{name}/copyright" for name in ("libone1", "libtwo1", "libchoice-good", "better", "libc6")}
    assert wanted <= place.files()
    assert not any("libplain1" in path for path in place.files())
    out = place.folder / "out/root"
    (out / "lib64").symlink_to("usr/lib64")  # what a base image with merged /usr has
    (out / "lib").symlink_to("usr/lib")
    support.run("chroot", out, program)


def test_an_image_of_nothing_runs_programs(place: Place) -> None:
    """Of kind scratch, a program of the distribution runs, a user is looked up, text is converted, and the check finds all."""
    program = repository(place)
    more = f"mkdir -p /opt/special; mv /{LIB}/libtwo.so.1 /opt/special; echo /opt/special >/etc/ld.so.conf.d/special.conf; ldconfig"
    folder = place.folder
    records = (f"take\ttool\tprograms\t{folder}/opt/tool/bin", "shell\tyes", *(f"take\ttool\tprograms\t/usr/bin/{name}" for name in ("id", "iconv", "ls", "getent")))
    built(place, *records, kind="scratch", more=more)
    out = folder / "out/root"
    assert (out / "etc/ld.so.cache").exists()
    assert "/etc/ld.so.cache" in place.files()
    script = f"{program} && id -un && getent passwd nobody && iconv -f UTF-16LE -t UTF-8 /text && ls -ld /tmp"
    (out / "text").write_bytes("a\u00e4".encode("utf-16-le"))
    said = support.run("chroot", out, "/bin/sh", "-ec", script, env={"PATH": "/usr/bin:/usr/sbin"})
    assert said.splitlines()[0] == "root"
    assert "nobody:x:65534" in said
    assert "a\u00e4drwxrwxrwt" in said
    for shell in ("dash", "bash", "busybox sh"):
        assert support.run(*shell.split(), folder / "out/check/check", out) == ""
    (out / "opt/special/libtwo.so.1").unlink()
    said = support.run("sh", folder / "out/check/check", out, check=False)
    assert f"check: {program} needs libtwo.so.1, which is nowhere" in said
    assert not (out / ".hpcgen-env").exists()


def test_a_folder_that_only_the_loaders_configuration_names_is_configured(place: Place) -> None:
    """Where libraries are found by ld.so.conf alone, the final image is told of their folder, and the check has it looked through."""
    own = place.library("special/libown.so.1")
    place.compiled("opt/tool/bin/run", own)
    place.specification(f"take\ttool\tprograms\t{place.folder}/opt/tool/bin", f"base\t{place.folder}/base", kind="packages")
    configure = "mkdir /opt/special; mv special/libown.so.1 /opt/special; echo /opt/special >/etc/ld.so.conf.d/special.conf; ldconfig"
    place.inside(f"dpkg-query -W -f '${{Package}}\\n' >base; {configure}; sh closure spec", "builder")
    assert (place.folder / "out/root/etc/ld.so.conf.d/hpcgen-runtime.conf").read_text() == "/opt/special\n"
    assert place.packages == []
    place.inside("cp -a out/root/. /; sh out/packages/install; sh out/check/check; opt/tool/bin/run")


def test_a_path_that_the_recipe_diverts_is_its_own(place: Place) -> None:
    """A library that stands in a package's place by a local diversion comes as a file, and what was diverted by its package."""
    program = repository(place)
    divert = f"dpkg-divert --local --rename --add /{LIB}/libtwo.so.1; cp -L /{LIB}/libtwo.so.1.distrib /{LIB}/libtwo.so.1"
    built(place, f"base\t{place.folder}/base", f"take\ttool\tprograms\t{program}", kind="packages", more=divert)
    assert f"/{LIB}/libtwo.so.1" in place.files()


SPEC = """
Name: {name}
Version: 1.0
Release: 1
Summary: x
License: x
{fields}
%global __brp_compress /bin/true
%global debug_package %{{nil}}
%global __os_install_post %{{nil}}
%description
x
%files
{files}
"""

TOOLS = """
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install -y --no-install-recommends rpm dnf createrepo-c
apt-get clean
mv /usr/bin/dpkg-query /usr/bin/dpkg-query.away
"""

RPMS = """
mkdir -p repo
for name in glibc libone libtwo helper extra unwanted; do
  rpmbuild -bb --quiet --buildroot $(pwd)/rpms/$name --define "_rpmdir $(pwd)/repo" --define '_build_id_links none' $name.spec
done
createrepo_c -q repo
"""


def rpm(place: Place, name: str, *fields: str) -> None:
    """Writes what rpmbuild makes a package of, out of the folder of its name."""
    tree = place.folder / "rpms" / name
    written(tree / f"usr/share/doc/{name}/readme", "text\n")
    written(tree / f"usr/share/licenses/{name}/COPYING", "text\n")
    files = sorted(str(one.relative_to(tree)) for one in tree.rglob("*") if one.is_symlink() or one.is_file())
    listed = "".join(f"{'%doc ' if '/doc/' in one else ''}/{one}\n" for one in files)
    written(place.folder / f"{name}.spec", SPEC.format(name=name, fields="\n".join(fields), files=listed))


def rpms(place: Place) -> Path:
    """RPMs, libc's among them, in a repository; gives a program that needs the others' libraries."""
    for library in ("libc.so.6", "ld-linux-x86-64.so.2"):
        written(place.folder / "rpms/glibc" / LIB / library, "")
        shutil.copy(f"/{LIB}/{library}", place.folder / "rpms/glibc" / LIB / library)
    (place.folder / "rpms/glibc" / LIB / "libc.so.6").chmod(0o755)
    two = place.library(f"rpms/libtwo/{LIB}/libtwo.so.1")
    one = place.library(f"rpms/libone/{LIB}/libone.so.1", two)
    written(place.folder / "rpms/helper/usr/libexec/helper", "text\n")
    rpm(place, "glibc", "Provides: rtld(GNU_HASH)", "AutoReq: no")
    rpm(place, "libtwo", "Recommends: unwanted")
    rpm(place, "libone", "Requires: (extra if libtwo)", "Requires: /usr/libexec/helper", "Requires: helper-any >= 1")
    rpm(place, "helper", "Provides: helper-any = 2")
    rpm(place, "extra")
    rpm(place, "unwanted")
    return place.compiled("opt/tool/bin/run", one)


REPOSITORY = "printf '[local]\\nname=local\\nbaseurl=file://{folder}/repo\\ngpgcheck=0\\n' >/etc/yum.repos.d/local.repo"
RPM_BUILDER = """
mkdir -p /etc/yum.repos.d
rpm --force-debian -i --nodeps --force repo/*/glibc-1.0-1.*.rpm
rpm -qa --qf '%{{NAME}}\\n' >base
{repository}
dnf -q install -y --setopt=install_weak_deps=True libone
ldconfig
sh closure spec
"""
RPM_FINAL = """
mkdir -p /etc/yum.repos.d
rpm --force-debian -i --nodeps --force repo/*/glibc-1.0-1.*.rpm
mv /usr/bin/apt-get /usr/bin/apt-get.away
cp -a out/root/. /
rpm -qa --qf '%{NAME}\\n' | sort >before
sh out/packages/install
rpm -qa --qf '%{NAME}\\n' | sort >after
sh out/check/check
opt/tool/bin/run
ls /etc/yum.repos.d /usr/share/doc/libone /usr/share/licenses/libone 2>&1 || true
"""


def test_rpms_of_the_manifest_are_installed(place: Place, tools: Path) -> None:
    """Among RPMs too, those that own needed libraries, and what they require, by name, by file and on a condition, are named and installed alone."""
    program = rpms(place)
    for name in ("builder", "final"):
        support.run("cp", "-a", tools, place.folder / name)
    place.specification(f"take\ttool\tprograms\t{place.folder}/opt/tool/bin", f"base\t{place.folder}/base", kind="packages")
    place.inside(RPMS + RPM_BUILDER.format(repository=REPOSITORY.format(folder=place.folder)), "builder")
    assert set(place.packages) == {"libone", "libtwo", "helper", "extra"}
    told = {one["package"]: one for one in place.manifest["packages"]}
    assert (told["libone"]["version"], told["libone"]["why"]) == ("1.0-1", f"needed by {program}")
    said = place.inside(RPM_FINAL, "final")
    before, after = (set((place.folder / name).read_text().split()) for name in ("before", "after"))
    assert after - before == set(place.packages)
    assert "local.repo" not in said
    assert "COPYING" in said
    assert "readme" not in said


def test_files_of_rpms_come_with_their_licences(place: Place, tools: Path) -> None:
    """Of kind files, libraries that RPMs own come as files, with what /usr/share/licenses has."""
    rpms(place)
    support.run("cp", "-a", tools, place.folder / "builder")
    place.specification(f"take\ttool\tprograms\t{place.folder}/opt/tool/bin", f"base\t{place.folder}/base", kind="files")
    place.inside(RPMS + RPM_BUILDER.format(repository=REPOSITORY.format(folder=place.folder)), "builder")
    assert {f"/{LIB}/libone.so.1", f"/{LIB}/libtwo.so.1", "/usr/share/licenses/libone/COPYING"} <= place.files()
    assert not any("glibc" in path or "libc.so" in path for path in place.files())
