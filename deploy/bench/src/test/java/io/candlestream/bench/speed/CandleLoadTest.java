package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.indicator.CandleRow;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandleLoadTest {

  private static final CandleLoad LOAD = new CandleLoad(30, 4);

  @Test
  void rowsComeMinuteByMinuteAndHaveAllIndicators() {
    List<CandleRow> rows = LOAD.rows();

    assertThat(rows).hasSize(120).isEqualTo(LOAD.rows());
    assertThat(rows).extracting(row -> row.candle().startMicros()).isSorted();
    assertThat(new HashSet<>(rows)).hasSize(120);
    assertThat(rows)
        .extracting(CandleRow::indicators)
        .allSatisfy(values -> assertThat(values).hasNoNullFieldsOrProperties());
  }

  @Test
  void everyRowIsCorrected() {
    List<CandleRow> rows = LOAD.rows();
    List<CandleRow> corrected = LOAD.corrected();

    assertThat(corrected).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      CandleRow row = rows.get(i);
      CandleRow later = corrected.get(i);
      assertThat(later.candle().instrument()).isEqualTo(row.candle().instrument());
      assertThat(later.candle().startMicros()).isEqualTo(row.candle().startMicros());
      assertThat(later.candle().trades()).isEqualTo(row.candle().trades() + 1);
      assertThat(later.candle().close()).isNotEqualTo(row.candle().close());
      assertThat(later.indicators()).isNotEqualTo(row.indicators());
    }
  }
}
