#!/bin/sh
# Finds what is needed at run time, by the loader's own rules, and lays it out as a tree: sh closure SPEC
# It runs as root in the stage that built everything, with a POSIX sh, coreutils and glibc's loader, and runs nothing of what it looks at.
# Its tables are files of lines, with tabs between fields, that sort and join put together: a sh has no other way that is fast.
set -euf
umask 022
export LC_ALL=C
unset LD_PRELOAD LD_LIBRARY_PATH CDPATH || :
tab=$(printf "\t") unit=$(printf "\037") delete=$(printf "\177") nl="
"
IFS=$nl # with set -f, an unquoted list of names is split at line ends and at nothing else

say() { printf "closure: %s\n" "$1" | tr "\001-\010\013-\037\177" "[?*]" >&2; } # a name may hold what a terminal would obey
die() { say "$1"; exit 1; }
cleanup() { rm -rf "$work"; }
rec() { IFS=$tab; printf "%s\n" "$*"; IFS=$nl; }
merge() { join -t "$tab" "$@"; }
firsts() { sort -s -u -t "$tab" -k 1,1 "$@"; } # of the rows of each key
keyed() { sort -u -t "$tab" -k 1,1 -k 2 "$@"; }
distinct() { sort -u "$1" -o "$1"; }
glob_of() { # glob_of NAME GLOB...: whether one of them matches
  one=$1; shift
  for glob; do
    # shellcheck disable=SC2254 # it is to match
    case $one in $glob) return 0 ;; esac
  done
  return 1
}
# shellcheck disable=SC2086 # lines are words
is_host() { glob_of "$1" $hosts; }
batches() { # batches FILE COMMAND...: the command with the lines of a file as further words, a thousand at a time
  rm -rf batch; mkdir batch
  split -a 4 -l 1000 "$1" batch/; shift
  expand "/*" "$work/batch"
  # shellcheck disable=SC2046 # lines are words
  for batch in $found; do (cd / && "$@" $(cat "$batch")); done
}

# --- the specification -----------------------------------------------------------------------------------------------------

out="" kind="" image=null base=" " search="" strip=no shell=no manifest=manifest.json
blocks="" prefixes="" hosts="" companions="" leaves="" packages="" pins=""
read_spec() { # not by tabs, since sh takes an empty field between two for none
  tr "\t" "\037" <"$1" >spec
  while IFS=$unit read -r key a b c d || [ -n "$key" ]; do
    case $key in
      "") ;;
      out) out=${a%/} ;; kind) kind=$a ;; image) image=$a ;; manifest) manifest=$a ;; strip) strip=$a ;; shell) shell=$a ;;
      block) blocks=$blocks$a$unit$b$unit$c$unit$d$nl; add_prefix "$d" "$a" ;;
      base) while read -r name; do base="$base${name%%:*} "; done <"$a" ;;
      take | whole) rec "$key" "${a:-recipe}" "${b:-taken}" "$c" >>takes ;;
      root) rec "$a" "$b" "$c" >>copies ;; # DEST; `later`: not there yet when it is checked
      leave) leaves=$leaves$a$nl ;;
      package) packages=$packages$a$tab${b%%:*}$nl ;;
      pin) pins=$pins$a$tab$b$nl ;;
      companion) companions=$companions$a$tab$b$nl ;;
      host) hosts=$hosts$a$nl ;;
      search) search=${search:+$search:}$a ;;
      *) die "unknown record: $key" ;;
    esac
  done <spec
  case $kind in packages | files | scratch) ;; *) die "unknown kind: $kind" ;; esac
  case $out in /*) ;; *) die "out is no absolute folder: $out" ;; esac
}

add_prefix() { # add_prefix PREFIX BLOCK: as it is named, and as it really lies
  [ -z "$1" ] || prefixes=$prefixes${1%/}$tab$2$nl$(readlink -f "$1" || printf "%s" "${1%/}")$tab$2$nl
}

known_folder="" known_block="" prefix=""
of_block() { # of_block PATH ELSE: in $belongs, the block with the longest prefix above PATH; files come a folder at a time
  if [ "${1%/*}" != "$known_folder" ]; then
    known_folder=${1%/*} known_block="" prefix=""
    for line in $prefixes; do
      at=${line%%"$tab"*}
      case $1 in "$at"/*) [ "${#at}" -lt "${#prefix}" ] || { prefix=$at known_block=${line#*"$tab"}; } ;; esac
    done
  fi
  belongs=${known_block:-$2}
}

# --- files -----------------------------------------------------------------------------------------------------------------

row() { of_block "$1" "$block"; rec "$1" "$2" "$how" "$belongs" "$why"; } # row PATH NAMED; HOW: 0 taken whole, 1 taken, 2 needed

expand() { # expand GLOB [FOLDER]: what it matches, in $found
  found=""
  set +f
  for each in "${2-}"$1; do
    if [ -e "$each" ] || [ -L "$each" ]; then
      case $each in *"$nl"* | *"$tab"*) die "a name holds a line end or a tab: $each" ;; esac
      found=$found$each$nl
    fi
  done
  set -f
}

targets=$nl
target_of() { # target_of LINK: in $target
  case $targets in
    *"$nl$1$tab"*) target=${targets#*"$nl$1$tab"}; target=${target%%"$nl"*} ;;
    *) target=$(readlink "$1"); targets=$targets$1$tab$target$nl ;;
  esac
}

trace() { # trace NAME: rows for each link that it goes through and for the file at the end, $end; $own is NAME in its real folder
  at="" left=${1#/}/ chain="" own="" alternative=no
  while [ -n "$left" ]; do
    part=${left%%/*} left=${left#*/}
    case $part in "" | .) continue ;; ..) at=${at%/*}; continue ;; esac
    at=$at/$part
    [ -n "$left$own" ] || own=$at
    [ -L "$at" ] || continue
    [ "${#chain}" -lt 9999 ] || die "links go round in a circle: $1"
    chain=$chain$at$nl
    case $at in /etc/alternatives/*) alternative=yes ;; esac
    target_of "$at"
    case $target in /*) at="" ;; *) at=${at%/*} ;; esac
    left=$target/$left
  done
  end=$at
  for each in $chain; do link_row "$each" "$1"; done
  [ ! -f "$end" ] || { named=$end; [ "$own" != "$end" ] || named=$1; row "$end" "$named"; }
}

link_row() { # link_row LINK NAME: links that a package makes as it is installed belong to whom the file belongs
  named=$1
  case $1 in /bin | /sbin | /lib | /lib32 | /lib64 | /libx32) return 0 ;; esac
  [ "$1" != "$own" ] || named=$2
  if [ $alternative = yes ] && [ -f "$1" ]; then named=$end; fi
  row "$1" "$named"
}

walk() { # walk REAL NAMED: rows for all that is below a folder, and for the folder if it is empty
  below "$1"
  [ -n "$found" ] || row "$1" "$2"
  set -- "$1" "$2" "$found"
  for each in $3; do
    set -- "$1" "$2" "$3" "$each" "$2/${each##*/}"
    if left_behind "$5"; then continue; fi
    if [ -d "$4" ] && [ ! -L "$4" ]; then walk "$4" "$5"; elif [ -f "$4" ] || [ -L "$4" ]; then row "$4" "$5"; fi
  done
}
below() { expand "/*" "$1"; inside=$found; expand "/.[!.]*" "$1"; inside=$inside$found; expand "/..?*" "$1"; found=$inside$found; }

