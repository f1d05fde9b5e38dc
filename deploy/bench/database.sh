#!/usr/bin/env bash
# Measures what the database does for candlestream: reads, the columnstore, indexes, refreshes. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../launch.sh" bench io.candlestream.bench.DatabaseBench "$@"
