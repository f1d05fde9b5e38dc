#!/usr/bin/env bash
# Indicators of stored candles computed again, by a Flink inside one process. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" local io.candlestream.local.RecomputeLocal "$@"
