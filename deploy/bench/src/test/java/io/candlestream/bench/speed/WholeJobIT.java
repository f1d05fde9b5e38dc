package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        Reader job = load.reader(List.of());
        Reader inMemory = WholeJob.inMemory(LOAD, false);
        Reader loop = WholeJob.inMemory(LOAD, true);
        Reader half = WholeJob.inMemory(new TickLoad(LOAD.ticks() / 2, 50, 60), true)) {
      for (Reader reader : List.of(job, inMemory, loop, half)) {
        reader.run();
        reader.run();
      }
      inMemory.requireSameRows(job);
      loop.requireSameRows(job);
      assertThatThrownBy(() -> half.requireSameRows(job)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aJobHasSettingsOfItsOwn() throws Exception {
    try (WholeJob load = WholeJob.on(LOAD);
        Reader job = load.reader(List.of())) {
      Reader alone = job.with(List.of("parallelism.default=1"));
      for (Reader reader : List.of(job, alone, job)) {
        reader.run();
      }
      alone.requireSameRows(job);
      Reader never = job.with(List.of("execution.checkpointing.interval=never"));
      assertThatThrownBy(never::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("a contestant has ended");
    }
  }

  @Test
  void aRunThatTakesAnotherNumberOfTicksIsAnError() throws Exception {
    try (WholeJob job = WholeJob.on(3, feed -> 2);
        Reader reader = job.reader(List.of())) {
      assertThatThrownBy(reader::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("0 ticks were taken, not 2");
    }
  }
}
