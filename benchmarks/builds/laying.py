"""Lays out the stack's tarballs as its recipes ask for them, from those that scripts/upstream fetches.

Debian's tarballs are upstream's, packed anew for some; UCX's lacks the generated configure, which is made here with the base image's own autotools.
"""

from __future__ import annotations

import argparse
import bz2
import io
import lzma
import shutil
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from builds.machine import ENGINES, MIRROR, ROOT, SOURCES, FailedError, ready, run, say

if TYPE_CHECKING:
    from collections.abc import Mapping

UCX = "v1.13.1/ucx-1.13.1.tar.gz"
OPENMPI = "v4.1/downloads/openmpi-4.1.4.tar.bz2"
FFTW = "fftw-3.3.10.tar.gz"
HDF5 = "hdf5-1.10/hdf5-1.10.8/src/hdf5-1.10.8.tar.bz2"

# The files of debian/ are named by configure.ac, and not in the tarball.
AUTOGEN = """
apt-get -qq update
apt-get -qq install -y --no-install-recommends autoconf automake libtool make xz-utils >/dev/null
tar -x -f ucx.tar.xz
cd ucx-1.13.1
mkdir -p debian
touch debian/rules.in debian/control.in debian/changelog.in debian/compat debian/copyright debian/ucx.prerm debian/ucx.postinst
./autogen.sh >/dev/null 2>&1
cd ..
tar -c -z -f ucx-1.13.1.tar.gz ucx-1.13.1
rm -rf ucx-1.13.1
"""


def main() -> int:
    """Lays them out, or small stand-ins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dir", nargs="?", type=Path, default=SOURCES, metavar="DIR", help=f"the folder, made if it is not there (default: {SOURCES})")
    parser.add_argument("--small", action="store_true", help="stand-ins that sleep instead of compiling, to try the scripts in a minute or two")
    options = parser.parse_args()
    folder = options.dir.absolute()
    try:
        small(folder) if options.small else lay_out(folder)
    except (FailedError, OSError) as fault:
        say(f"failed: {fault}")
        return 1
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        print(f"{path.stat().st_size:>12} {path.relative_to(folder)}")
    return 0


def lay_out(folder: Path) -> None:
    """The real tarballs; what is there is not made again."""
    ready()
    run(ROOT / "scripts" / "upstream", MIRROR)
    for name, make in ((UCX, _ucx), (OPENMPI, _openmpi), (FFTW, _fftw), (HDF5, _hdf5)):
        path = folder / name
        if path.is_file():
            continue
        say(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        make(part)
        part.replace(path)


def _of_debian(file: str) -> Path:
    """One of Debian's tarballs in the mirror."""
    return next(MIRROR.glob(f"*/{file}"))


def _ucx(path: Path) -> None:
    work = path.parent / "autogen"
    work.mkdir(exist_ok=True)
    shutil.copy(_of_debian("ucx_1.13.1.orig.tar.xz"), work / "ucx.tar.xz")
    run(ENGINES, "chroot", "debian:12", "sh", "-euc", AUTOGEN, cwd=work)
    (work / "ucx-1.13.1.tar.gz").replace(path)
    shutil.rmtree(work)


def _openmpi(path: Path) -> None:
    with lzma.open(_of_debian("openmpi_4.1.4.orig.tar.xz")) as source, bz2.open(path, "wb") as packed:
        shutil.copyfileobj(source, packed)


def _fftw(path: Path) -> None:
    shutil.copy(_of_debian("fftw3_3.3.10.orig.tar.gz"), path)


def _hdf5(path: Path) -> None:
    """Under the name that its top folder has in the release."""
    with tarfile.open(_of_debian("hdf5_1.10.8+repack1.orig.tar.gz")) as source, tarfile.open(path, "w:bz2") as packed:
        for member in source:
            member.name = _released(member.name)
            if member.islnk():
                member.linkname = _released(member.linkname)
            packed.addfile(member, source.extractfile(member) if member.isreg() else None)


def _released(name: str) -> str:
    return "/".join(("hdf5-1.10.8", *name.split("/")[1:]))


# --- stand-ins -----------------------------------------------------------------------------------------------------------

SECONDS = {"ucx": 4, "openmpi": 10, "fftw": 5, "hdf5": 5}
"""How long each stand-in sleeps."""

CONFIGURE = r"""#!/bin/sh
for word; do case $word in --prefix=*) prefix=${word#--prefix=} ;; esac; done
name=${prefix##*/}
{
  printf '## ---------------- ##\n## Cache variables. ##\n## ---------------- ##\n\n'
  for program in gcc gfortran mpicc perl; do echo "ac_cv_prog_$program=$(command -v $program || echo no)"; done
  printf '\n## ----------------- ##\n## Output variables. ##\n## ----------------- ##\n\n'
  printf '## ----------- ##\n## confdefs.h. ##\n## ----------- ##\n\n'
  for header in numa.h zlib.h bfd.h ucp.h; do
    if [ -e /usr/include/$header ] || [ -e /usr/local/ucx/include/$header ]; then echo "#define HAVE_$header 1"; fi
  done
  printf '\nconfigure: exit 0\n'
} >config.log
echo "$@" >words
printf 'all:\n\tsleep SECONDS\ninstall:\n\tsh ./install.sh %s\n' "$prefix" >Makefile
"""

INSTALL = r"""prefix=$1
name=${prefix##*/}
mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/include"
cp words "$prefix/lib/words"
echo "$name" >"$prefix/lib/lib$name.so.1"
ln -s "lib$name.so.1" "$prefix/lib/lib$name.so"
case $name in
  ucx) touch "$prefix/include/ucp.h"; printf '#!/bin/sh\ncat %s/lib/words\n' "$prefix" >"$prefix/bin/ucx_info" ;;
  openmpi)
    printf '#!/bin/sh\ncat %s/lib/words\n' "$prefix" >"$prefix/bin/ompi_info"
    printf '#!/bin/sh\nuntil [ "$1" = -o ]; do shift; done; echo "#!/bin/sh" >"$2"; chmod 755 "$2"\n' >"$prefix/bin/mpicc"
    printf '#!/bin/sh\nfor rank in 0 1; do echo "rank $rank of 2: fft ok, hdf5 ok"; done\n' >"$prefix/bin/mpirun" ;;
esac
find "$prefix/bin" -type f -exec chmod 755 {} +
"""


def small(folder: Path) -> None:
    """Tarballs whose configure looks at little and whose make sleeps."""
    for name, path in {"ucx": UCX, "openmpi": OPENMPI, "fftw": FFTW, "hdf5": HDF5}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        top = file.name.partition(".tar")[0]
        texts = {"configure": CONFIGURE.replace("SECONDS", str(SECONDS[name])), "install.sh": INSTALL}
        _pack(file, {f"{top}/{key}": text for key, text in texts.items()})


def _pack(file: Path, texts: Mapping[str, str]) -> None:
    mode = "w:bz2" if file.suffix == ".bz2" else "w:gz"
    with tarfile.open(file, mode) as packed:  # type: ignore[call-overload]  # tarfile's overloads want a literal
        for name, text in texts.items():
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o755, int(time.time())
            packed.addfile(member, io.BytesIO(data))
