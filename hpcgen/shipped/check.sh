#!/bin/sh
# Asks the loader whether all is found that programs and libraries of the final image need: sh check [ROOTDIR]
# Beside it lie roots, the files that are asked about, and host, globs of what the host brings. It needs nothing but a sh, which is
# all that some images have, and runs nothing but the loader. With ROOTDIR it asks about the image that lies there, by chroot.
set -uf
export LC_ALL=C
here=${0%/*} root=${1:-} failed=0 hosts="" loader="" teller=""
[ "$here" != "$0" ] || here=.
tab=$(printf "\t") nl="
"
IFS=$nl

wrong() { printf "%s\n" "check: $1" >&2; failed=1; }

is_host() { # is_host NAME: whether the host brings it
  for glob in $hosts; do
    # shellcheck disable=SC2254 # a glob is to match
    case $1 in $glob) return 0 ;; esac
  done
  return 1
}

listed() { # listed FILE: what the loader says of it; it dies of a static program, which needs nothing
  # For ldd the loader tells all; asked by --list it stops at the first library that is missing.
  case $root:$teller in
    :*) LD_TRACE_LOADED_OBJECTS=1 "$loader" "$1" ;;
    *:) chroot "$root" "$loader" --list "$1" ;;
    *) chroot "$root" "$loader" "$teller" LD_TRACE_LOADED_OBJECTS=1 "$loader" "$1" ;;
  esac
}

ask() { # ask FILE
  if [ ! -e "$root$1" ] && [ ! -L "$root$1" ]; then wrong "$1 is not in the image"; return; fi
  { said=$(listed "$1" 2>&1); } 2>/dev/null
  for line in $said; do
    line=${line#"$tab"}
    case $line in
      *" => not found") missing "$1" "${line%" => not found"}" ;;
      *": error while loading shared libraries: "*": cannot open shared object file: "*)
        line=${line#*" libraries: "}; [ "${line%%": "*}" = "$1" ] || missing "$1" "${line%%": "*}" ;;
      *": version "*" not found (required by "*) wrong "$1 cannot be loaded: $line" ;;
    esac
  done
}

missing() { is_host "$2" || wrong "$1 needs $2, which is nowhere"; }

send_teller() { # an env in the other image, which can tell its loader alone what chroot, too, would obey; for a while, if it can be written to
  teller=/.hpcgen-env
  { cp -L "$(command -v env)" "$root$teller" && chroot "$root" "$loader" "$teller" "$loader" --version; } >/dev/null 2>&1 || call_back
}
call_back() { [ -z "$teller" ] || rm -f "$root$teller"; teller=""; }

lines() { # lines FILE: in $read
  read=""
  while IFS= read -r line || [ -n "$line" ]; do read=$read$line$nl; done <"$1"
}

[ $# -le 1 ] || { echo "usage: sh check [ROOTDIR]" >&2; exit 2; }
for each in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1 /lib64/ld64.so.2 /lib/ld-linux-riscv64-lp64d.so.1; do
  if [ -z "$loader" ] && { [ -e "$root$each" ] || [ -L "$root$each" ]; }; then loader=$each; fi
done
loader=${HPCGEN_LOADER:-$loader}
[ -n "$loader" ] || { wrong "there is no loader of glibc"; exit 1; }
if [ -z "$root" ] && [ -e /etc/ld.so.conf.d/hpcgen-runtime.conf ] && command -v ldconfig >/dev/null; then
  ldconfig
  ! command -v rm >/dev/null || rm -f /var/cache/ldconfig/aux-cache
fi
[ -z "$root" ] || send_teller
lines "$here/host"; hosts=$read
lines "$here/roots"
for file in $read; do ask "$file"; done
call_back
exit $failed
