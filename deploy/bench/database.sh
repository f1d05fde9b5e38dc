#!/usr/bin/env bash
# Measures what the database does for candlestream: reads, the columnstore, indexes, refreshes. --help says more.
# Builds what is not built yet, or is older than its sources.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=$home/deploy/bench/target
# Touched after each build of this script: jars keep their age when their content is the same.
built=$target/built

if [[ -n ${JAVA_HOME:-} ]]; then
  java=$JAVA_HOME/bin/java
else
  java=java
fi
if ! command -v "$java" > /dev/null; then
  echo "$java cannot be found: install a JDK, 17 or later, or set JAVA_HOME." >&2
  exit 1
fi

is_stale() {
  [[ ! -e $built || ! -d $target/lib ]] && return 0
  local newer
  newer=$(cd "$home" && find pom.xml conf schema deploy/pom.xml deploy/servers deploy/bench \
    -name target -prune -o \
    -type f \( -name pom.xml -o -path '*/src/main/*' -o -path 'conf/*' \) -newer "$built" -print)
  [[ -n $newer ]]
}

if is_stale; then
  if ! command -v mvn > /dev/null; then
    echo "mvn cannot be found: install Maven, 3.8 or later." >&2
    exit 1
  fi
  echo "Building." >&2
  rm -rf "$target/lib"
  (cd "$home" && mvn -B -q -Dstyle.color=never -DskipTests -Dspotless.check.skip=true -pl deploy/bench -am package)
  touch "$built"
fi

# shellcheck disable=SC2086 # the options are words
exec "$java" ${CANDLESTREAM_JAVA_OPTS:--Xmx1g -XX:+UseParallelGC} \
  -cp "$target/classes:$target/lib/*" \
  io.candlestream.bench.DatabaseBench "$@"
