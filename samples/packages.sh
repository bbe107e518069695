# Installs what a bare Debian bookworm lacks. It lives in samples because tests may lean on samples, never the reverse.
# SPDX-License-Identifier: Apache-2.0
#
# Source it, then: install_packages "${BUILD_PACKAGES[@]}" curl
# Asks the registry only when something is missing; as root, or with sudo. Without either it says what to install.

# What compiling the programs takes; CMakeLists.txt says what each is for.
BUILD_PACKAGES=(g++ cmake ninja-build libpcre2-dev libboost1.81-dev libboost-program-options1.81-dev
  nlohmann-json3-dev libssl-dev libxxhash-dev libcrypt-dev libpam0g-dev)

# The packages among the arguments that are not installed, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# Runs a command as root: as it is, or by sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  local missing
  mapfile -t missing <<<"$(missing_packages "$@")"
  [ -n "${missing[*]}" ] || return 0
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    echo "missing, and there is no sudo to install them: ${missing[*]}" >&2
    return 2
  fi
  echo "installing, which may take minutes: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
  as_root apt-get -qq update &&
    as_root apt-get -qq install --yes --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null >/dev/null
}
