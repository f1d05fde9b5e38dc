package io.candlestream.portfolio;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.market.SomeFill;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An instrument was silent, so that the watermark is far ahead of its own clock, and nothing is
 * settled. Then something late comes, and before the next watermark something that settles it.
 * Candles are of a minute, 5 s out of order, fills 5 minutes late.
 */
class KeepPortfolioSettlingTest {

  private static final SomeFill FILL = SomeFill.of("ACME");

  private PortfolioHarness portfolio;

  @BeforeEach
  void start() throws Exception {
    open();
    take(FILL.id(1).atSeconds(10).buy("1", "10"));
    mark(0, "11");
    mark(1, "12");
    watermark(100_000);
    assertThat(snapshots()).isEqualTo(Map.of(0L, "1 of 11", 1L, "1 of 12"));
  }

  private void open() throws Exception {
    create();
    portfolio.open();
  }

  private void create() throws Exception {
    portfolio = new PortfolioHarness(Duration.ofMinutes(5));
  }

  private void restart() throws Exception {
    close();
    open();
  }

  @AfterEach
  void close() throws Exception {
    portfolio.close();
  }

  @Test
  void lateFillsCorrectSnapshotsThatAreSettledAtOnce() throws Exception {
    take(FILL.id(2).atSeconds(20).buy("1", "10"));
    take(FILL.id(3).atSeconds(70).buy("1", "10"));
    mark(1_000, "13");
    watermark(100_001);
    assertThat(snapshots()).isEqualTo(Map.of(0L, "2 of 11", 1L, "3 of 12", 1_000L, "3 of 13"));
  }

  @Test
  void correctedCandlesCorrectSnapshotsThatAreSettledAtOnce() throws Exception {
    mark(0, "21");
    mark(1, "22");
    mark(1_000, "23");
    watermark(100_001);
    assertThat(snapshots()).isEqualTo(Map.of(0L, "1 of 21", 1L, "1 of 22", 1_000L, "1 of 23"));
  }

  @Test
  void whatIsSettledIsLateAtOnceAndForgottenWithTheNextWatermark() throws Exception {
    take(FILL.id(2).atSeconds(60_000).buy("1", "10"));
    mark(1_000, "13");
    take(FILL.id(3).atSeconds(20).buy("1", "10"));
    assertThat(portfolio.getSideOutput(KeepPortfolio.LATE)).hasSize(1);
    watermark(100_001);
    // The frontier, the position, its history, the page and the id of the second fill, the newest
    // close.
    assertThat(portfolio.numKeyedStateEntries()).isEqualTo(6);
    assertThat(portfolio.numEventTimeTimers()).isZero();
  }

  /** The watermark of an attempt begins anew, and may come by a time that was settled long ago. */
  @Test
  void whatIsSettledIsNotValuedAgain() throws Exception {
    take(FILL.id(2).atSeconds(65).buy("2", "10"));
    mark(8, "13");
    watermark(100_001);
    OperatorSubtaskState checkpoint = portfolio.snapshot(1, 1);
    close();
    create();
    portfolio.initializeState(checkpoint);
    portfolio.open();
    portfolio.processBothWatermarks(new Watermark(59_998));
    take(FILL.id(3).atSeconds(490).buy("4", "10"));
    portfolio.processBothWatermarks(new Watermark(59_999));
    assertThat(snapshots()).isEqualTo(Map.of(8L, "7 of 13"));
  }

  /** As with files of ticks, an instrument's after those of others. */
  @Test
  void fillsThatAreAheadOfTheCandlesSettleNoneOfThem() throws Exception {
    take(FILL.id(2).atSeconds(60_000).buy("1", "10"));
    mark(2, "13");
    take(FILL.id(3).atSeconds(20).buy("1", "10"));
    mark(500, "14");
    watermark(100_001);
    assertThat(snapshots())
        .isEqualTo(Map.of(0L, "2 of 11", 1L, "2 of 12", 2L, "2 of 13", 500L, "2 of 14"));
    assertThat(portfolio.getSideOutput(KeepPortfolio.LATE)).isNull();
  }

  @Test
  void fillsThatAreReadBeforeTheFirstCandleSettleNoneOfThem() throws Exception {
    SomeFill other = SomeFill.of("LATER");
    restart();
    take(other.id(1).atSeconds(10).buy("1", "10"));
    take(other.id(2).atSeconds(60_000).buy("1", "10"));
    watermark(100_000);
    mark(other.instrument(), 0, "11");
    mark(other.instrument(), 1, "12");
    watermark(100_001);
    assertThat(snapshots()).isEqualTo(Map.of(0L, "1 of 11", 1L, "1 of 12"));
  }

  @Test
  void withoutCandlesFillsSettleWhatIsOlder() throws Exception {
    SomeFill other = SomeFill.of("UNMARKED");
    restart();
    watermark(100_000);
    take(other.id(1).atSeconds(10).buy("1", "10"));
    take(other.id(2).atSeconds(60_000).buy("1", "10"));
    take(other.id(3).atSeconds(20).buy("1", "10"));
    assertThat(portfolio.getSideOutput(KeepPortfolio.LATE)).hasSize(1);
    watermark(100_001);
    // The frontier, the position, its history, the page and the id of the second fill.
    assertThat(portfolio.numKeyedStateEntries()).isEqualTo(5);
  }

  private void take(SomeFill fill) throws Exception {
    portfolio.processElement1(new StreamRecord<>(fill.fill()));
  }

  private void mark(long minute, String close) throws Exception {
    mark(FILL.instrument(), minute, close);
  }

  private void mark(Instrument instrument, long minute, String close) throws Exception {
    portfolio.processElement2(
        new StreamRecord<>(new Mark(instrument, minute * 60_000_000, Decimal.parse(close))));
  }

  private void watermark(long seconds) throws Exception {
    portfolio.processBothWatermarks(new Watermark(seconds * 1_000));
  }

  /** The last snapshot of each minute: quantity and mark. */
  private Map<Long, String> snapshots() {
    Map<Long, String> last = new TreeMap<>();
    Queue<StreamRecord<SnapshotRow>> output = portfolio.getSideOutput(KeepPortfolio.SNAPSHOTS);
    for (SnapshotRow row : output.stream().map(StreamRecord::getValue).toList()) {
      last.put(row.fromMicros() / 60_000_000, row.ledger().quantity() + " of " + row.mark());
    }
    return last;
  }
}
