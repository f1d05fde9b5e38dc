package io.candlestream.sink;

import static io.candlestream.sink.SampleRows.MIDNIGHT;
import static io.candlestream.sink.SampleRows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.indicator.CandleRow;
import io.candlestream.oracle.Row;
import io.candlestream.servers.Edition;
import io.candlestream.stack.Eventually;
import io.candlestream.stack.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a writer writes, and what it does about a database that fails. */
class UpsertWriterIT {

  private static final String SESSION = "candlestream test market_data";

  private TestDatabase database;

  @BeforeEach
  void createDatabase() {
    database = TestDatabase.offering(Edition.POSTGRES);
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void fullBatchIsWrittenAtOnce() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer("database.batch-size=3")) {
      writer.write(row("A", MIDNIGHT, "1", 1));
      writer.write(row("B", MIDNIGHT, "1", 1));
      writer.write(row("B", MIDNIGHT, "2", 2));
      assertThat(database.candles()).as("two keys").isEmpty();

      writer.write(row("C", MIDNIGHT, "1", 1));
      writer.write(row("D", MIDNIGHT, "1", 1));
      writer.awaitWritten();
      assertThat(symbols()).containsExactly("A", "B", "C");
    }
  }

  @Test
  void rowsAreCollectedWhileABatchIsWritten() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer("database.batch-size=2");
        Connection blocker = database.connect()) {
      lockTable(blocker);
      writer.write(row("A", MIDNIGHT, "1", 1));
      writer.write(row("B", MIDNIGHT, "1", 1));
      writer.write(row("A", MIDNIGHT, "2", 2));
      FutureTask<Void> nextBatch = start(() -> writer.write(row("C", MIDNIGHT, "1", 1)));
      Eventually.holds(() -> assertThat(sessions("wait_event_type = 'Lock'")).hasSize(1));
      assertThat(nextBatch).as("the second full batch waits for the first").isNotDone();

      blocker.commit();
      nextBatch.get();
      writer.flush();
      assertThat(symbols()).containsExactly("A", "B", "C");
      assertThat(database.query("SELECT trades FROM market_data WHERE symbol = 'A'"))
          .containsExactly("2");
    }
  }

  @Test
  void whatFailsInTheBackgroundFailsTheTaskEvenIfNoRowComes() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer("database.batch-size=1")) {
      database.execute("ALTER TABLE market_data RENAME TO elsewhere");
      writer.write(row("A", MIDNIGHT, "1", 1));
      assertThatThrownBy(
              () -> {
                while (true) {
                  Thread.sleep(10);
                  writer.passMillis(500);
                }
              })
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot write 1 rows to market_data");
    }
  }

  @Test
  void batchThatIsNotFullIsWrittenWhenItsTimeHasCome() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer("database.flush-every=500ms")) {
      writer.write(row("A", MIDNIGHT, "1", 1));
      writer.passMillis(499);
      assertThat(symbols()).isEmpty();

      writer.passMillis(1);
      writer.awaitWritten();
      assertThat(symbols()).containsExactly("A");

      writer.write(row("B", MIDNIGHT, "1", 1));
      writer.passMillis(500);
      writer.awaitWritten();
      assertThat(symbols()).as("the second time").containsExactly("A", "B");
    }
  }

  @Test
  void everythingIsWrittenBeforeCheckpoint() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.write(row("A", MIDNIGHT, "1", 1));
      assertThat(symbols()).isEmpty();

      writer.flush();
      assertThat(symbols()).containsExactly("A");
    }
  }

  @Test
  void sessionLostInTheMiddleOfStatementIsReplaced() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer();
        Connection blocker = database.connect()) {
      writer.write(row("A", MIDNIGHT, "1", 1));
      lockTable(blocker);
      FutureTask<Void> flush = start(writer::flush);
      Eventually.holds(() -> assertThat(sessions("wait_event_type = 'Lock'")).hasSize(1));
      String lost = sessions("true").get(0);

      database.execute("SELECT pg_terminate_backend(%s)".formatted(lost));
      Eventually.holds(() -> assertThat(sessions("true")).isNotEmpty().doesNotContain(lost));
      blocker.commit();

      flush.get();
      assertThat(symbols()).containsExactly("A");
      assertThat(writer.rowsWritten()).isEqualTo(1);
    }
  }

  @Test
  void lockThatIsNotGrantedIsAskedForAgain() throws Exception {
    setForNewSessions("lock_timeout", "200ms");
    try (WriterUnderTest<CandleRow> writer = writer();
        Connection blocker = database.connect()) {
      writer.write(row("A", MIDNIGHT, "1", 1));
      lockTable(blocker);
      FutureTask<Void> flush = start(writer::flush);
      Set<String> asked = new HashSet<>();

      Eventually.holds(
          () -> {
            asked.addAll(sessions("wait_event_type = 'Lock'"));
            assertThat(asked).hasSizeGreaterThan(1);
          });
      blocker.commit();

      flush.get();
      assertThat(symbols()).containsExactly("A");
    }
  }

  @Test
  void deadlockIsResolvedByTryingAgain() throws Exception {
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1", 1), row("B", MIDNIGHT, "1", 1)));
    }
    // The writer's session looks for a deadlock long before the other does, and so is its victim.
    setForNewSessions("deadlock_timeout", "2s");
    try (WriterUnderTest<CandleRow> writer = writer();
        Connection other = database.connect();
        Statement statement = other.createStatement()) {
      statement.execute("SET deadlock_timeout = '30s'");
      other.setAutoCommit(false);
      statement.execute("UPDATE market_data SET closed = false WHERE symbol = 'B'");
      writer.write(row("A", MIDNIGHT, "2", 2));
      writer.write(row("B", MIDNIGHT, "2", 2));
      FutureTask<Void> flush = start(writer::flush);
      Eventually.holds(() -> assertThat(sessions("wait_event_type = 'Lock'")).hasSize(1));

      statement.execute("UPDATE market_data SET closed = false WHERE symbol = 'A'");
      other.commit();

      flush.get();
      assertThat(database.candles()).extracting(Row::close).containsExactly("2", "2");
      assertThat(database.candles()).extracting(Row::closed).containsExactly(true, true);
    }
  }

  @Test
  void writerGivesUpAfterItsRetries() throws Exception {
    setForNewSessions("lock_timeout", "1ms");
    try (WriterUnderTest<CandleRow> writer = writer("database.max-retries=2");
        Connection blocker = database.connect()) {
      lockTable(blocker);
      writer.write(row("A", MIDNIGHT, "1", 1));

      assertThatThrownBy(writer::flush)
          .isInstanceOf(IOException.class)
          .hasMessage("cannot write 1 rows to market_data after 2 retries")
          .rootCause()
          .hasMessageStartingWith("ERROR: canceling statement due to lock timeout");
      blocker.rollback();
      assertThat(symbols()).isEmpty();
    }
  }

  @Test
  void errorThatWouldComeAgainIsNotRetried() throws Exception {
    database.execute("DROP TABLE market_data CASCADE");
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.write(row("A", MIDNIGHT, "1", 1));

      assertThatThrownBy(writer::flush)
          .isInstanceOf(IOException.class)
          .hasMessage("cannot write 1 rows to market_data after 0 retries")
          .rootCause()
          .hasMessageContaining("relation \"market_data\" does not exist");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"40001", "40P01", "53100", "53200", "55P03", "57014", "57P01", "25006"})
  void rowsWaitForADatabaseThatCannotTakeThemNow(String state) throws Exception {
    failStatements(state, 2);
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1", 1), row("B", MIDNIGHT, "1", 1)));

      assertThat(symbols()).containsExactly("A", "B");
      assertThat(writer.rowsWritten()).isEqualTo(2);
      assertThat(writer.rowsRefused()).isZero();
      assertThat(writer.databaseErrors()).isEqualTo(2);
      assertThat(database.query("SELECT * FROM rejected_rows")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"42501", "42703", "54000", "55000", "P0001", "XX000"})
  void errorsThatAreNoRefusalsFailTheTask(String state) throws Exception {
    failStatements(state, 1);
    try (WriterUnderTest<CandleRow> writer = writer()) {
      writer.write(row("A", MIDNIGHT, "1", 1));

      assertThatThrownBy(writer::flush)
          .isInstanceOf(IOException.class)
          .hasMessage("cannot write 1 rows to market_data after 0 retries");
      assertThat(writer.rowsRefused()).isZero();
      assertThat(writer.databaseErrors()).isEqualTo(1);
      assertThat(database.query("SELECT * FROM rejected_rows")).isEmpty();
    }
  }

  @Test
  void sessionThatIsRefusedFailsTheTask() throws Exception {
    String url = database.config().url();
    try (WriterUnderTest<CandleRow> writer =
        writer(
            "database.url=%s%soptions=-c%%20statement_timeout=never"
                .formatted(url, url.contains("?") ? "&" : "?"))) {
      writer.write(row("A", MIDNIGHT, "1", 1));

      assertThatThrownBy(writer::flush)
          .hasMessage("cannot write 1 rows to market_data after 0 retries")
          .rootCause()
          .extracting(e -> ((SQLException) e).getSQLState())
          .isEqualTo("22023");
      assertThat(database.query("SELECT * FROM rejected_rows")).isEmpty();
    }
  }

  @Test
  void rowsWaitForADatabaseThatCannotBeReached() throws Exception {
    try (Link link = Link.to(database.config().url());
        WriterUnderTest<CandleRow> writer =
            writer("database.url=" + link.url(), "database.max-retries=100")) {
      writer.writeBatch(List.of(row("A", MIDNIGHT, "1", 1)));
      link.cut();
      writer.write(row("A", MIDNIGHT, "2", 2));
      writer.write(row("B", MIDNIGHT, "1", 1));
      FutureTask<Void> flush = start(writer::flush);
      Eventually.holds(() -> assertThat(link.callsRefused()).isGreaterThan(1));
      assertThat(flush).isNotDone();

      link.mend();

      flush.get();
      assertThat(database.candles()).extracting(Row::close).containsExactly("2", "1");
      assertThat(writer.rowsRefused()).isZero();
      assertThat(writer.databaseErrors()).isGreaterThan(1);
      assertThat(database.query("SELECT * FROM rejected_rows")).isEmpty();
    }
  }

  @Test
  void noErrorTellsPasswords() throws Exception {
    String secret = "n0t-to-be-seen";
    String parameter = "?sslpassword=" + secret;
    try (WriterUnderTest<CandleRow> refused =
            writer("database.password=" + secret, "database.max-retries=0");
        WriterUnderTest<CandleRow> unreachable =
            writer(
                "database.url=jdbc:postgresql://127.0.0.1:1/none" + parameter,
                "database.password=" + secret,
                "database.max-retries=1");
        WriterUnderTest<CandleRow> missing =
            writer(
                "database.url=%s%s"
                    .formatted(
                        database.config().url().replace(database.name(), "none"), parameter))) {
      assertThat(failure(refused))
          .contains("password authentication failed")
          .doesNotContain(secret);
      assertThat(failure(unreachable)).contains("after 1 retries").doesNotContain(secret);
      assertThat(failure(missing)).contains("does not exist").doesNotContain(secret);
    }
  }

  @Test
  void writerEndsTheSessionThatAnEarlierOneOfItsNameLeft() throws Exception {
    try (WriterUnderTest<CandleRow> earlier = writer();
        WriterUnderTest<CandleRow> other =
            new WriterUnderTest<>(
                new MarketData(false), database.config(), "candlestream another subtask");
        WriterUnderTest<CandleRow> later = writer()) {
      earlier.writeBatch(List.of(row("A", MIDNIGHT, "1", 1)));
      other.writeBatch(List.of(row("B", MIDNIGHT, "1", 1)));
      String left = sessions("true").get(0);

      later.writeBatch(List.of(row("C", MIDNIGHT, "1", 1)));

      Eventually.holds(() -> assertThat(sessions("true")).hasSize(1).doesNotContain(left));
      assertThat(
              database.query(
                  "SELECT count(*) FROM pg_stat_activity"
                      + " WHERE application_name ~ '^candlestream another subtask [0-9]+$'"))
          .as("sessions of other names")
          .containsExactly("1");
      assertThat(symbols()).containsExactly("A", "B", "C");
    }
  }

  @Test
  void earlierAttemptIsOverOnceALaterOneIsAtWork() throws Exception {
    try (WriterUnderTest<CandleRow> earlier = writer();
        WriterUnderTest<CandleRow> later = writer()) {
      earlier.writeBatch(List.of(row("A", MIDNIGHT, "1", 1)));
      later.writeBatch(List.of(row("A", MIDNIGHT, "2", 1)));

      assertThatThrownBy(() -> earlier.writeBatch(List.of(row("A", MIDNIGHT, "3", 1))))
          .rootCause()
          .hasMessageContaining("a later attempt of this writer is at work");
      assertThat(database.candles()).extracting(Row::close).containsExactly("2");
    }
  }

  @Test
  void statementLeftBehindDoesNotComeAfterTheNewWritersRows() throws Exception {
    try (Connection blocker = database.connect();
        WriterUnderTest<CandleRow> earlier = writer("database.max-retries=0");
        WriterUnderTest<CandleRow> later = writer()) {
      lockTable(blocker);
      earlier.write(row("A", MIDNIGHT, "1", 1));
      FutureTask<Void> leftBehind = start(earlier::flush);
      Eventually.holds(() -> assertThat(sessions("wait_event_type = 'Lock'")).hasSize(1));
      String left = sessions("true").get(0);

      later.write(row("A", MIDNIGHT, "2", 1));
      FutureTask<Void> flush = start(later::flush);
      Eventually.holds(() -> assertThat(sessions("true")).isNotEmpty().doesNotContain(left));
      blocker.commit();

      flush.get();
      assertThatThrownBy(leftBehind::get).hasRootCauseInstanceOf(SQLException.class);
      assertThat(database.candles()).extracting(Row::close).containsExactly("2");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "22003, true", // number out of range
    "22021, true", // a character that a text cannot hold
    "23502, true", // null
    "23505, true", // unique
    "23514, true", // check
    "08006, false",
    "40001, false",
    "42501, false",
    "53100, false",
    ", false"
  })
  void refusalsAreKnownByTheirState(String state, boolean isRefusal) {
    assertThat(BatchWriter.isRefusal(new SQLException("any", state))).isEqualTo(isRefusal);
  }

  @ParameterizedTest
  @CsvSource({
    "08006, true", // connection failure
    "08001, true", // connection refused
    "40001, true", // serialization failure
    "40P01, true", // deadlock
    "53100, true", // disk full
    "53300, true", // too many connections
    "55P03, true", // lock timeout
    "57P01, true", // administrator ended the session
    "57P03, true", // server is starting
    "25006, true", // read-only: a standby after a failover
    "57014, true", // statement timed out or cancelled
    "22003, false", // number out of range
    "23514, false", // check violated
    "28P01, false", // wrong password
    "42P01, false", // no such table
    "55000, false", // a later attempt is at work
    ", false"
  })
  void transientErrorsAreKnownByTheirState(String state, boolean isTransient) {
    assertThat(Retries.isTransient(new SQLException("any", state))).isEqualTo(isTransient);
  }

  private WriterUnderTest<CandleRow> writer(String... settings) {
    return new WriterUnderTest<>(new MarketData(false), database.config(settings), SESSION);
  }

  private List<String> symbols() throws Exception {
    return database.candles().stream().map(Row::symbol).toList();
  }

  /** The writer's sessions, by their process number. */
  private List<String> sessions(String condition) throws Exception {
    return database.query(
        "SELECT pid FROM pg_stat_activity WHERE application_name ~ '^%s [0-9]+$' AND %s"
            .formatted(SESSION, condition));
  }

  private void setForNewSessions(String name, String value) throws Exception {
    database.execute("ALTER DATABASE %s SET %s = '%s'".formatted(database.name(), name, value));
  }

  /** Makes so many statements fail that write to the table, with a state of our choice. */
  private void failStatements(String state, int count) throws Exception {
    database.execute(
        """
        CREATE SEQUENCE failed;
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('failed') <= %d THEN
            RAISE EXCEPTION 'made to fail' USING ERRCODE = '%s';
          END IF;
          RETURN NULL;
        END
        $$;
        CREATE TRIGGER fail BEFORE INSERT ON market_data EXECUTE FUNCTION fail();
        """
            .formatted(count, state));
  }

  private static void lockTable(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LOCK TABLE market_data IN EXCLUSIVE MODE");
    }
  }

  private static FutureTask<Void> start(Eventually.Assertions action) {
    Callable<Void> call =
        () -> {
          action.check();
          return null;
        };
    FutureTask<Void> task = new FutureTask<>(call);
    new Thread(task, "flush").start();
    return task;
  }

  private static String failure(WriterUnderTest<CandleRow> writer) throws Exception {
    writer.write(row("A", MIDNIGHT, "1", 1));
    try {
      writer.flush();
    } catch (IOException e) {
      StringWriter text = new StringWriter();
      e.printStackTrace(new PrintWriter(text));
      return text.toString();
    }
    throw new AssertionError("the write did not fail");
  }
}
