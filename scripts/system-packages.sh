#!/bin/sh
# Installs what the tests need from the system, and only what is missing:
#   Chromium        the end-to-end tests look at the Control UI in it
#   OpenSSH         the tunnel tests run a private server on 127.0.0.1, with keys of their own
#   OpenSSL         some tests make certificates and password hashes with it
# Not installed here, because only `npm run bench -- recovery` uses them: autossh, iptables, iproute2.
# Usage: scripts/system-packages.sh [--check]      --check only reports
set -eu

say() { printf 'gangway: %s\n' "$*"; }
stop() { printf 'gangway: %s\n' "$*" >&2; exit 1; }

case "${1:-}" in
  '' | --check) mode="${1:-}" ;;
  *) stop "unknown argument: $1. Usage: scripts/system-packages.sh [--check]" ;;
esac

# An unprivileged PATH often lacks the folders of sshd.
PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin"

has() { command -v "$1" >/dev/null 2>&1; }

has_chromium() {
  [ -n "${GANGWAY_CHROMIUM:-}" ] && return 0
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if has "$name"; then return 0; fi
  done
  [ -x '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' ]
}

lacks_chromium=''
lacks_sshd=''
lacks_ssh=''
lacks_ssl=''
has_chromium || lacks_chromium=yes
has sshd || lacks_sshd=yes
{ has ssh && has ssh-keygen; } || lacks_ssh=yes
has openssl || lacks_ssl=yes

if [ -z "$lacks_chromium$lacks_sshd$lacks_ssh$lacks_ssl" ]; then
  [ -z "$mode" ] || say 'Chromium, OpenSSH and OpenSSL are there.'
  exit 0
fi
[ -z "$lacks_chromium" ] || say 'missing: Chromium. The end-to-end tests look at the Control UI in it.'
[ -z "$lacks_sshd" ] || say 'missing: an SSH server. The tunnel tests start a private one on 127.0.0.1, for themselves only.'
[ -z "$lacks_ssh" ] || say 'missing: the SSH tools. The tunnel tests make their keys with them.'
[ -z "$lacks_ssl" ] || say 'missing: OpenSSL. Some tests make certificates and password hashes with it.'
[ -z "$mode" ] || exit 1

other_system() { stop "install it with: $1   Then try again."; }
# Word lists: each name only where its program is missing.
wanted() { printf '%s' "${lacks_chromium:+ $1}${lacks_sshd:+ $2}${lacks_ssh:+ $3}${lacks_ssl:+ openssl}"; }

if ! has apt-get; then
  if has dnf; then other_system "sudo dnf install$(wanted chromium openssh-server 'openssh openssh-clients')"; fi
  if has pacman; then other_system "sudo pacman -S --needed$(wanted chromium openssh openssh)"; fi
  if has zypper; then other_system "sudo zypper install$(wanted chromium openssh-server openssh-clients)"; fi
  if has brew; then other_system "brew install$(wanted '--cask google-chrome' openssh openssh)"; fi
  stop 'this system has no package manager known here. Install Chromium (or Chrome), OpenSSH and OpenSSL, then try again.'
fi

as_root=''
if [ "$(id -u)" -ne 0 ]; then
  by_hand="apt-get install$(wanted chromium openssh-server openssh-client)"
  has sudo || stop "installing needs root, and there is no sudo. As root: $by_hand   Then try again."
  as_root='sudo'
  # Without a terminal nobody can be asked for a password.
  [ -t 0 ] || as_root='sudo -n'
  $as_root true || stop "installing needs root, and sudo refused. As root: $by_hand   Then try again."
fi

known() { apt-cache show "$1" >/dev/null 2>&1; }
first_known() { for name in "$@"; do if known "$name"; then printf '%s' "$name"; return; fi; done; printf '%s' "$1"; }

say 'asking apt-get which packages there are'
$as_root apt-get update -qq || say 'the package lists could not be brought up to date; trying with those that are here'
packages=''
if [ -n "$lacks_chromium" ]; then
  packages="$(first_known chromium chromium-browser)"
  for helper in chromium-sandbox fonts-liberation; do
    if known "$helper"; then packages="$packages $helper"; fi
  done
fi
packages="$packages${lacks_sshd:+ openssh-server}${lacks_ssh:+ openssh-client}${lacks_ssl:+ openssl}"

# Debian starts a server once it is installed. Nobody asked for one that listens to the network.
policy=/usr/sbin/policy-rc.d
made_policy=''
forbid_services() {
  if [ -e "$policy" ]; then return; fi
  made_policy=yes
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
}
allow_services() {
  if [ -n "$made_policy" ]; then $as_root rm -f "$policy"; fi
  made_policy=''
}
trap allow_services EXIT
trap 'exit 130' INT TERM HUP
[ -z "$lacks_sshd" ] || forbid_services

say "installing with apt-get: $(echo $packages)"
# shellcheck disable=SC2086 # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages ||
  stop "apt-get could not install: $(echo $packages). Its reason is above."

if [ -n "$lacks_sshd" ] && [ -d /run/systemd/system ]; then
  $as_root systemctl disable --quiet ssh.service ssh.socket 2>/dev/null || true
  say 'the SSH server of the system was left switched off'
fi
has_chromium || stop 'Chromium was installed but is not on PATH. Set GANGWAY_CHROMIUM to its program and try again.'
has sshd || stop 'The SSH server was installed but sshd is not where it is expected (/usr/sbin).'
say 'done'
