package io.candlestream.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * How a job's database is brought to what the job needs.
 *
 * @param jar of the schema: the name of the copy that is kept
 * @param sets overrides of the job's configuration for the migration alone, after the job's own
 */
record Migration(@JsonProperty("jar") String jar, @JsonProperty("sets") List<String> sets) {

  Migration {
    sets = List.copyOf(sets);
  }
}
