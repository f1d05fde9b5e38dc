package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Both sides of a duel of whole jobs, on a small load. */
class WholeJobIT {

  private static final TickLoad LOAD = new TickLoad(20_000, 50, 60);

  @Test
  void contestantsReadTheWholeLoadEachTimeTheyAreTold() throws Exception {
    try (WholeJob load = WholeJob.on(LOAD);
        ContestantProcess job = load.contestant(List.of());
        ContestantProcess consumer = load.contestant(List.of("--only-fetch"))) {
      for (int run = 0; run < 2; run++) {
        Contestant.Cost fetched = consumer.run();
        Contestant.Cost taken = job.run();
        assertThat(fetched.ticks()).isEqualTo(LOAD.ticks());
        // Copies, and what is malformed, are not.
        assertThat(taken.ticks()).isBetween(LOAD.ticks() * 96 / 100, LOAD.ticks() * 98 / 100);
        assertThat(fetched.cpuSeconds()).isPositive().isLessThan(taken.cpuSeconds());
      }
    }
  }

  @Test
  void theLoopWithoutFlinkComesToTheRowsOfTheJob() throws Exception {
    try (WholeJob load = WholeJob.on(LOAD);
        ContestantProcess job = load.contestant(List.of());
        ContestantProcess inMemory = WholeJob.inMemory(LOAD, false);
        ContestantProcess loop = WholeJob.inMemory(LOAD, true);
        ContestantProcess half = WholeJob.inMemory(new TickLoad(LOAD.ticks() / 2, 50, 60), true)) {
      long rows = job.run().digest();
      assertThat(rows).isNotZero();
      assertThat(inMemory.run().digest()).isEqualTo(rows);
      assertThat(loop.run().digest()).isEqualTo(rows);
      assertThat(half.run().digest()).isNotEqualTo(rows);
    }
  }
}
