#!/usr/bin/env bash
# Runs a program of deploy/MODULE:  launch.sh MODULE MainClass [argument …]
# Builds what is not built yet, or is older than its sources.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
module=deploy/$1
shift
target=$home/$module/target
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
  newer=$(cd "$home" && find pom.xml conf schema job deploy \
    -name target -prune -o \
    -type f \( -name pom.xml -o -path '*/src/main/*' -o -path 'conf/*' \) -newer "$built" -print)
  [[ -n $newer ]]
}

if is_stale; then
  if ! command -v mvn > /dev/null; then
    echo "mvn cannot be found: install Maven, 3.8 or later." >&2
    exit 1
  fi
  echo "Building; the first time this takes some minutes." >&2
  rm -rf "$target/lib"
  (cd "$home" && mvn -B -q -Dstyle.color=never -DskipTests -Dspotless.check.skip=true -pl "$module" -am package)
  touch "$built"
fi

# What Flink opens by reflection, as its own configuration says.
opens=$(sed -n 's/^env\.java\.opts\.all: *//p' "$home/conf/flink/config.yaml")

# shellcheck disable=SC2086 # the options are words
exec "$java" $opens ${CANDLESTREAM_JAVA_OPTS:--Xmx2g -XX:+UseParallelGC} \
  -Dcandlestream.home="$home" \
  -Dcandlestream.log="$target/${1##*.}.log" \
  -cp "$target/classes:$target/lib/*" \
  "$@"
