# Shared by the scripts in this folder; to be sourced, not run.
# Gives: root (and goes there), jobs, and the functions below. JOBS=n in the environment sets the parallelism.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
jobs=${JOBS:-$(nproc)}
data_dir=${DANGOL_DATA:-$root/../shared/data}

# Prints the head comment of the calling script: what --help shows.
usage() {
    awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
}

# die MESSAGE…: the message, and exit 1.
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# wrong_use MESSAGE…: the message, the help, and exit 2.
wrong_use() {
    printf '%s: %s\n\n' "${0##*/}" "$*" >&2
    usage >&2
    exit 2
}

# as_root COMMAND…: as it is for root, else through sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root: run it as root, or install sudo"
    fi
}

# build PRESET [TARGET…]: configures and builds build/PRESET.
build() {
    local preset=$1
    shift
    # A directory configured on another path (a moved or copied tree) cannot be used again.
    local cache=build/$preset/CMakeCache.txt
    if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
        rm -rf "build/$preset"
    fi
    mkdir -p build
    if ! cmake --preset "$preset" >"build/$preset.log" 2>&1; then
        cat "build/$preset.log" >&2
        return 1
    fi
    cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

# files_of_ours PATTERN…: files under version control or new, but not ignored; all in a tree without git.
files_of_ours() {
    if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git -c safe.directory='*' ls-files --cached --others --exclude-standard -- "$@"
    else
        local names=() pattern
        for pattern in "$@"; do names+=(${names:+-o} -name "$pattern"); done
        find . \( -path "./build*" -o -path ./node_modules \) -prune -o -type f \( "${names[@]}" \) -print |
            sed 's|^\./||'
    fi | while IFS= read -r file; do
        if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done | sort
}
