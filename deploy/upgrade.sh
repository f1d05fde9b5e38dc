#!/usr/bin/env bash
# Replaces a running job by a new version, by way of a savepoint. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" cluster io.candlestream.cluster.Upgrade "$@"