left_behind() { # left_behind NAMED: whether a folder above is taken without it; $given is what the record itself says of the path
  case $how in 0 | r) return 1 ;; esac
  case $1 in */stubs/lib*.so*) return 0 ;; esac
  if is_host "${1##*/}"; then return 0; fi
  case $1 in "$given"?*) set -- "/${1#"$given"}" "$1" ;; *) return 1 ;; esac
  case $1 in
    */include | */include/* | *.mod) ;;                            # headers, and Fortran's
    *.a | *.la | *.o | *.pc | *.cmake | */pkgconfig | */cmake) ;;  # for linkers and build systems
    */share/doc | */share/info | */share/gtk-doc | */aclocal | */man) ;;
    */share/*examples) ;;                                          # share/x/examples, share/x_examples
    */lib*.so) [ -L "$2" ] || return 1                             # development links; what needs one by this name gets it
      target_of "$2"; case $target in */*) return 1 ;; esac ;;     # a plug-in that is a library elsewhere: libibverbs/libmlx5-rdmav34.so
    *) return 1 ;;
  esac
}

gather() { # gather GLOB: rows for what it matches, and for all below that
  case $1 in *[*?[]*) given=${1%%[*?[]*}; given=${given%/*}/ ;; *) given=${1%/}; [ ! -d "${2-}$1" ] || given=$given/ ;; esac
  expand "$1" "${2-}"
  given=${2-}$given matched=$found
  for match in $matched; do
    match=${match%/}
    if left_behind "$match"; then continue; fi
    trace "$match"
    [ ! -d "$end" ] || walk "${end%/}" "$match"
  done
}

take() { # take take|whole BLOCK WHY GLOB
  how=1 block=$2 why=$3
  [ "$1" != whole ] || how=0
  gather "$4"
  case $1:$4:$matched in take:*[*?[]*: | *:?*"$nl") ;; *) die "nothing matches $4 ($2)" ;; esac
}

copied() { # copied GLOB DEST: rows of a root, named as it will lie
  how=r block=recipe why="copied by the recipe"
  expand "$1"
  [ -n "$found" ] || die "nothing matches $1, which is to be copied to $2"
  set -- "$1" "$2" "$found" "${found#*"$nl"}"
  for match in $3; do
    end=$(readlink -f "$match")
    if [ -d "$end" ]; then walk "$end" "${2%/}"; continue; fi
    case $2:$4 in *[!/]:) row "$end" "$2" ;; *) row "$end" "${2%/}/${match##*/}" ;; esac
  done
}

pruned() { # what is taken, without what is to be left
  how=r block=- why=-
  for leaf in $leaves; do gather "$leaf"; done >left.rows
  cut -f 1 left.rows | sort -u >left
  keyed take.rows | merge -v 1 - left
}

pointed_to() { # pointed_to FILE: rows for files that taken links point to and no one took
  while IFS=$tab read -r path _; do [ ! -L "$path" ] || [ ! -f "$path" ] || rec "$path"; done <"$1" | sort -u >links
  cut -f 1 "$1" | sort -u >there
  batches links readlink -- | paste links - | while IFS=$tab read -r path target; do
    case $target in /*) at=$target ;; *) at=${path%/*}/$target ;; esac
    if cd -P "${at%/*}/" 2>/dev/null; then rec "${PWD%/}/${at##*/}" "$path"; fi
  done | keyed | merge -v 1 -o 1.2 - there | sort -u >astray
  how=2 block=system
  while read -r path; do why="needed by $path"; trace "$path"; done <astray
}

