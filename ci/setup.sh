# Sourced by ci/check and ci/test, in the root of the checkout: makes a machine that has only Node
# and npm ready. Says nothing when nothing is missing. Everything goes to stderr, since stdout
# belongs to what runs afterwards. Kernels are not its business: ovlcheck fetches them on first use.

# Status 3: this machine cannot do it, and the text says what to do about it.
setup_fail() {
  printf '%s\n' "$@" >&2
  exit 3
}

setup_begin() {
  printf 'setup: %s\n' "$1" >&2
  setup_began=$(date +%s)
}

setup_end() {
  printf 'setup: %s took %d s\n' "$1" $(($(date +%s) - setup_began)) >&2
}

setup_packages_wanted() {
  # Kernels come from Debian's archive; the executor is built here, static, from one C file.
  echo apt dpkg debian-archive-keyring gcc libc6-dev make cpio xz-utils
  # They make the file systems that layers are on.
  echo e2fsprogs xfsprogs btrfs-progs
  # For reproducers, which tests run: they make images, and set attributes.
  echo attr squashfs-tools erofs-utils
  case $(dpkg --print-architecture) in
    amd64) echo qemu-system-x86 ;;
    arm64) echo qemu-system-arm ;;
  esac
}

setup_packages_missing() {
  # dpkg-query lists what it knows; a package that was removed is known, too, so the state counts.
  dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '
      $1 == "installed" { have[$2] = 1 }
      END {
        count = split(wanted, names)
        for (i = 1; i <= count; i++) if (!have[names[i]]) print names[i]
      }'
}

setup_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    setup_fail 'ovlcheck needs Debian 12 or later, or a relative of it: it takes kernels from' \
      "Debian's archive through apt, which this machine does not have."
  fi
  # The lists are split into words on purpose.
  # shellcheck disable=SC2046
  missing=$(setup_packages_missing $(setup_packages_wanted) | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  install="apt-get install --yes --no-install-recommends ${missing% }"
  if [ "$(id -u)" -ne 0 ]; then
    setup_fail 'Packages are missing, and installing them needs root. Run this once:' \
      "  sudo apt-get update && sudo $install"
  fi
  setup_begin "installing ${missing% }"
  export DEBIAN_FRONTEND=noninteractive
  # Another apt at work is waited for, with a bound. No input: nothing here may ask a question.
  {
    # shellcheck disable=SC2086
    apt-get update --quiet && ${install} --quiet -o DPkg::Lock::Timeout=300
  } </dev/null >&2 || setup_fail 'Debian packages could not be installed; apt-get says why above.' \
    "To try again: apt-get update && $install"
  setup_end 'packages'
}

# Somebody who links node_modules keeps it up to date; npm ci would empty what it points to. The
# copy of the lockfile is made last, so that an interrupted npm ci is not taken for a finished one.
setup_has_node_modules() {
  [ -L node_modules ] || cmp -s package-lock.json node_modules/.ovlcheck-lock.json
}

setup_npm() {
  for command in node npm; do
    command -v $command >/dev/null ||
      setup_fail "Node 20 or later with npm is needed; this machine has no $command."
  done
  version=$(node --version)
  major=${version#v}
  major=${major%%.*}
  [ "$major" -ge 20 ] || setup_fail "Node 20 or later is needed; this machine has $version." \
    'Debian 13 has it as nodejs and npm; on Debian 12, take it from nodejs.org.'
}

setup_node_modules() {
  # One at a time: two npm ci in one folder break each other, and one that was interrupted may go
  # on for a moment. The lock lasts as long as anybody has it open, npm included.
  mkdir -p ci/cache
  exec 9>ci/cache/setup.lock
  flock --timeout 600 9 || setup_fail 'Another set-up of this checkout does not come to an end.'
  if setup_has_node_modules; then
    exec 9>&-
    return 0
  fi
  setup_begin 'npm ci'
  # Node 24 comes with the packages, so that what npm says about an older one means nothing.
  npm ci --no-audit --no-fund --no-update-notifier --loglevel=error </dev/null >&2 ||
    setup_fail 'npm ci failed; it says why above.'
  # Two packages bring a `node`, one for each architecture. npm 9 drops the link of the right one
  # together with the wrong one.
  for node in node_modules/node-linux-*/bin/node; do
    [ -x node_modules/.bin/node ] || [ ! -x "$node" ] ||
      ln -sf "../${node#node_modules/}" node_modules/.bin/node
  done
  cp package-lock.json node_modules/.ovlcheck-lock.json
  exec 9>&-
  setup_end 'npm ci'
}

setup_node() {
  PATH=$PWD/node_modules/.bin:$PATH
  export PATH
  # The Node of the lockfile is there on x86-64 and arm64. Elsewhere the machine's own has to do.
  [ ! -x node_modules/.bin/node ] || return 0
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 18) ? 0 : 1)' ||
    setup_fail "Node 22.18 or later is needed on $(uname -m); this machine has $(node --version)."
}

# What costs nothing to find out comes before what takes a minute to install.
setup_has_node_modules || setup_npm
setup_packages
setup_has_node_modules || setup_node_modules
setup_node
