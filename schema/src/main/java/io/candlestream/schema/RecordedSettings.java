package io.candlestream.schema;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a database was migrated for, as its first migration wrote it down.
 *
 * @param edition what its tables were made for
 * @param interval the length of its base candles
 */
record RecordedSettings(Edition edition, Duration interval) {

  /** Empty before the first migration. */
  static Optional<RecordedSettings> of(Session session) throws SQLException {
    if (session.isTrue("SELECT to_regclass('public.candlestream_settings') IS NULL")) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    session.rows(
        row -> values.put(row.getString(1), row.getString(2)),
        "SELECT name, value FROM public.candlestream_settings");
    return Optional.of(
        new RecordedSettings(
            Edition.valueOf(value(values, "edition").toUpperCase(Locale.ROOT)),
            Duration.parse(value(values, "candles.interval"))));
  }

  private static String value(Map<String, String> values, String name) {
    return Optional.ofNullable(values.get(name))
        .orElseThrow(
            () ->
                new SchemaException(
                    "candlestream_settings has lost its row %s: restore it from a backup"
                        .formatted(name)));
  }
}
