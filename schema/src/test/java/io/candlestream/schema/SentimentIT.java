package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.Timeframe;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The aggregates of sentiment, row by row as a plain computation has them. */
class SentimentIT {
  private static final int DAYS = 40;
  private static final int ITEMS = 3_000;
  private static final String UPSERT =
      """
      INSERT INTO sentiment_data (symbol, provider, item_id, "timestamp", score)
      VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (symbol, "timestamp", provider, item_id) DO UPDATE SET score = excluded.score
      """;

  private record Item(
      String symbol, String provider, String id, Instant timestamp, BigDecimal score) {
    static Item random(Instant end, Random random) {
      return new Item(
          List.of("BTC", "O'X\"; --", "btc").get(random.nextInt(3)),
          List.of("p", "q").get(random.nextInt(2)),
          String.valueOf(random.nextInt(ITEMS)),
          end.minus(random.nextInt(DAYS * 24 * 60), ChronoUnit.MINUTES),
          BigDecimal.valueOf(random.nextInt(20_001) - 10_000, 4 + random.nextInt(3)));
    }

    List<Object> key() {
      return List.of(symbol, provider, id, timestamp);
    }
  }

  private record Bucket(Instant start, String symbol, String provider) {}

  private record Sums(long items, BigDecimal mean, BigDecimal lowest, BigDecimal highest) {}

