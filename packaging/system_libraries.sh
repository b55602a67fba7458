#!/bin/sh
# Qt's system libraries on Debian; those of its multimedia part for scanning with a camera (``camera``); and for
# work on the program (``develop``) both, a C compiler (the recorder of the crash tests is made with it) and CUPS
# (the print tests run one of their own, with its driver for Zebras).
# Installed when root, otherwise the line to run is printed.
set -eu

wanted="libegl1 libgl1 libopengl0 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0 \
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 \
libxcb-xinerama0 libxcb-xkb1 fonts-dejavu-core"
case "${1:-}" in camera | develop) wanted="$wanted libpulse0 libxrandr2 libdrm2" ;; esac
[ "${1:-}" = develop ] && wanted="$wanted gcc libc6-dev cups cups-client cups-filters"

command -v dpkg-query >/dev/null 2>&1 || exit 0 # another system brings its own

missing=""
for name in $wanted; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "System packages are missing here. Run this line once, then start again:" >&2
  echo "  sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
