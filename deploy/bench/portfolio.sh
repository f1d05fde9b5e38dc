#!/usr/bin/env bash
# Measures what a portfolio of fills costs the job that keeps it, beside its ticks. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../launch.sh" bench io.candlestream.bench.PortfolioBench "$@"