  @ParameterizedTest
  @EnumSource
  void aggregatesEqualThePlainComputation(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition);
        Connection connection = database.connect()) {
      database.migrations().migrate();
      Random random = new Random(7);
      Map<List<Object>, Item> all = new TreeMap<>(SentimentIT::compare);
      Instant end = Instant.now().truncatedTo(ChronoUnit.MINUTES);

      upsert(connection, all, random, end);
      assertAggregates(database, all, "before any refresh");

      database.execute("CALL refresh_sentiment('-infinity', 'infinity')");
      assertAggregates(database, all, "after one");

      if (edition == Edition.COMMUNITY) {
        database.execute(
            "SELECT compress_chunk(c) FROM show_chunks('sentiment_data', older_than => now() -"
                + " INTERVAL '14 days') c");
      }
      upsert(connection, all, random, end);
      database.execute("CALL refresh_sentiment('-infinity', 'infinity')");
      assertAggregates(database, all, "after items that came late, and corrections");
    }
  }

  /** As {@code refresh_candles} does: what was dropped is not a reason to forget its sums. */
  @Test
  void refreshStaysClearOfWhatRetentionHasDropped() throws SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.COMMUNITY)) {
      database.migrations().migrate();
      String item =
          """
          INSERT INTO sentiment_data (symbol, provider, item_id, "timestamp", score)
          VALUES ('A', 'p', '7', '%s', 0.5)
          """;
      database.execute("SELECT _timescaledb_functions.stop_background_workers()");
      String days = "SELECT (bucket AT TIME ZONE 'UTC')::date FROM sentiment_data_1d ORDER BY 1";
      database.execute(
          "SELECT alter_job(job_id, scheduled => false) FROM ops.jobs WHERE policy = 'retention'");
      String[] forEver = {"schema.retention.sentiment-data=0"};
      database.migrations(forEver).migrate();
      for (String day : List.of("2024-08-01 12:00Z", "2024-08-20 12:00Z", "2024-09-20 12:00Z")) {
        database.execute(item.formatted(day));
      }
      database.execute("CALL refresh_sentiment('-infinity', 'infinity')");
      List<String> before = List.of("2024-08-01", "2024-08-20", "2024-09-20");
      assertThat(database.rows(days)).isEqualTo(before);

      database.execute(
          "SELECT drop_chunks('sentiment_data', older_than => '2024-08-15Z'::timestamptz)");
      database.execute("CALL refresh_sentiment('-infinity', 'infinity')");
      assertThat(database.rows(days)).as("whose chunks are gone").isEqualTo(before);

      database.execute("DELETE FROM sentiment_data WHERE \"timestamp\" < '2024-09-01Z'");
      database.execute(
          "UPDATE retention_horizon SET dropped_before = '2024-09-01Z' WHERE relation ="
              + " 'sentiment_data'");
      database.execute("CALL refresh_sentiment('-infinity', 'infinity')");
      assertThat(database.rows(days)).as("what is remembered as dropped").isEqualTo(before);

      database.execute("UPDATE retention_horizon SET dropped_before = '-infinity'");
      database.migrations("schema.retention.sentiment-data=40d").migrate();
      database.execute("DELETE FROM sentiment_data");
      database.execute("CALL refresh_sentiment('-infinity', 'infinity')");
      assertThat(database.rows(days)).as("what the policy is to drop").isEqualTo(before);

      database.migrations(forEver).migrate();
      database.execute("CALL refresh_sentiment('-infinity', 'infinity')");
      assertThat(database.rows(days))
          .as("what nothing stays clear of")
          .doesNotContain("2024-09-20");
    }
  }

  @ParameterizedTest
  @EnumSource
  void mistakesOfACallAreNamed(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      database.migrations().migrate();

      assertThatThrownBy(() -> database.execute("CALL refresh_sentiment(NULL, now())"))
          .hasMessageContaining("neither may be null");
      assertThatThrownBy(() -> database.execute("CALL refresh_sentiment('infinity', now())"))
          .hasMessageContaining("from infinity is after");
    }
  }

  private static int compare(List<Object> one, List<Object> other) {
    return one.toString().compareTo(other.toString());
  }

  private static void upsert(
      Connection connection, Map<List<Object>, Item> all, Random random, Instant end)
      throws SQLException {
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT);
        Statement settings = connection.createStatement()) {
      for (int i = 0; i < ITEMS; i++) {
        Item item = Item.random(end, random);
        // Every seventh, one that is there is scored anew.
        if (i % 7 == 0 && !all.isEmpty()) {
          Item earlier = List.copyOf(all.values()).get(random.nextInt(all.size()));
          item =
              new Item(
                  earlier.symbol(),
                  earlier.provider(),
                  earlier.id(),
                  earlier.timestamp(),
                  item.score());
        }
        all.put(item.key(), item);
        upsert.setString(1, item.symbol());
        upsert.setString(2, item.provider());
        upsert.setString(3, item.id());
        upsert.setObject(4, item.timestamp().atOffset(ZoneOffset.UTC));
        upsert.setBigDecimal(5, item.score());
        upsert.addBatch();
      }
      settings.execute("SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0");
      upsert.executeBatch();
    }
  }

  private static void assertAggregates(
      TestDatabase database, Map<List<Object>, Item> all, String when) throws SQLException {
    for (Timeframe timeframe : List.of(Timeframe.ONE_HOUR, Timeframe.ONE_DAY)) {
      SortedMap<String, Sums> stored = stored(database, timeframe);
      SortedMap<String, Sums> expected = expected(all, timeframe.length(), stored);
      assertThat(stored).as(timeframe.word() + " " + when).isEqualTo(expected);
    }
  }

  private static SortedMap<String, Sums> stored(TestDatabase database, Timeframe timeframe)
      throws SQLException {
    SortedMap<String, Sums> rows = new TreeMap<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT * FROM sentiment_data_" + timeframe.word())) {
      while (row.next()) {
        rows.put(
            new Bucket(
                    row.getObject("bucket", OffsetDateTime.class).toInstant(),
                    row.getString("symbol"),
                    row.getString("provider"))
                .toString(),
            new Sums(
                row.getLong("items"),
                row.getBigDecimal("mean_score"),
                row.getBigDecimal("min_score"),
                row.getBigDecimal("max_score")));
      }
    }
    return rows;
  }

  private static SortedMap<String, Sums> expected(
      Map<List<Object>, Item> all, Duration width, SortedMap<String, Sums> stored) {
    Map<String, List<BigDecimal>> scores =
        all.values().stream()
            .collect(
                Collectors.groupingBy(
                    item ->
                        new Bucket(
                                Instant.ofEpochSecond(
                                    item.timestamp().getEpochSecond()
                                        / width.toSeconds()
                                        * width.toSeconds()),
                                item.symbol(),
                                item.provider())
                            .toString(),
                    Collectors.mapping(Item::score, Collectors.toCollection(ArrayList::new))));
    SortedMap<String, Sums> expected = new TreeMap<>();
    scores.forEach(
        (bucket, ofBucket) ->
            expected.put(
                bucket,
                new Sums(
                    ofBucket.size(),
                    mean(ofBucket, stored.get(bucket)),
                    plain(ofBucket.stream().min(BigDecimal::compareTo).orElseThrow()),
                    plain(ofBucket.stream().max(BigDecimal::compareTo).orElseThrow()))));
    return expected;
  }

  /** The stored one, if it is as good as 20 fractional digits can be. */
  private static BigDecimal mean(List<BigDecimal> scores, Sums stored) {
    BigDecimal count = BigDecimal.valueOf(scores.size());
    BigDecimal sum = scores.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal tolerance = count.movePointLeft(20);
    if (stored != null
        && stored.mean().multiply(count).subtract(sum).abs().compareTo(tolerance) < 0) {
      return plain(stored.mean());
    }
    return plain(sum.divide(count, 20, RoundingMode.HALF_UP));
  }

  private static BigDecimal plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }
}
