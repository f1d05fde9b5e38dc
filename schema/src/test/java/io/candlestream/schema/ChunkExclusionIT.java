package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.ChunksRead;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call opens the chunks that it needs, and no other: as its executed plans say. */
class ChunkExclusionIT {

  /** Forty days of half-hours, the last of which has just begun. */
  private static final String ROWS =
      """
      INSERT INTO market_data
        (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
      SELECT s, 'x', t, 1, 1, 1, 1, 1, 0, 1, 1, 1
      FROM
        generate_series('2024-08-01Z'::timestamptz, '2024-09-09 23:30Z', INTERVAL '30 minutes') t,
        unnest(ARRAY['A', 'B']) s
      """;

  private static final String A_DAY =
      "SELECT * FROM candles('A', '1m', '2024-08-20Z', '2024-08-21Z')";
  private static final String THREE_DAYS_OF_HOURS =
      "SELECT * FROM candles('A', '1h', '2024-08-20Z', '2024-08-23Z')";
  private static final String HOURS_TO_THE_NEWEST =
      "SELECT * FROM candles('A', '1h', '2024-09-08Z', '2024-09-10Z')";
  private static final String THE_NEWEST = "SELECT * FROM latest_candles('A', 40)";

  @ParameterizedTest
  @EnumSource(names = {"COMMUNITY", "APACHE"})
  void callOpensTheChunksOfItsTimeOnly(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations("schema.retention.base=0").migrate();
      database.execute(ROWS);
      if (edition == Edition.COMMUNITY) {
        database.execute("SELECT _timescaledb_functions.stop_background_workers()");
        // All but the last hour, which stays real-time.
        database.execute("CALL refresh_candles('2024-08-01Z', '2024-09-09 23:00Z')");
      }
      database.execute("ANALYZE");

      assertChunks(edition, database);

      if (edition == Edition.COMMUNITY) {
        // All but the newest, as the policies leave it.
        for (String chunk :
            database.rows(
                """
                SELECT show_chunks(stored, older_than => '2024-09-09Z'::timestamptz)
                FROM ops.relations()
                WHERE relation LIKE 'market_data%'
                """)) {
          database.execute("CALL convert_to_columnstore('%s')".formatted(chunk));
        }
        assertChunks(edition, database);
      }
    }
  }

  private static void assertChunks(Edition edition, TestDatabase database) throws SQLException {
    try (ChunksRead chunks = new ChunksRead(database.connect())) {
      assertThat(chunks.of(A_DAY))
          .isEqualTo(chunks(database, "market_data", "2024-08-20Z", "2024-08-21Z"))
          .hasSize(1);
      assertThat(chunks.of(THE_NEWEST))
          .isEqualTo(chunks(database, "market_data", "2024-09-09Z", "2024-09-10Z"))
          .hasSize(1);
      Set<String> ofThreeDays = chunks.of(THREE_DAYS_OF_HOURS);
      Set<String> toTheNewest = chunks.of(HOURS_TO_THE_NEWEST);
      if (edition == Edition.COMMUNITY) {
        assertThat(ofThreeDays)
            .isEqualTo(chunks(database, "market_data_1h", "2024-08-20Z", "2024-08-23Z"))
            .hasSize(1);
        assertThat(toTheNewest)
            .isEqualTo(
                union(
                    chunks(database, "market_data_1h", "2024-09-08Z", "2024-09-10Z"),
                    chunks(database, "market_data", "2024-09-09 23:00Z", "2024-09-10Z")))
            .hasSize(2);
      } else {
        assertThat(ofThreeDays)
            .isEqualTo(chunks(database, "market_data", "2024-08-20Z", "2024-08-23Z"))
            .hasSize(3);
        assertThat(toTheNewest)
            .isEqualTo(chunks(database, "market_data", "2024-09-08Z", "2024-09-10Z"))
            .hasSize(2);
      }
    }
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    Set<String> both = new TreeSet<>(one);
    both.addAll(other);
    return both;
  }

  /** Those of a table, or of what an aggregate has materialised, that hold a range of time. */
  private static Set<String> chunks(TestDatabase database, String relation, String from, String to)
      throws SQLException {
    return new TreeSet<>(
        database.rows(
            """
            SELECT c.chunk_name
            FROM timescaledb_information.chunks c
            JOIN ops.relations() r ON r.stored = format('%%I.%%I', c.hypertable_schema, c.hypertable_name)::regclass
            WHERE r.relation = '%s' AND c.range_start < '%s' AND c.range_end > '%s'
            """
                .formatted(relation, to, from)));
  }
}
