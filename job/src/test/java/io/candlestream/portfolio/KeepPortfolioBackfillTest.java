package io.candlestream.portfolio;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.SomeFill;
import java.time.Duration;
import java.util.stream.LongStream;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A busy position's fills of many weeks, none of which is settled before all are read. Were its
 * history read, or its books summed up, for each of them, this would take many minutes.
 */
@Timeout(60)
class KeepPortfolioBackfillTest {

  private static final SomeFill FILL = SomeFill.of("ACME");
  private static final int FILLS = 80_000;

  private PortfolioHarness portfolio;

  @BeforeEach
  void open() throws Exception {
    portfolio = new PortfolioHarness(Duration.ofDays(1));
    portfolio.open();
  }

  @AfterEach
  void close() throws Exception {
    portfolio.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void filesOfFillsAreReadInEitherOrder(boolean newestFirst) throws Exception {
    for (int i = 0; i < FILLS; i++) {
      take(newestFirst ? FILLS - 1 - i : i);
    }
    portfolio.processWatermark1(Watermark.MAX_WATERMARK);
    for (long minute = 0; minute < FILLS; minute++) {
      mark(minute);
      portfolio.processWatermark2(new Watermark(minute * 60_000));
    }
    portfolio.processWatermark2(Watermark.MAX_WATERMARK);

    assertThat(latest().fills()).isEqualTo(FILLS);
    assertThat(
            portfolio.getSideOutput(KeepPortfolio.SNAPSHOTS).stream()
                .mapToLong(row -> row.getValue().ledger().fills()))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, FILLS).boxed().toList());
  }

  private void take(long minute) throws Exception {
    portfolio.processElement1(
        new StreamRecord<>(FILL.id(minute).atSeconds(60 * minute).buy("1", "10").fill()));
  }

  private void mark(long minute) throws Exception {
    portfolio.processElement2(
        new StreamRecord<>(new Mark(FILL.instrument(), minute * 60_000_000, Decimal.of(11, 0))));
  }

  /** The books of the position as it went out last. */
  private Ledger latest() {
    Ledger latest = null;
    for (Object element : portfolio.getOutput()) {
      if (element instanceof StreamRecord<?> record
          && record.getValue() instanceof PositionRow row) {
        latest = row.ledger();
      }
    }
    return latest;
  }
}