package_files() { # rows for what is found in packages by the loader, or by PATH
  how=1
  for line in $packages; do
    name=${line#*"$tab"} block=${line%%"$tab"*} why="of package ${line#*"$tab"}"
    case $base in *" $name "*) continue ;; esac
    files_of "$name" >listing
    [ -s listing ] || die "package $name is not installed ($block)"
    while IFS=$tab read -r _ path; do
      case $path in */lib*/*.so | */lib*/*.so.* | */bin/* | */sbin/*) [ ! -f "$path" ] || trace "$path" ;; esac
    done <listing
  done
}

libc_opens() { # rows for what no program names and a libc is nothing without: it lies beside it
  how=2 block=system why="opened by name by libc.so.6" libc=""
  for each in "/lib*/libc.so.6" "/lib/*-linux-gnu*/libc.so.6" "/usr/lib*/libc.so.6"; do
    expand "$each"
    for match in $found; do if [ -z "$libc" ] && "$loader" --list "$match" >/dev/null 2>&1; then libc=$match; fi; done
  done
  trace "$loader"; trace "$libc"
  for each in nss_files.so.2 nss_dns.so.2 nss_compat.so.2; do [ ! -e "${libc%/*}/lib$each" ] || trace "${libc%/*}/lib$each"; done
  for module in UTF-16.so UTF-32.so UTF-7.so ISO8859-1.so ISO8859-15.so CP1252.so "gconv-modules*"; do gather "${libc%/*}/gconv/$module"; done
  gather "/usr/lib/locale/C.[uU]*"; gather /etc/nsswitch.conf
  why="certificates of the builder"
  gather /etc/ssl/certs/ca-certificates.crt; gather /etc/pki/tls/certs/ca-bundle.crt
  why="the shell"
  [ "$shell" = no ] || trace /bin/sh
}

# --- what the loader says --------------------------------------------------------------------------------------------------

find_loader() {
  loader=${HPCGEN_LOADER:-}
  for each in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1 /lib64/ld64.so.2 /lib/ld-linux-riscv64-lp64d.so.1; do
    [ -n "$loader" ] || [ ! -e "$each" ] || loader=$each
  done
  [ -x "$loader" ] || die "there is no loader of glibc"
}

magic() { head -v -c 4 -- "$@" || :; echo; }
kinds() { # kinds FILE: PATH and E or S of each ELF file and script of a list; a fork for each file would take longest of all
  batches "$1" magic 2>/dev/null | tr -d "\000" | while IFS= read -r line; do
    case $line in
      "==> /"*" <==") file=${line#"==> "}; file=${file%" <=="}; continue ;;
      "${delete}ELF") [ -z "$file" ] || rec "$file" E ;;
      "#!"*) [ -z "$file" ] || rec "$file" S ;;
    esac
    file=""
  done
}

fault="error while loading shared libraries:"
loads() { # loads FILE PATH OPTION: in $got, lines of NAME TAB PATH; in $gone, what is not found or will not do
  # The loader only tells, as for ldd: with --list it would stop at the first that is missing. It may die of a static program.
  got=$nl gone=""
  { said=$(cd / && LD_TRACE_LOADED_OBJECTS=1 LD_LIBRARY_PATH=$2 "$loader" ${3:+"$3"} "$1" 2>&1) || :; } 2>/dev/null
  for line in $said; do
    line=${line#"$tab"}
    case $line in
      *" => not found") gone=$gone${line%" => not found"}$nl ;;
      *" => "*" (0x"*) name=${line%%" => "*} line=${line#*" => "}; got=$got$name$tab${line%" (0x"*}$nl ;;
      /*" (0x"*) line=${line%" (0x"*}; got=$got${line##*/}$tab$line$nl ;;
      *": version "*" not found (required by "*) gone=$gone${line#"$1: "}$nl ;;
      "$1: $fault $1: "*) [ -n "$2$3" ] || say "note: ${line#"$1: $fault "}" ;; # it is of another machine, say
      "$1: $fault "*) gone=$gone${line#"$1: $fault "}$nl ;;
    esac
  done
}

resolve() { # resolve FILE BLOCK SHOWN: what one ELF file needs -> needs, lacks; the search path is for what nothing else finds
  loads "$1" "" ""
  first=$got configured=""
  if [ -n "$gone" ] && [ -n "$search" ]; then
    loads "$1" "$search" ""
    for line in $got; do case $first in *"$nl${line%%"$tab"*}$tab"*) ;; *) first=$first$line$nl ;; esac; done
  fi
  for line in $gone; do lacks "$line" "$1" "$2"; done
  for line in $first; do needs "${line%%"$tab"*}" "${line#*"$tab"}" "$@"; done
  [ -n "$configured" ] || return 0
  loads "$1" "$search" --inhibit-cache # without its cache the loader finds nothing in folders that ld.so.conf alone names
  for line in $configured; do case $got in *"$nl$line$nl"*) ;; *) line=${line#*"$tab"}; rec "${line%/*}" >>configured ;; esac; done
}

