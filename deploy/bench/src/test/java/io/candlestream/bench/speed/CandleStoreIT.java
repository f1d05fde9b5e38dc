package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.servers.PostgresInstallation;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All ways to write candles, on a few of them; each run compares what is stored itself. */
class CandleStoreIT {

  private static final CandleLoad LOAD = new CandleLoad(20, 5);

  @BeforeEach
  void communityEditionIsHere() {
    assumeThat(PostgresInstallation.find().filter(PostgresInstallation::offersTimescale))
        .as("a PostgreSQL with TimescaleDB on this machine")
        .isPresent();
  }

  @Test
  void allWaysLeaveTheSameRows() throws Exception {
    try (CandleStore store = CandleStore.of(LOAD)) {
      assertThat(store.besideRowWise(Spread.FEWEST)).hasSize(2);
      assertThat(
              List.of(
                  store.newBesideCopy(Spread.FEWEST),
                  store.changedBesideCopy(Spread.FEWEST),
                  store.unchangedBesideNew(Spread.FEWEST)))
          .allMatch(finding -> finding.median() > 0);
    }
  }

  @Test
  void rowsThatAreLeftOutOrDifferAreNoticed() throws Exception {
    try (CandleStore store = CandleStore.of(LOAD)) {
      assertThatThrownBy(() -> store.seconds(null, rows -> {}, store.candles()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("0 rows of 100 are stored, and 100 are missing or differ");
      assertThatThrownBy(() -> store.seconds(store.candles(), rows -> {}, store.corrected()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("100 rows of 100 are stored, and 100 are missing or differ");
    }
  }
}
