#!/bin/sh
# Installs the packages that own what is needed at run time: sh install [cached], in the final stage.
# Beside it lie names, and the builder's sources and ca.crt, which serve this one transaction: nothing of them stays in the image.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
kept=${1:-}
nl="
"
lent="" # files and folders of the builder's, the last one first

lend() { # lend FOLDER: what the builder has below it and this image lacks
  for file in "$here/sources$1"/*; do
    to=$1/${file##*/}
    if [ -d "$file" ]; then
      [ -d "$to" ] || { mkdir "$to"; lent=$to$nl$lent; }
      lend "$to"
    elif [ -f "$file" ] && [ ! -e "$to" ]; then
      cp "$file" "$to"; lent=$to$nl$lent
    fi
  done
}

give_back() { # all but what a package has made its own meanwhile
  IFS=$nl
  for to in $lent; do
    if [ -d "$to" ]; then rmdir "$to" 2>/dev/null || :; else owned "$to" || rm -f "$to"; fi
  done
}

owned() { # owned FILE
  if [ "$manager" = apt-get ]; then dpkg-query -S "$1" >/dev/null 2>&1; else rpm -qf "$1" >/dev/null 2>&1; fi
}

trust() { # trust OPTION: the builder's certificates, where this image has none yet
  if [ -s "$here/ca.crt" ] && [ ! -s /etc/ssl/certs/ca-certificates.crt ] && [ ! -s /etc/pki/tls/certs/ca-bundle.crt ]; then
    echo "$1=$here/ca.crt"
  fi
}

by_apt() { # a file that is there already, from the tree or lent, stays: no one is here to be asked
  export DEBIAN_FRONTEND=noninteractive
  ca=$(trust Acquire::https::CAInfo)
  apt-get ${ca:+-o "$ca"} update
  unasked=$(mktemp) # else debconf opens its data base, to ask nobody, and the layer has it once more: 760 kB
  echo "#clear DPkg::Pre-Install-Pkgs;" >"$unasked"
  apt-get -c "$unasked" ${ca:+-o "$ca"} ${kept:+-o Dir::Cache::archives=hpcgen} \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o "Dpkg::Options::=--path-exclude=/usr/share/doc/*" -o "Dpkg::Options::=--path-include=/usr/share/doc/*/copyright" \
    -o "Dpkg::Options::=--path-exclude=/usr/share/man/*" -o "Dpkg::Options::=--path-exclude=/usr/share/info/*" \
    -o "Dpkg::Options::=--path-exclude=/usr/share/locale/*" -o "Dpkg::Options::=--path-exclude=/usr/share/lintian/*" \
    install -y --no-install-recommends "$@"
  rm -f "$unasked"
  [ -n "$kept" ] || { apt-get clean; rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/lock; }
  rm -rf /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log /var/lib/dpkg/*-old /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache
}

by_dnf() {
  ca=$(trust sslcacert)
  "$manager" install -y --nodocs --setopt=install_weak_deps=False ${kept:+--setopt=keepcache=True} ${ca:+"--setopt=$ca"} "$@"
  [ -n "$kept" ] || { "$manager" clean all; rm -rf /var/cache/dnf/* /var/cache/yum/*; }
  rm -rf /var/log/dnf* /var/log/hawkey.log /var/lib/dnf/history.sqlite* /var/cache/ldconfig/aux-cache
}

case $#:$kept in 0: | 1:cached) ;; *) echo "usage: sh install [cached]" >&2; exit 2 ;; esac
# shellcheck disable=SC2046 # names of packages are words
set -- $(cat "$here/names")
[ $# -gt 0 ] || exit 0
manager=""
for each in microdnf dnf apt-get; do if command -v "$each" >/dev/null 2>&1; then manager=$each; fi; done
[ -n "$manager" ] || { echo "install: this image has neither apt nor dnf" >&2; exit 1; }
trap give_back EXIT
if [ -d "$here/sources" ]; then lend ""; fi
if [ "$manager" = apt-get ]; then by_apt "$@"; else by_dnf "$@"; fi
