# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by ./check and ./demo: brings what Umzug and its lab need onto a Debian 12 or 13, however
# bare, and does nothing when it is there.  `needs_all` installs, `as_root` runs a command as root.

NEEDS_BUILD="meson ninja-build pkg-config gcc libc6-dev libglib2.0-dev libvirt-dev libsoup-3.0-dev
  libjson-glib-dev libgnutls28-dev libsqlite3-dev libseccomp-dev libsystemd-dev libnbd-dev
  libxml2-dev libpam0g-dev libedit-dev libzstd-dev libxxhash-dev libsanlock-dev"
NEEDS_RUN="libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-system libvirt-clients
  qemu-system-x86 qemu-system-misc qemu-utils qemu-system-data seabios ipxe-qemu
  glib-networking ca-certificates adduser"
NEEDS_LAB="iproute2 nftables nbdkit gcc-s390x-linux-gnu libc6-dev-s390x-cross python3 procps
  util-linux mount hostname apt"
NEEDS_CHECK="clang clang-format libclang-rt-dev llvm gnutls-bin git curl
  groff-base zsh spin etcd-server sanlock"

NEEDS_CHECK_ALL="clang-tidy gcovr"

as_root () {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# needs_missing PACKAGE ...: those of them that are not installed
needs_missing () {
  for package do
    case $(dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null) in
      ii*) ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

# needs_install PACKAGE ...
needs_install () {
  missing=$(needs_missing "$@")
  [ -n "$missing" ] || return 0
  echo "installing: $missing"
  as_root apt-get -qq update
  # Nothing that these packages start is wanted: the lab starts its own daemons.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o Dpkg::Use-Pty=0 \
    install --yes --no-install-recommends $missing </dev/null >/dev/null
}

# The relay's own user: it owns nothing and may nothing.
needs_user () {
  id umzug-relay >/dev/null 2>&1 ||
    as_root useradd --system --no-create-home --shell /usr/sbin/nologin umzug-relay
}

# needs_all [check]: what the demo needs, or what the checks need as well
needs_all () {
  needs_install $NEEDS_BUILD $NEEDS_RUN $NEEDS_LAB ${1:+$NEEDS_CHECK}
  needs_user
}
