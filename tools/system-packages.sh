#!/usr/bin/env bash
# Install the Debian packages that some tests need; where that is not allowed those tests skip and say so.
set -u
declare -A package_of=([openssl]=openssl [curl]=curl [strace]=strace [softhsm2-util]=softhsm2 [java]=openjdk-17-jre-headless [chromium]=chromium [go]=golang-go [fusermount3]=fuse3 [ip]=iproute2)
missing=()
for command in "${!package_of[@]}"; do
  command -v "$command" >/dev/null 2>&1 || missing+=("${package_of[$command]}")
done
[ -d /usr/share/gocode/src/golang.org/x/mod ] || missing+=(golang-golang-x-mod-dev)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "NOTE: not installed, and this user may not install: ${missing[*]}. The tests that need them will skip." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null 2>&1
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 \
  || echo "NOTE: could not install ${missing[*]}. The tests that need them will skip." >&2
exit 0