lacks() { is_host "$1" || rec "$2$unit$1" "$3" >>lacks; }
needs() { # needs NAME PATH FILE BLOCK SHOWN
  if is_host "$1" || is_host "${2##*/}"; then return 0; fi
  case $2 in */stubs/*) lacks "$1" "$3" "$4"; return ;; esac
  rec "$2" "$1" "$4" "$5" "$3" >>needs
  case $folders in *"$nl${2%/*}$nl"*) configured=$configured$1$tab$2$nl ;; esac
}

folders=$nl # that ld.so.conf names and the loader does not know of itself
read_conf() { # read_conf FILE
  [ -r "$1" ] || return 0
  while IFS=" $tab" read -r word rest || [ -n "$word" ]; do
    case $word in
      include) case $rest in /*) expand "$rest" ;; *) expand "/etc/$rest" ;; esac; included=$included$found ;;
      /lib | /lib64 | /usr/lib | /usr/lib64) ;;
      /lib/*/* | /usr/lib/*/*) folders=$folders${word%/}$nl ;;
      /lib/*-linux-gnu* | /usr/lib/*-linux-gnu*) ;;
      /*) folders=$folders${word%/}$nl ;;
    esac
  done <"$1"
}

# --- all that is needed ----------------------------------------------------------------------------------------------------

interpreters() { # interpreters FILE BLOCK SHOWN: rows for what a script is run by
  how=2 block=$2 why="needed by $3"
  IFS= read -r line <"$1" || :
  IFS=" $tab"
  # shellcheck disable=SC2086 # its words
  set -- "$1" ${line#"#!"}
  IFS=$nl
  [ $# -gt 1 ] || return 0
  shebang "$1" "$2"
  case $2 in */env) ;; *) return 0 ;; esac
  file=$1; shift 2
  while [ $# -gt 0 ]; do
    case $1 in -* | *=*) shift ;; *) shebang "$file" "$(in_path "$1")"; return ;; esac
  done
}
shebang() { if [ -f "$2" ]; then trace "$2"; else say "note: $1 is to be run by $2, which is not there"; fi; }
in_path() { IFS=:; for each in $PATH; do [ ! -x "$each/$1" ] || { printf "%s" "$each/$1"; return; }; done; printf "%s" "$1"; }

beside() { # beside LIBRARY BLOCK NAME...: rows for what a library opens by name
  how=2 block=$2 why="opened by name by $1" library=$1; shift 2
  for companion in $companions; do
    for name; do
      if glob_of "$name" "${companion%%"$tab"*}"; then companions_of "$library" "${companion#*"$tab"}"; break; fi
    done
  done
}
companions_of() { # companions_of LIBRARY GLOB
  case $2 in @/*) ;; *) gather "$2"; return ;; esac
  for folder in "${1%/*}" "$(dirname "$(readlink -f "$1")")"; do gather "${2#@}" "$folder"; done
}

variants() { # variants PATH: a library that other processors find below glibc-hwcaps, and the one for all
  plain=${1%/*}; plain=${plain%/glibc-hwcaps/*}
  expand "/glibc-hwcaps/*" "$plain"
  for folder in "$plain" $found; do
    if [ "$folder/${1##*/}" != "$1" ] && [ -e "$folder/${1##*/}" ]; then trace "$folder/${1##*/}"; fi
  done
}

starting() { # rows for all that the specification names
  while IFS=$tab read -r key a b c; do take "$key" "$a" "$b" "$c" >>"$key.rows"; done <takes
  while IFS=$tab read -r a b c; do
    copied "$a" "$b" >one
    cat one
    [ "$c" != later ] || cut -f 2 one >>later
  done <copies >roots
  [ "$kind" = packages ] || package_files >>take.rows
  pruned >new; cat whole.rows >>new
  pointed_to new >pointed; cat pointed >>new
  [ "$kind" != scratch ] || libc_opens >>new
}

todo() { # PATH BLOCK SHOWN of each file that was not looked at
  while IFS=$tab read -r path named how block _; do
    [ "$how" = r ] || named=$path
    [ -L "$path" ] || [ ! -f "$path" ] || rec "$path" "$block" "$named"
  done | firsts | merge -v 1 - seen
}

follow() { # one round: libraries of programs, programs of scripts, what libraries open
  distinct seen
  cat new roots | todo >queue
  cat new >>rows; : >new; : >needs
  cut -f 1 queue >paths; cat paths >>seen
  kinds paths | keyed | merge - queue >types
  while IFS=$tab read -r path type block shown; do
    case $type in
      E) rec "$path" >>elf; resolve "$path" "$block" "$shown"; beside "$path" "$block" "${path##*/}" ;;
      S) interpreters "$path" "$block" "$shown" ;;
    esac
  done <types >>new
  cut -f 1,2,5 needs >>loaded
  firsts needs | merge -v 1 - asked >fresh
  cut -f 1 fresh | sort - asked -o asked
  while IFS=$tab read -r path name block shown _; do needed "$path" "$name" "$block" "$shown"; done <fresh >>new
}

needed() { # needed PATH NAME BLOCK SHOWN: rows for a library; its own libraries were found with it
  how=2 block=$3 why="needed by $4"
  trace "$1"
  rec "$end" | tee -a seen >>elf; rec "$1" "$end" >>ends
  set -- "$1" "$2" "$block" "$own" "${end##*/}"
  variants "$1"
  beside "$4" "$3" "$2" "${4##*/}" "$5"
}

