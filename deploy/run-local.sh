#!/usr/bin/env bash
# The job on a Flink inside one process, with the sources and database of a configuration. --help says more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/launch.sh" local io.candlestream.local.RunLocal "$@"
