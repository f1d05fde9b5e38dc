package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What grows, and what is held, at small sizes: each run must accept what there is to accept. */
class GrowthIT {

  private static final long TICKS = 200_000;

  @Test
  void aTickIsPricedAtEachSize() throws Exception {
    Growth instruments = Growth.ofInstruments(List.of(10, 1_000), TICKS, Spread.FEWEST);
    Growth lateness = Growth.ofLateness(List.of(1, 5), TICKS, Spread.FEWEST);

    assertThat(Growth.table(List.of(instruments, lateness)).rows())
        .extracting(row -> row.get(0))
        .containsExactly(10L, 1_000L, 1L, 5L);
    assertThat(instruments.points()).allMatch(point -> point.nanos().median() > 0);
    assertThat(lateness.points()).allMatch(point -> point.nanos().median() > 0);
  }

  @Test
  void aRunThatAcceptsAnotherNumberOfTicksIsAnError() throws Exception {
    try (WholeJob job = WholeJob.on(3, feed -> 2);
        ContestantProcess process = job.contestant(List.of())) {
      assertThatThrownBy(() -> new Growth.Reader(process, job.valid()).run())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("0 ticks were accepted, not 2");
    }
  }

  @Test
  void idsInRocksDbAreKnownAgain() throws Exception {
    Finding finding = LiveIds.measure(10_000);

    assertThat(finding.isMet()).isFalse();
    assertThat(finding.detail()).startsWith("10,000 UUIDs").contains("; 100 copies known;");
  }
}
