#!/usr/bin/env bash
# Submits the job to a Flink cluster. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" cluster io.candlestream.cluster.Submit "$@"
