package io.candlestream.portfolio;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.SomeFill;
import java.time.Duration;
import java.util.List;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Fills come to their end, as files do, while ticks go on, or before these do. And when a position
 * goes out.
 */
class KeepPortfolioTimeTest {

  private static final SomeFill FILL = SomeFill.of("ACME");

  private PortfolioHarness portfolio;

  @BeforeEach
  void readAllFills() throws Exception {
    portfolio = new PortfolioHarness(Duration.ofMinutes(5));
    portfolio.open();
    take(FILL.id(1).atSeconds(10).buy("1", "10"));
    mark(0);
    portfolio.processWatermark2(new Watermark(60_000));
    assertThat(snapshots()).isEmpty();
    portfolio.processWatermark1(Watermark.MAX_WATERMARK);
    assertThat(snapshots()).containsExactly(0L);
  }

  @AfterEach
  void close() throws Exception {
    portfolio.close();
  }

  @Test
  void candlesThatComeAfterASilenceOfTheTicksAreValued() throws Exception {
    portfolio.processWatermarkStatus2(WatermarkStatus.IDLE);
    portfolio.processWatermarkStatus2(WatermarkStatus.ACTIVE);
    mark(1);
    portfolio.processWatermark2(new Watermark(120_000));
    assertThat(snapshots()).containsExactly(0L, 1L);
  }

  @Test
  void theEndOfTheTicksIsTheEnd() throws Exception {
    mark(1);
    portfolio.processWatermark2(Watermark.MAX_WATERMARK);
    assertThat(snapshots()).containsExactly(0L, 1L);
  }

  @Test
  void positionsGoOutAtOnceOrWithTheNextWatermarkWhereAFillIsOutOfOrder() throws Exception {
    assertThat(quantities()).containsExactly("1");
    take(FILL.id(2).atSeconds(90).buy("2", "10"));
    assertThat(quantities()).containsExactly("1", "3");
    take(FILL.id(3).atSeconds(80).buy("4", "10"));
    assertThat(quantities()).containsExactly("1", "3");
    portfolio.processWatermark2(new Watermark(60_001));
    assertThat(quantities()).containsExactly("1", "3", "7");
  }

  @Test
  void aWatermarkThatStandsStillKeepsNoFillFromItsPosition() throws Exception {
    take(FILL.id(2).atSeconds(5).buy("2", "10"));
    portfolio.setProcessingTime(9_999);
    assertThat(quantities()).containsExactly("1");
    portfolio.setProcessingTime(10_000);
    assertThat(quantities()).containsExactly("1", "3");
    assertThat(snapshots()).containsExactly(0L);
    portfolio.processWatermark2(new Watermark(60_001));
    assertThat(quantities()).containsExactly("1", "3");
    assertThat(snapshots()).containsExactly(0L, 0L);
  }

  private void take(SomeFill fill) throws Exception {
    portfolio.processElement1(new StreamRecord<>(fill.fill()));
  }

  /** Of the position, each time it went out. */
  private List<String> quantities() {
    return portfolio.extractOutputValues().stream()
        .map(row -> row.ledger().quantity().toString())
        .toList();
  }

  private void mark(long minute) throws Exception {
    portfolio.processElement2(
        new StreamRecord<>(new Mark(FILL.instrument(), minute * 60_000_000, Decimal.parse("11"))));
  }

  /** Of which minutes there are snapshots. */
  private List<Long> snapshots() {
    var output = portfolio.getSideOutput(KeepPortfolio.SNAPSHOTS);
    return output == null
        ? List.of()
        : output.stream().map(record -> record.getValue().fromMicros() / 60_000_000).toList();
  }
}
