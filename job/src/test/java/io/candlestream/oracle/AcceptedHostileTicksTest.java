package io.candlestream.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.ingest.HostileTicks;
import io.candlestream.ingest.HostileTicks.Accepted;
import io.candlestream.ingest.HostileTicks.Case;
import io.candlestream.ingest.HostileTicks.Rejected;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The corpus of hostile ticks is sound, and its accepted values are those of another parser. */
class AcceptedHostileTicksTest {

  private static final List<Case> CORPUS = HostileTicks.all();

  private final BatchComputation batch = new BatchComputation(Duration.ofNanos(1_000), null);

  @Test
  void everyCaseHasItsOwnNameAndEveryAcceptedTickItsOwnInstrument() {
    assertThat(CORPUS).hasSizeGreaterThanOrEqualTo(75);
    assertThat(CORPUS).extracting(Case::name).doesNotHaveDuplicates();
    assertThat(accepted().map(one -> (Accepted) one.expected()))
        .extracting(tick -> tick.source() + " " + tick.symbol())
        .doesNotHaveDuplicates();
  }

  @Test
  void everyReasonThatNeedsNoStateIsExpectedSomewhere() {
    assertThat(
            CORPUS.stream()
                .map(Case::expected)
                .filter(Rejected.class::isInstance)
                .flatMap(expected -> ((Rejected) expected).reasons().stream())
                .distinct())
        .containsExactlyInAnyOrder(
            "MALFORMED",
            "INVALID_SOURCE",
            "INVALID_SYMBOL",
            "INVALID_TRADE_ID",
            "INVALID_PRICE",
            "INVALID_SIZE",
            "STALE",
            "FUTURE");
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void anAcceptedTickHasItsValues(Case one) {
    Accepted tick = (Accepted) one.expected();
    // The candles are one microsecond long, so that a row's timestamp is the tick's.
    Row row = batch.marketData(List.of(new TickRecord("hostile", 0, 0, one.raw()))).get(0);

    assertThat(List.of(row.source(), row.symbol(), row.timestamp(), row.open(), row.volume()))
        .containsExactly(
            tick.source(),
            tick.symbol(),
            Instant.EPOCH.plus(tick.timestampMicros(), ChronoUnit.MICROS),
            tick.price(),
            tick.size());
    assertThat(row.buyVolume()).isEqualTo("buy".equals(tick.side()) ? tick.size() : "0");
  }

  static Stream<Case> accepted() {
    return CORPUS.stream().filter(one -> one.expected() instanceof Accepted);
  }
}