excused() { # FILE NAME of what a library lacks on its own, and is loaded before it by each program that needs both
  keyed ends -o ends
  keyed loaded | merge -o 2.2,1.3 - ends | keyed >users # a library, and a file that loads it
  tr "\037" "\t" <lacks | keyed | merge -o 2.2,1.1,1.2 - users |
    while IFS=$tab read -r user path name; do rec "$user$unit$name" "$path$unit$name"; done | keyed >hopes
  while IFS=$tab read -r _ name user; do rec "$user$unit$name"; done <loaded | sort -u | merge -o 2.2 - hopes | sort -u
}

report_lacks() {
  keyed lacks -o lacks
  excused >excuses
  merge -v 1 lacks excuses | tr "\037" "\t" >gone
  [ -s gone ] || return 0
  while IFS=$tab read -r path name block; do
    case $name in *": "*) say "$path cannot be loaded: $name ($block)" ;; *) say "$path needs $name, which is nowhere ($block)" ;; esac
  done <gone
  rm -rf "$out/root"
  exit 1
}

# --- packages --------------------------------------------------------------------------------------------------------------

find_manager() {
  manager=none
  if command -v rpm >/dev/null 2>&1; then manager=rpm; fi
  if command -v dpkg-query >/dev/null 2>&1 && [ -s /var/lib/dpkg/status ]; then manager=dpkg; fi
}

spellings() { # SPELLING PATH: packages name files as they lie, or as links to folders show them, with or without /usr
  while IFS=$tab read -r path named _; do
    [ "$named" != "$path" ] || named=""
    for each in "$path" $named; do
      rec "$each" "$path"
      case $each in
        /usr/bin/* | /usr/sbin/* | /usr/lib*/*) rec "${each#/usr}" "$path" ;;
        /bin/* | /sbin/* | /lib*/*) rec "/usr$each" "$path" ;;
      esac
    done
  done
}

owners() { # PATH PACKAGE for each of the rows of best that a package owns
  spellings <best | keyed >spelled
  case $manager in
    dpkg) cut -f 1 spelled | sort -u | no_patterns >questions; batches questions ask_dpkg | dpkg_said ;;
    rpm) rpm -qa --qf "[%{FILENAMES}\t%{=NAME}\n]" ;;
  esac | firsts >owners
  merge -o 1.2,2.2 spelled owners | firsts
}

ask_dpkg() { dpkg-query -S "$@" 2>/dev/null || :; } # of some it knows nothing
no_patterns() { # dpkg-query takes some characters for those of a pattern
  while read -r left; do
    plain=""
    while :; do
      case $left in *[*?[\\]*) ;; *) break ;; esac
      part=${left%%[*?[\\]*} left=${left#"${left%%[*?[\\]*}"}
      plain=$plain$part\\${left%"${left#?}"} left=${left#?}
    done
    rec "$plain$left"
  done
}

dpkg_said() { # PATH PACKAGE out of "a:amd64, b: /path"; of a diverted path it says first by whom, and to where
  by="" from=""
  while IFS= read -r line; do
    case $line in
      "diversion by "*" from: "*) by=${line#"diversion by "}; by=${by%%" "*} from=${line#*" from: "} ;;
      "local diversion from: "*) by=- from=${line#*" from: "} ;;
      "diversion by "*" to: "* | "local diversion to: "*) diverted "${line#*" to: "}" ;;
      *": /"*) [ "/${line#*": /"}" = "$from" ] || { name=${line%%[,:]*}; rec "/${line#*": /"}" "$name"; } ;;
    esac
  done
}
diverted() { # diverted TO: FROM is of the package that diverts it, TO of the other one
  for line in $(dpkg-query -S "$from" || :); do
    case $line in "diversion "* | "local diversion "*) continue ;; esac
    IFS=", "
    for name in ${line%%": /"*}; do if [ "${name%%:*}" = "$by" ]; then rec "$from" "$by"; else rec "$1" "${name%%:*}"; fi; done
    IFS=$nl
  done
}

