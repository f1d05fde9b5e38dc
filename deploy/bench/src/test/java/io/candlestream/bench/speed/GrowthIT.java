package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What grows, and what is held, at small sizes: each run must accept what there is to accept. */
class GrowthIT {

  @Test
  void aTickIsPricedAtEachSize() throws Exception {
    Growth growth = Growth.ofLateness(List.of(1, 5), 20_000, Spread.FEWEST);

    assertThat(Growth.table(List.of(growth)).rows())
        .extracting(row -> row.get(0))
        .containsExactly(1L, 5L);
    assertThat(growth.load()).isEqualTo("1,000 instruments, 20,000 ticks, 5/s of event time");
  }

  @Test
  void theLoopIsPricedAtEachNumberOfInstruments() throws Exception {
    Growth growth = Growth.ofInstrumentsInLoop(2_000, Spread.FEWEST);

    assertThat(growth.points())
        .extracting(Growth.Point::size)
        .containsExactly(10, 100, 1_000, 10_000, 100_000);
    assertThat(growth.points().get(4).nanos().median()).isPositive();
  }

  @Test
  void idsInRocksDbAreKnownAgain() throws Exception {
    Finding finding = LiveIds.measure(10_000);

    assertThat(finding.isMet()).isFalse();
    assertThat(finding.detail()).startsWith("10,000 UUIDs").contains("; 100 copies known;");
  }
}
