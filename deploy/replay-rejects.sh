#!/usr/bin/env bash
# Rejected ticks judged again, and their candles rebuilt, by a Flink inside one process. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" local io.candlestream.local.ReplayRejects "$@"
