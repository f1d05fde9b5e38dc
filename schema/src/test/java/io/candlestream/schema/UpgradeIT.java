package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Databases that hold rows, and migrations that did not get to their end. */
class UpgradeIT {
  private static final Path SHIPPED = Path.of("src/test/resources/shipped-migrations.txt");

  private static final String ROWS =
      """
      INSERT INTO market_data
        (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
      SELECT 'A', 'x', t, 1, 2, 0.5, 1.5, 3, 1, 4.5, 1.5, 2
      FROM generate_series('2024-08-01Z'::timestamptz, '2024-08-02 23:59Z', INTERVAL '1 minute') t
      """;

  private static final String CONTENT =
      """
      SELECT
        (SELECT md5(string_agg(m::text, '|' ORDER BY "timestamp")) FROM market_data m),
        (SELECT count(*) FROM market_data),
        (SELECT sum(trades) FROM market_data_5m),
        (SELECT count(*) FROM market_data_1h),
        (SELECT string_agg(bucket || ' ' || volume, ', ' ORDER BY bucket) FROM market_data_1d)
      """;

  /** Each edition, with the last version that the database was at when it was filled. */
  static Stream<Arguments> editionsAndVersions() {
    return Stream.of(Edition.values())
        .flatMap(
            edition ->
                Stream.of("3", "4", "5", "6", "7", "8", "9", "13")
                    .map(at -> Arguments.of(edition, at)));
  }

  @ParameterizedTest
  @MethodSource("editionsAndVersions")
  void rowsWrittenAtAnyVersionAreThereAtTheLast(Edition edition, String version)
      throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      Migrations migrations = database.migrations("schema.retention.base=0");
      migrations.migrateTo(version);
      database.execute(ROWS);
      List<String> before = database.rows("SELECT * FROM market_data ORDER BY \"timestamp\"");

      migrations.migrate();

      assertThat(database.rows("SELECT * FROM market_data ORDER BY \"timestamp\""))
          .isEqualTo(before);
      assertThat(database.rows(CONTENT).get(0))
          .endsWith("|2880|5760|48|2024-08-01 00:00:00+00 4320, 2024-08-02 00:00:00+00 4320");
      assertThat(Inspection.of(database.config("schema.retention.base=0")).check())
          .allMatch(Finding::isWell);
    }
  }

  @ParameterizedTest
  @EnumSource
  void migrationThatFailsHalfwayIsTakenUpWhereItStopped(Edition edition) throws SQLException {
    try (TestDatabase database = TestDatabase.offering(edition)) {
      Migrations migrations = database.migrations("schema.retention.base=0");
      migrations.migrateTo("3");
      database.execute(ROWS);
      // In the way of the last of the four that its migration makes.
      database.execute("CREATE TABLE indicators_1d (line text)");

      assertThatThrownBy(migrations::migrate)
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("indicators_1d");
      assertThat(migrations.state().migrations())
          .filteredOn(SchemaState.Migration::isApplied)
          .extracting(SchemaState.Migration::version)
          .containsExactly("1", "2", "3", "4", "5");
      assertThat(database.rows("SELECT to_regclass('indicators_5m')")).containsExactly("null");

      database.execute("DROP TABLE indicators_1d");
      assertThat(migrations.migrate().applied()).first().isEqualTo("6 create timeframe indicators");
      assertThat(database.rows(CONTENT).get(0)).contains("|2880|5760|48|");
      assertThat(Inspection.of(database.config("schema.retention.base=0")).check())
          .allMatch(Finding::isWell);
    }
  }

  @ParameterizedTest
  @EnumSource
  void migrationWhoseSessionsAreEndedIsTakenUpWhereItStopped(Edition edition) throws Exception {
    try (TestDatabase database = TestDatabase.offering(edition);
        Connection blocker = database.connect();
        Statement lock = blocker.createStatement()) {
      Migrations migrations = database.migrations();
      migrations.migrateTo("3");
      blocker.setAutoCommit(false);
      lock.execute("LOCK TABLE market_data IN ACCESS EXCLUSIVE MODE");
      CompletableFuture<MigrationResult> run = CompletableFuture.supplyAsync(migrations::migrate);
      String ours =
          " FROM pg_stat_activity WHERE application_name = 'candlestream-schema' AND datname ="
              + " current_database()";
      while (database.rows("SELECT pid" + ours + " AND wait_event_type = 'Lock'").isEmpty()) {
        assertThat(run).isNotDone();
        Thread.sleep(20);
      }

      database.execute("SELECT pg_terminate_backend(pid)" + ours);

      assertThat(run.handle((done, failed) -> failed != null).get()).isTrue();
      blocker.rollback();
      assertThat(migrations.migrate().applied()).last().isEqualTo("16 create sentiment data");
      assertThat(Inspection.of(database.config()).check()).allMatch(Finding::isWell);
    }
  }

  /**
   * Once released, a migration is never edited: databases in the field have run it as it was. A
   * release appends what it adds to the list; a change to what is listed is an error.
   */
  @Test
  void shippedMigrationsAreWhatTheyWere() throws IOException, SQLException {
    try (TestDatabase database = TestDatabase.offering(Edition.POSTGRES)) {
      database.migrations().migrate();

      assertThat(
              database.rows(
                  "SELECT version || ' ' || checksum FROM candlestream_schema_history"
                      + " WHERE type = 'SQL' ORDER BY version::int"))
          .as("write a new migration instead of changing one that is in " + SHIPPED)
          .startsWith(
              Files.readAllLines(SHIPPED).stream()
                  .filter(line -> !line.startsWith("#"))
                  .toArray(String[]::new));
    }
  }
}
