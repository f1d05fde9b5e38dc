#!/usr/bin/env bash
# The whole of candlestream on this machine: Kafka, Flink with its web UI, a database, ticks, candles. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" local io.candlestream.local.Demo "$@"
