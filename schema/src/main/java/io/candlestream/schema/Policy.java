package io.candlestream.schema;

import io.candlestream.config.Durations;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A job of TimescaleDB's that looks after one relation.
 *
 * @param kind what it does
 * @param relation table or continuous aggregate it does it to
 * @param every how often
 * @param offsets how long ago, by the names that the job's configuration has for it
 */
record Policy(Kind kind, String relation, Duration every, Map<String, Duration> offsets) {

  static final String START_OFFSET = "start_offset";
  static final String END_OFFSET = "end_offset";
  static final String AFTER = "compress_after";
  static final String DROP_AFTER = "drop_after";

  Policy {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(relation);
    Objects.requireNonNull(every);
    offsets = Map.copyOf(offsets);
  }

  /** What a policy does, with the procedure that does it. */
  enum Kind {
    REFRESH("refresh", "policy_refresh_continuous_aggregate"),
    COLUMNSTORE("columnstore", "policy_compression"),
    RETENTION("retention", "policy_retention");

    private final String word;
    private final String procedure;

    Kind(String word, String procedure) {
      this.word = word;
      this.procedure = procedure;
    }

    String word() {
      return word;
    }

    static Kind ofProcedure(String procedure) {
      for (Kind kind : values()) {
        if (kind.procedure.equals(procedure)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no policy: " + procedure);
    }
  }

  static Policy refresh(String relation, Duration every, Duration start, Duration end) {
    return new Policy(Kind.REFRESH, relation, every, Map.of(START_OFFSET, start, END_OFFSET, end));
  }

  static Policy columnstore(String relation, Duration every, Duration after) {
    return new Policy(Kind.COLUMNSTORE, relation, every, Map.of(AFTER, after));
  }

  static Policy retention(String relation, Duration every, Duration dropAfter) {
    return new Policy(Kind.RETENTION, relation, every, Map.of(DROP_AFTER, dropAfter));
  }

  /** What a configuration has one of: the kind and the relation. */
  String name() {
    return kind.word() + " " + relation;
  }

  /** Its settings, for people. */
  String settings() {
    String from =
        offsets.entrySet().stream()
            .sorted(Map.Entry.<String, Duration>comparingByKey().reversed())
            .map(offset -> offset.getKey() + " " + Durations.words(offset.getValue()) + ", ")
            .collect(Collectors.joining());
    return from + "every " + Durations.words(every);
  }
}
