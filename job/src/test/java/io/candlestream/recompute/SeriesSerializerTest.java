package io.candlestream.recompute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.market.Instrument;
import io.candlestream.recompute.Recompute.Series;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesSerializerTest {

  private static final Series ONE = new Series(new Instrument("binance", "BTCUSDT"), 0);
  private static final Series OTHER =
      new Series(new Instrument("kraken", "BTC/USD"), 1_723_161_255_342_000L);

  private final SeriesSerializer one = new SeriesSerializer();
  private final SeriesSerializer.OfMany many = new SeriesSerializer.OfMany();

  @Test
  void seriesComesBackAsItWas() throws IOException {
    assertThat(one.deserialize(one.getVersion(), one.serialize(OTHER))).isEqualTo(OTHER);
  }

  @Test
  void manyComeBackInTheirOrder() throws IOException {
    for (List<Series> series : List.of(List.<Series>of(), List.of(OTHER, ONE))) {
      assertThat(many.deserialize(many.getVersion(), many.serialize(series)))
          .containsExactlyElementsOf(series);
    }
  }

  @Test
  void unknownVersionIsRefused() {
    assertThatThrownBy(() -> one.deserialize(2, one.serialize(ONE)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unknown version: 2");
    assertThatThrownBy(() -> many.deserialize(2, many.serialize(List.of(ONE))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unknown version: 2");
  }
}
