package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.bench.BenchDatabase;
import io.candlestream.bench.speed.SqlCandles.Lateness;
import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerLookup;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Both sides of the duel with Flink SQL, on a small load. */
class KafkaToTableIT {

  private static final TickLoad LOAD = new TickLoad(20_000, 50, 60);

  /** Not read before there are watermarks. */
  private static final TickLoad LONGER = new TickLoad(200_000, 50, 60);

  @Test
  void bothSidesMakeTheSameCandlesAndADifferenceWouldShow() throws Exception {
    ServerLookup lookup = PostgresServer.shared(Edition.COMMUNITY);
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    try (BenchDatabase database = BenchDatabase.create(lookup.server().orElseThrow());
        KafkaToTable whole = KafkaToTable.on(LOAD, database);
        KafkaToTable.Storing us = whole.ours();
        KafkaToTable.Storing them = whole.theirs(Lateness.LOSES, List.of())) {
      assertThatIllegalStateException()
          .isThrownBy(whole::requireEqual)
          .withMessageStartingWith("0 ticks are in the candles, not 19,");
      for (int run = 0; run < 2; run++) {
        assertThat(us.run()).isPositive();
        assertThat(them.run()).isPositive();
      }
      assertThat(whole.requireEqual()).isGreaterThan(1_000);

      database.execute(
          "UPDATE sql_candles SET volume = volume + 0.00000001 WHERE symbol = 'BTC-USD'");
      assertThatIllegalStateException().isThrownBy(us::run).withMessageContaining("BTC-USD");
      database.execute("DELETE FROM sql_candles WHERE symbol = 'BTC-USD'");
      assertThatIllegalStateException()
          .isThrownBy(whole::requireEqual)
          .withMessageStartingWith("market_data has (")
          .withMessageEndingWith(", and sql_candles null");
    }
  }

  @Test
  void lateTicksAreInTheCandlesOfBothSidesUnlessTheOtherIsToLoseThem() throws Exception {
    ServerLookup lookup = PostgresServer.shared(Edition.COMMUNITY);
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    try (BenchDatabase database = BenchDatabase.create(lookup.server().orElseThrow());
        KafkaToTable whole = KafkaToTable.on(LONGER.withLate(0.01), database);
        KafkaToTable.Storing us = whole.ours();
        KafkaToTable.Storing correct = whole.theirs(Lateness.CORRECTS, List.of());
        KafkaToTable.Storing losing =
            whole.theirs(
                Lateness.LOSES, List.of("--flink", "pipeline.auto-watermark-interval=1ms"))) {
      us.run();
      correct.run();
      assertThat(whole.requireEqual()).isGreaterThan(1_000);
      assertThatIllegalStateException()
          .isThrownBy(losing::run)
          .withMessageStartingWith("market_data has (");
    }
  }
}
