"""The parts of a shell script that are the same in all of them: its options, what a finished step is, how files are put in place."""

from __future__ import annotations

USAGE = """\
usage: bash build.sh [options] [--run [WORD...]]

Builds what the recipe describes on this machine, as root. What is finished is not done again.

  --list            show what there is to do, and what is done
  --force           do all of it again
  --test            run the recipe's tests when their stage is done
  --jobs N          jobs of make (default: one for each processor and 2 GB of memory)
  --mirror M        URL or folder that sources are taken from first
  --context DIR     folder with the recipe's own files (default: this script's)
  --destdir DIR     put the files of the recipe's last stage below DIR
  --arg NAME=VALUE  value of one of the recipe's arguments
  --run [WORD...]   at last, start what a container of the recipe starts
  --help            this text

HPCGEN_STAMPS names the folder that tells what is done (default: /var/lib/hpcgen/stamps).
A step is done again when it, one before it, or a file that it takes has changed."""

AS_SH = {
    "debian": "as_sh() { set +eu +o pipefail +B; shopt -s xpg_echo; } # /bin/sh is dash here, and the recipe's commands are written for it",
    "rhel": "as_sh() { set +eu +o pipefail; } # as the recipe's commands expect it of /bin/sh",
}
"""By family of distributions: what makes bash read commands as /bin/sh does."""

TOOLS = r"""
say() { printf '==> %s\n' "$*" >&2; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }
wrong() { printf 'build.sh: %s; --help lists the options\n' "$*" >&2; exit 2; }

folder_of() { (cd "$2" 2>/dev/null && pwd) || wrong "$1: no folder '$2'"; } # OPTION FOLDER: its full path
is_root() { ((EUID == 0)); }

check_machine() { # DISTRIBUTION RELEASE ARCHITECTURE...
    local wanted="$1 $2" found machine
    # shellcheck source=/dev/null
    found=$(. /etc/os-release && echo "${ID:-} ${VERSION_ID:-}")
    [[ $found. == "$wanted".* ]] || fail "this script is for $wanted, this machine is $found"
    machine=$(uname -m)
    shift 2
    [[ " $* " == *" $machine "* ]] || fail "this script is for $*, not for $machine"
}

step() { # NAME FUNCTION DIGEST [FOLDER...]: calls the function unless that is done; FOLDERs hold what it unpacks
    local name=$1 call=$2 stamp folder status
    key=$(printf '%s\n' "$key" "$3" "$content" | sha256sum)
    key=${key%% *} content='' stamp=$stamps/$key
    shift 3
    if [[ $list ]]; then
        if [[ -e $stamp ]]; then echo "done   $name"; else echo "to do  $name"; fi
        return
    fi
    if [[ -e $stamp && ! $force ]]; then
        say "$name: done before"
        return
    fi
    is_root || fail "only root can do this: $name"
    say "$name"
    mkdir -p "$stamps"
    for folder; do
        # what an earlier run of this step unpacked would be in its way; what was there before is left alone
        if [[ ! -e $folder ]]; then
            printf '%s %s\n' "$call" "$folder" >>"$stamps/made"
        elif grep -qsxF -- "$call $folder" "$stamps/made"; then
            rm -rf "$folder"
        fi
    done
    set +e
    (set -e; "$call")
    status=$?
    set -e
    ((status == 0)) || fail "$name failed with status $status; what was finished before it is kept for the next run"
    echo "$name" >"$stamp"
}

sums() { find -L "$@" -printf '%m %y %p\n' -type f -exec sha256sum {} + | sort; } # FILE...: what files hold

place() { # context|stage OWNER MODE DESTINATION SOURCE...: does what COPY of a Dockerfile does
    local owner=$2 mode=$3 dest=$4 all=(-a --remove-destination) first=() flags one from to part inner
    [[ $1 == stage ]] || first=(--no-preserve=ownership)
    shift 4
    for one; do
        [[ -e $one ]] || fail "not there: $one"
        from=$one to=$root$dest part='' flags=("${all[@]}" "${first[@]}")
        if [[ -d $one && ! -d $to ]]; then
            mkdir -p "${to%/}/"
            owned "$owner" "$mode" "${to%/}"
        elif [[ ! -d $one && ($to == */ || -d $to) ]]; then
            to=${to%/}/${one##*/}
        fi
        if [[ $one -ef $to ]]; then # it is where it should be
            owned "$owner" "$mode" "$to" -R
            continue
        elif [[ $owner$mode ]]; then
            part=$(mktemp -d)
            from=$part/${one##*/}
            cp "${flags[@]}" -H "$one" "$from"
            owned "$owner" "$mode" "$from" -R
            flags=("${all[@]}")
        fi
        if [[ -d $from ]]; then
            (shopt -s dotglob nullglob && for inner in "$from"/*; do cp "${flags[@]}" "$inner" "${to%/}/"; done)
        else
            mkdir -p "$(dirname "$to")"
            cp "${flags[@]}" -H "$from" "$to"
        fi
        [[ ! $part ]] || rm -rf "$part"
    done
}

owned() { # OWNER MODE FILE [-R]: each if it is given
    [[ ! $1 ]] || chown -h ${4:+"$4"} "$1" "$3"
    [[ ! $2 ]] || chmod ${4:+"$4"} "$2" "$3"
}

workdir() { # FOLDER: later steps start there
    [[ ! $list ]] || return 0
    mkdir -p "$root$1"
    cd "$root$1"
}

argument() { # NAME [DEFAULT]: an argument of the recipe, for the steps behind it
    if [[ -v given[$1] ]]; then export "$1=${given[$1]}"; elif (($# > 1)); then export "$1=$2"; else unset "$1"; fi
    key="$key $1=${!1-}"
}

check() { # NAME FUNCTION: a test
    [[ $test && ! $list ]] || return 0
    say "test: $1"
    (set -e; "$2")
}
""".strip("\n")

OPTIONS = r"""
context=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stamps=${HPCGEN_STAMPS:-/var/lib/hpcgen/stamps}
[[ $stamps == /* ]] || stamps=$PWD/$stamps
destdir='' force='' list='' test='' start='' root='' key='' content='' jobs=''
declare -A given=()
while (($#)); do
    case $1 in
    --help) usage; exit ;;
    --list) list=yes ;;
    --force) force=yes ;;
    --test) test=yes ;;
    --run) start=yes; shift; break ;;
    --jobs | --mirror | --context | --destdir | --arg)
        (($# > 1)) || wrong "$1 needs a value"
        case $1 in
        --jobs) [[ $2 =~ ^[1-9][0-9]*$ ]] || wrong "--jobs takes a number, not '$2'"; jobs=$2 ;;
        --mirror) mirror=$2 ;;
        --context) context=$(folder_of --context "$2") ;;
        --destdir) mkdir -p "$2"; destdir=$(cd "$2" && pwd) ;;
        --arg) [[ " $arguments " == *" ${2%%=*} "* && $2 == *=* ]] || wrong "--arg: the recipe has no argument '${2%%=*}'"; given[${2%%=*}]=${2#*=} ;;
        esac
        shift
        ;;
    *) wrong "unknown option '$1'" ;;
    esac
    shift
done
[[ $mirror == *://* || ! $mirror ]] || mirror=file://$(folder_of --mirror "$mirror")
MIRROR=$mirror JOBS=${jobs:-$(@JOBS@)}
export MIRROR JOBS
""".strip("\n")
