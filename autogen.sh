#!/bin/sh
# Makes configure from configure.ac; run once in a checkout, never in a tarball.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux m4
exec autoreconf --install --force "$@"
