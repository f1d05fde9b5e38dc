#!/usr/bin/env bash
# A Flink cluster of several processes on this machine. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" cluster io.candlestream.cluster.LocalCluster "$@"
