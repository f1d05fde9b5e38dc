#!/usr/bin/env bash
# Measures how fast the job is, beside other ways to do the same. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../launch.sh" bench io.candlestream.bench.speed.SpeedBench "$@"
