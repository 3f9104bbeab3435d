#!/bin/bash
# Sets the checkout up: Debian packages, and a Python environment in .venv with the wheels of
# requirements.txt. Does nothing where all is present. Exit 2: something is left for the user.
#
#   NASMYTH_TORCH_SPEC  what to give to pip instead of torch==2.13.0: another version, a wheel's
#                       path or address
#   NASMYTH_SETUP_FUZZ=1  Clang, too, for the fuzz targets (46 MB to fetch)
#   NASMYTH_SKIP_APT=1  leave the distribution's packages alone
#   NASMYTH_BROWSER=1   Chromium, too (113 MB to fetch): a test looks at reports in it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

required=(
  build-essential ccache clang-format-14 cmake libbenchmark-dev libcli11-dev libfmt-dev libgmock-dev
  libgtest-dev libhwy-dev libjpeg62-turbo-dev libpng-dev libprotozero-dev libspdlog-dev
  libstb-dev libyaml-cpp-dev libzip-dev ninja-build nlohmann-json3-dev pkg-config python3-venv zlib1g-dev
)
# The data of the demonstration; without it a built-in task takes its place.
optional=(dataset-fashion-mnist)
# For the fuzz targets, which are skipped without it.
[ -z "${NASMYTH_SETUP_FUZZ:-}" ] || optional+=(clang-16 libclang-rt-16-dev)
[ -z "${NASMYTH_BROWSER:-}" ] || optional+=(chromium)

fail() {
  printf '%s\n' "$@" >&2
  exit 2
}

missing_packages() {
  local package
  declare -A installed=()
  while read -r package state; do
    [ "$state" = installed ] && installed[$package]=1
  done < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    [ -n "${installed[$package]:-}" ] || printf '%s\n' "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_size() {
  # What apt-get would fetch, in megabytes.
  apt-get install -qq --no-install-recommends --print-uris "$@" 2>/dev/null |
    awk '{ bytes += $3 } END { printf "%.0f MB", bytes / 1e6 }'
}

set_up_packages() {
  local missing=() absent=()
  mapfile -t missing < <(missing_packages "${required[@]}")
  mapfile -t absent < <(missing_packages "${optional[@]}")
  [ "${#missing[@]}" -gt 0 ] || [ "${#absent[@]}" -gt 0 ] || return 0
  # A package that this distribution does not offer is asked for once.
  local skipped=.venv/.nasmyth-not-offered
  if [ "${#missing[@]}" -eq 0 ] && [ -f "$skipped" ] &&
    ! printf '%s\n' "${absent[@]}" | grep -qvxFf "$skipped"; then return 0; fi
  local install="apt-get install --no-install-recommends"
  if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
    if [ "${#missing[@]}" -eq 0 ]; then
      echo "set-up: optional package missing; to install it: sudo $install ${absent[*]}"
      return 0
    fi
    fail "set-up: some Debian packages are missing. As root, run:" "" \
      "  apt-get update && $install ${missing[*]}" "" "and then 'make setup' again."
  fi
  export DEBIAN_FRONTEND=noninteractive
  echo "set-up: refreshing the package lists"
  if ! as_root apt-get update -qq; then
    [ "${#missing[@]}" -eq 0 ] || fail "set-up: apt-get update failed; see above"
    echo "set-up: no package lists; going on without ${absent[*]}"
    return 0
  fi
  local package available=()
  for package in "${absent[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      available+=("$package")
    else
      echo "set-up: $package is not offered here; going on without it"
      mkdir -p .venv && echo "$package" >>"$skipped"
    fi
  done
  local wanted=("${missing[@]}" "${available[@]}")
  [ "${#wanted[@]}" -gt 0 ] || return 0
  echo "set-up: Debian packages, $(apt_size "${wanted[@]}") to fetch: ${wanted[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${wanted[@]}" >/dev/null || [ "${#missing[@]}" -eq 0 ] ||
    fail "set-up: apt-get failed; see above"
}

wheels_present() {
  local stamp=.venv/.nasmyth-wheels
  [ -x .venv/bin/python3 ] || return 1
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wheels_key)" ]; then return 0; fi
  [ -z "${NASMYTH_TORCH_SPEC:-}" ] || return 1
  # An environment that was made by hand counts too.
  local name version
  while IFS='=>' read -r name version; do
    version=${version##*[=>]}
    case "$name" in
      torch) compgen -G ".venv/lib/python3*/site-packages/torch-$version[.+-]*dist-info" ;;
      *) compgen -G ".venv/lib/python3*/site-packages/$name-*.dist-info" ;;
    esac >/dev/null || return 1
  done < <(grep -v '^#' scripts/requirements.txt)
}

wheels_key() {
  echo "${NASMYTH_TORCH_SPEC:-}" | cat - scripts/requirements.txt | cksum
}

set_up_wheels() {
  wheels_present && return 0
  echo "set-up: Python wheels into .venv: torch (CPU build: 190 MB to fetch, 750 MB installed;" \
    "a CUDA build with its NVIDIA packages: 3 GB and 7 GB), openvino (50 MB, 180 MB)," \
    "numpy (17 MB, 70 MB)"
  echo "set-up: to choose another build of torch, set NASMYTH_TORCH_SPEC"
  .venv/bin/python3 -m pip --version >/dev/null 2>&1 || python3 -m venv --clear .venv ||
    fail "set-up: python3 -m venv failed; as root: apt-get install python3-venv"
  local requirements=.venv/requirements.txt
  if [ -n "${NASMYTH_TORCH_SPEC:-}" ]; then
    { grep -v '^torch' scripts/requirements.txt; echo "$NASMYTH_TORCH_SPEC"; } >"$requirements"
  else
    cp scripts/requirements.txt "$requirements"
  fi
  .venv/bin/python3 -m pip install --disable-pip-version-check --progress-bar off -q \
    -r "$requirements" || fail "set-up: pip failed; see above"
  wheels_key >.venv/.nasmyth-wheels
}

if [ -z "${NASMYTH_SKIP_APT:-}" ]; then
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "set-up: this script knows Debian only. Install the equivalents of" \
      "  ${required[*]}" "and run it again with NASMYTH_SKIP_APT=1."
  set_up_packages
fi
set_up_wheels
echo "set-up: complete"