files_of() { # files_of PACKAGE...: PACKAGE PATH of each of their files
  case $manager in
    dpkg) dpkg-query -L "$@" 2>/dev/null | while IFS= read -r line; do case $line in "") shift ;; /*) rec "$1" "$line" ;; esac; done ;;
    rpm) rpm -q --qf "[%{=NAME}\t%{FILENAMES}\n]" "$@" 2>/dev/null || : ;;
  esac
}

read_packages() { # NAME VERSION of all that is installed; in $installed, the names; in $provides, what they stand for, WORD=NAME
  provides=" "
  case $manager in
    dpkg)
      dpkg-query -W -f "\${Package}\t\${Version}\t\${db:Status-Status}\n" | while IFS=$tab read -r name version status; do
        [ "$status" != installed ] || rec "$name" "$version"
      done ;;
    rpm) rpm -qa --qf "%{NAME}\t%{EVR}\n" ;;
  esac | firsts >versions
  installed=" $(cut -f 1 versions | tr "\n" " ")"
  case $manager in
    dpkg) provides=" $(dpkg-query -W -f "\${Package}\t\${Provides}\n" | words_provided)" ;;
    rpm) { rpm -qa --qf "[%{PROVIDENAME}\t%{=NAME}\n]"; cat owners; } | keyed >provides ;;
  esac
}
words_provided() { # NAME and "a (= 1), b" -> a=NAME b=NAME
  while IFS=$tab read -r name words; do IFS=,; for word in $words; do word=${word# }; printf "%s" "${word%% *}=$name "; done; done
}

groups() { # groups NAME...: NAME and what it needs one of, names of installed packages between bars
  case $manager in
    dpkg) dpkg-query -W -f "\${Package}\t\${Pre-Depends},\${Depends}\n" "$@" | while IFS=$tab read -r name depends; do
      IFS=,
      for group in $depends; do group=$(one_of "$group"); [ -z "$group" ] || rec "$name" "$group"; done
    done ;;
    rpm) rpm -q --qf "[%{REQUIRENAME}\t%{=NAME}\n]" "$@" | of_conditions | keyed | merge -o 1.2,1.1,2.2 - provides | sort -u | together ;;
  esac
}
one_of() { # one_of "a (>= 1) | b": who is installed of them, and who stands for one
  IFS="|"
  for word in $1; do
    word=${word#"${word%%[! ]*}"}; word=${word%%[ (:]*} rest=$provides
    case $installed in *" $word "*) printf "%s" "$word|" ;; esac
    while :; do case $rest in *" $word="*) rest=${rest#*" $word="}; printf "%s" "${rest%% *}|" ;; *) break ;; esac; done
  done
}
of_conditions() { # "(a if b)" as a and b: a word that is no package's is no one's
  while IFS=$tab read -r word name; do
    case $word in "("*) IFS=" ()"; for part in $word; do rec "$part" "$name"; done ;; *) rec "$word" "$name" ;; esac
  done
}
together() { # NAME WORD ONE, one a line -> NAME ONE|ONE, a line for each word
  before=""
  while IFS=$tab read -r name word one; do
    case $before in "$name$tab$word") ;; "") printf "%s" "$name$tab" ;; *) printf "\n%s" "$name$tab" ;; esac
    printf "%s" "$one|"; before=$name$tab$word
  done
  echo
}

choose() { # from PACKAGE BLOCK WHY in level, all packages that will be installed -> chosen; their names in $listed
  while [ -s level ]; do
    firsts level >fresh
    news=""
    while IFS=$tab read -r name block why; do
      case $base$listed in *" $name "*) continue ;; esac
      case $installed in *" $name "*) ;; *) die "package $name is not installed ($block)" ;; esac
      listed="$listed$name " news=$news$name$nl
      rec "$name" "$block" "$why" >>chosen
    done <fresh
    [ -n "$news" ] || break
    # shellcheck disable=SC2086 # lines are words
    groups $news | keyed | merge -o 1.1,1.2,2.2 - fresh | unmet >level
  done
}
unmet() { # rows for the first of each group of which none is there
  while IFS=$tab read -r name group block; do
    IFS="|"
    for one in $group; do case $base$listed in *" $one "*) continue 2 ;; esac; done
    [ -z "${group%%"|"*}" ] || rec "${group%%"|"*}" "$block" "needed by package $name"
  done
}

# --- what goes into the tree -----------------------------------------------------------------------------------------------

decide() { # each file: into the tree (kept), by its package (level), or with its package if that is installed anyway (maybe)
  sort -s -t "$tab" -k 1,1 -k 3,3n rows | firsts >best
  owners >owned
  merge -a 1 -e - -o 1.1,1.3,1.4,1.5,2.2 best owned >decided
  while IFS=$tab read -r path how block why name; do
    case $kind:$how:$name in
      *:0:* | *:-) rec "$path" "$how" "$block" "$why" "$name" >>kept ;;
      packages:2:*) rec "$name" "$block" "$why" >>level ;;
      packages:*) rec "$path" "$how" "$block" "$why" "$name" >>maybe ;;
      *) case $base in *" $name "*) ;; *) rec "$path" "$how" "$block" "$why" "$name" >>kept; rec "$name" >>licensed ;; esac ;;
    esac
  done <decided
}

all_packages() { # which packages will be installed, and which files come with them
  listed=" "
  [ "$kind" = packages ] || return 0
  for line in $packages; do rec "${line#*"$tab"}" "${line%%"$tab"*}" "wanted by name" >>level; done
  [ ! -s level ] || { read_packages; choose; }
  while IFS= read -r line; do case $base$listed in *" ${line##*"$tab"} "*) ;; *) rec "$line" >>kept ;; esac; done <maybe
}

licences() { # rows for the licences of packages whose files are taken
  how=2 block=system
  sort -u licensed | while read -r package; do
    why="licence of package $package"
    gather "/usr/share/doc/$package/copyright"; gather "/usr/share/licenses/$package"
  done | while IFS=$tab read -r path _ how block why; do rec "$path" "$how" "$block" "$why" -; done >>kept
}

lay_out() { # the tree; what the recipe copies to where it is needed is there already
  while IFS=$tab read -r path named _; do [ "$path" != "$named" ] || rec "$path"; done <roots | sort -u >placed
  firsts kept | merge -v 1 - placed >tree
  cut -f 1 tree | cut -c 2- >paths
  batches paths cp -a --parents -t "$out/root" --
}

strip_all() { # what blocks built: no package owns it, and no one wants it whole
  distinct elf
  merge tree elf | while IFS=$tab read -r path how _ _ name; do
    of_block "$path" ""
    case $how:$name:$belongs in [12]:-:?*) rec "$out/root$path" ;; esac
  done >paths
  if [ "$strip" = no ] || [ ! -s paths ]; then return 0; fi
  command -v strip >/dev/null 2>&1 || { say "note: there is no strip: files are as they were built"; return 0; }
  case $strip in
    debug) while read -r path; do strip_one "$path" "$out/debug/usr/lib/debug${path#"$out/root"}.debug" || :; done <paths ;;
    *) batches paths strip -p --strip-unneeded -- ;;
  esac 2>said || :
  [ ! -s said ] || say "note: not all is stripped: $(head -n 1 said)"
}
strip_one() { # strip_one FILE DEBUG: what debuggers need lies apart, where they look for it
  mkdir -p "${2%/*}"
  objcopy --only-keep-debug "$1" "$2" && strip -p --strip-unneeded "$1" && objcopy -p --add-gnu-debuglink="$2" "$1"
}

told() { rec "$1" 2 system "$2" - >>tree; } # told PATH WHY
made() { # made PATH WHY: the file of this name in the tree gets what stands on the input, unless it was taken
  if [ -e "$out/root$1" ] || [ -L "$out/root$1" ]; then return 0; fi
  mkdir -p "$out/root${1%/*}"
  cat >"$out/root$1"
  told "$1" "$2"
}
empty() { mode=$1; shift; for each; do mkdir -p "$out/root$each"; chmod "$mode" "$out/root$each"; done; } # empty MODE FOLDER...

scratch_files() { # what programs take for granted
  for each in /bin /sbin /lib /lib32 /lib64 /libx32; do
    [ -L "$each" ] || continue
    mkdir -p "$out/root/$(readlink "$each")"
    cp -a "$each" "$out/root$each"
    told "$each" "link of the distribution"
  done
  empty 755 /proc /sys /dev /etc /run /var
  empty 700 /root
  empty 1777 /tmp /var/tmp
  printf "%s\n" root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin | made /etc/passwd "users root and nobody"
  printf "%s\n" root:x:0: nogroup:x:65534: | made /etc/group "users root and nobody"
  printf "%s\n" "passwd: files" "group: files" "hosts: files dns" | made /etc/nsswitch.conf "where names are looked up"
}

configure() { # folders that the loader finds by ld.so.conf alone
  [ -s configured ] || return 0
  sort -u configured | made /etc/ld.so.conf.d/hpcgen-runtime.conf "folders with libraries"
  [ "$kind" = scratch ] || return 0
  echo "include /etc/ld.so.conf.d/*.conf" | made /etc/ld.so.conf "folders with libraries"
  ldconfig -X -r "$out/root" || die "ldconfig makes no cache"
  rm -rf "$out/root/var/cache/ldconfig"
  told /etc/ld.so.cache "folders with libraries"
}

# --- what is told ----------------------------------------------------------------------------------------------------------

json() { # json TEXT: in $quoted, as JSON
  case $1 in *[!\ -~]* | *\"* | *\\*) quoted=\"$(json_bytes "$1")\" ;; *) quoted=\"$1\" ;; esac
}
json_bytes() { # by number, since a sh knows no characters; what is no UTF-8 becomes U+FFFD: the next byte has to be in $low to $high
  text="" part="" more=0
  for byte in $(printf "%s" "$1" | od -A n -v -t o1 -w1); do
    byte=${byte# } number=$((0${byte# }))
    if [ $more -gt 0 ]; then
      if [ "$number" -ge "$low" ] && [ "$number" -le "$high" ]; then
        part=$part\\0$byte more=$((more - 1)) low=128 high=191
        [ $more -gt 0 ] || text=$text$part
        continue
      fi
      text=$text$instead more=0
    fi
    json_byte
  done
  [ $more = 0 ] || text=$text$instead
  printf "%b" "$text"
}
instead="\\0357\\0277\\0275"
json_byte() { # the first byte of a character
  part=\\0$byte low=128 high=191
  case $byte in
    042 | 134) text=$text\\0134$part ;;
    0[0-3]? | 177) text=$text\\0134u00$(printf "%02x" "$number") ;;
    [01]*) text=$text$part ;;
    30[2-7] | 31? | 32? | 33?) more=1 ;;
    34?) more=2; case $byte in 340) low=160 ;; 355) high=159 ;; esac ;;
    36[0-4]) more=3; case $byte in 360) low=144 ;; 364) high=143 ;; esac ;;
    *) text=$text$instead ;;
  esac
}

objects() { # objects KEY...: JSON objects out of lines of fields between $unit
  comma=""
  while IFS= read -r line; do
    printf "%s{" "$comma"; comma=,$nl inner=""
    for key; do
      case $key in bytes) quoted=${line%%"$unit"*} ;; *) json "${line%%"$unit"*}" ;; esac
      printf "%s" "$inner\"$key\":$quoted"; inner=, line=${line#*"$unit"}
    done
    printf "}"
  done
}

sizes() { # BYTES of each file of a list, 0 of a link, - of a folder
  batches "$1" stat -c "%F %s" -- | while IFS= read -r line; do
    case $line in "symbolic link"*) echo 0 ;; directory*) echo - ;; *) echo "${line##* }" ;; esac
  done
}

files_told() { # PATH BYTES BLOCK WHY of all files that the final image gets
  firsts tree >sorted
  cut -f 1 sorted | while IFS= read -r path; do rec "$out/root$path"; done >paths
  sizes paths | paste sorted - | while IFS=$tab read -r path how block why _ size; do
    [ "$how" != 2 ] || { of_block "$path" system; block=$belongs; }
    [ "$size" = - ] || rec "$path" "$size" "$block" "$why"
  done
  cut -f 1 roots >paths
  sizes paths | paste roots - | while IFS=$tab read -r _ path _ block why size; do [ "$size" = - ] || rec "$path" "$size" "$block" "$why"; done
}

packages_told() { # PACKAGE VERSION BLOCK WHY BYTES of all packages that will be installed, without the files that the install program leaves out
  firsts chosen >sorted
  [ -s sorted ] || return 0
  # shellcheck disable=SC2046 # lines are words
  files_of $(cut -f 1 sorted) | while IFS=$tab read -r name path; do
    case $manager:$path in
      dpkg:/usr/share/doc/*/copyright) ;;
      *:/usr/share/doc/* | *:/usr/share/man/* | *:/usr/share/info/* | dpkg:/usr/share/locale/* | dpkg:/usr/share/lintian/*) continue ;;
    esac
    [ -L "$path" ] || [ ! -f "$path" ] || rec "$name" "$path"
  done >listing
  cut -f 2 listing >paths
  sizes paths | paste listing - | cut -f 1,3 | sort -s -t "$tab" -k 1,1 | summed >sums
  merge sorted versions | merge -a 1 -e 0 -o 1.1,1.4,1.2,1.3,2.2 - sums
}
summed() { # NAME NUMBER, one a line, sorted -> NAME SUM
  before="" sum=0
  while IFS=$tab read -r name number; do
    [ "$name" = "$before" ] || { [ -z "$before" ] || rec "$before" $sum; before=$name sum=0; }
    sum=$((sum + number))
  done
  [ -z "$before" ] || rec "$before" $sum
}

tell() { # the manifest, and what the programs of the final stage read
  files_told | sort -s -t "$tab" -k 1,1 >files
  packages_told >installed
  case $manifest in /*) ;; *) manifest=/usr/share/hpcgen/$manifest ;; esac
  mkdir -p "$out/root${manifest%/*}"
  {
    printf "%s" "{\"schema\":\"hpcgen/manifest/v1\",\"image\":$image,$nl\"blocks\":[$nl"
    printf "%s" "$blocks" | objects name version digest prefix
    printf "%s" "],$nl\"packages\":[$nl"
    tr "\t" "\037" <installed | objects package version block why bytes
    printf "%s" "],$nl\"files\":[$nl"
    tr "\t" "\037" <files | objects path bytes block why
    printf "%s\n" "]}"
  } >"$out/root$manifest"
  cut -f 1 installed | while read -r name; do pinned "$name"; done >"$out/packages/names"
  { tr "\037" "\t" <excuses | cut -f 1; cat later; } | sort -u >alone
  { cut -f 1 tree | sort | merge - elf; keyed roots | merge -o 1.2 - elf; } | sort -u | merge -v 1 - alone >"$out/check/roots"
  printf "%s" "$hosts" >"$out/check/host"
}

pinned() { # pinned PACKAGE: the word that installs the version which the builder has, where another would not do
  for line in $pins; do case $line in "$1$tab"*) rec "${line#*"$tab"}"; return ;; esac; done
  rec "$1"
}

sources() { # repositories that the builder knows, and by what it trusts them, for the one transaction of the final stage
  mkdir -p "$out/packages/sources"
  {
    for each in "sources.list.d/*.list" "sources.list.d/*.sources" "preferences.d/*" "keyrings/*" "trusted.gpg.d/*"; do
      expand "/etc/apt/$each"; printf "%s" "$found"
    done
    expand "/etc/pki/rpm-gpg/*"; printf "%s" "$found"; expand "/etc/yum.repos.d/*.repo"; printf "%s" "$found"
    for file in $found; do keyrings "$file"; done
    expand "/etc/apt/sources.list.d/*"
    for file in $found; do keyrings "$file"; done
  } | sort -u >paths
  batches paths cp -aL --parents -t "$out/packages/sources" --
  for each in /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/certs/ca-certificates.crt; do [ ! -f "$each" ] || cp -L "$each" "$out/packages/ca.crt"; done
}
keyrings() { # keyrings FILE: files that it names, as signed-by=/a,/b or Signed-By: /a or gpgkey=file:///a
  while IFS= read -r line || [ -n "$line" ]; do
    IFS=" =,[]$tab"
    for word in $line; do word=${word#file://}; case $word in /*) [ ! -f "$word" ] || rec "$word" ;; esac; done
  done <"$1"
}

[ $# = 1 ] || { echo "usage: sh closure SPEC" >&2; exit 2; }
spec=$(readlink -f "$1") work=$(mktemp -d)
trap cleanup EXIT
cd "$work"
touch takes copies later take.rows whole.rows new rows seen asked elf needs loaded ends lacks configured level chosen maybe kept licensed versions
read_spec "$spec"
for each in root debug packages/names packages/sources packages/ca.crt check/roots check/host; do rm -rf "${out:?}/$each"; done
mkdir -p "$out/root" "$out/packages" "$out/check"
chmod 755 "$out/root"
find_loader
find_manager
included=""
read_conf /etc/ld.so.conf
for each in $included; do read_conf "$each"; done
starting
follow
while [ -s new ]; do follow; done
report_lacks
decide
all_packages
licences
lay_out
strip_all
[ "$kind" != scratch ] || scratch_files
configure
tell
sources
total=0
while IFS=$tab read -r _ size _; do total=$((total + size)); done <files
echo "closure: $(wc -l <files) files, $total bytes; $(wc -l <installed) packages"
