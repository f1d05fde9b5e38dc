package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Await;
import io.candlestream.servers.Edition;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Much at once, and for long. */
@OnlyInTheWholeSet
@SuppressWarnings("try") // Nobody interrupts a test.
class EnduranceIT {

  @RegisterExtension
  static final Scene SCENE =
      new Scene(
          Edition.POSTGRES,
          Map.of(
              "taskmanager.memory.process.size",
              "2000m",
              // For RocksDB.
              "taskmanager.memory.managed.fraction",
              "0.4"));

  /**
   * Once all indicators have their past, what is kept does not grow: trade ids go with the candles
   * that they are of. A burst is more than the job can take at once, and is made up for.
   */
  @Test
  void memoryDoesNotGrow(Run run) throws Exception {
    run.feed(200, 1_500, Duration.ZERO).submit(Map.of(), "timeframes: []");
    TimeUnit.MINUTES.sleep(7);
    Footprint settled = Footprint.over(Duration.ofMinutes(3), run);
    run.load().trade(10);
    TimeUnit.SECONDS.sleep(30);
    run.load().trade(1);
    TimeUnit.MINUTES.sleep(6);
    Footprint later = Footprint.over(Duration.ofMinutes(3), run);
    assertThat(later.heap()).as("heap").isLessThan(settled.heap() * 5 / 4);
    assertThat(later.state()).as("state").isLessThan(settled.state() * 5 / 4);
    run.assertComplete();
    SCENE.survived(
        "Soak, with a burst of ten times as much; heap %s, state %s"
            .formatted(
                megabytes(settled.heap(), later.heap()), megabytes(settled.state(), later.state())),
        "20 min");
  }

  /** More instruments than the heap has room for. */
  @Test
  void thereMayBeAHundredThousandInstruments(Run run) throws Exception {
    run.feed(100_000, 1_500, Duration.ZERO).submit(Map.of("state.backend.type", "rocksdb"));
    TimeUnit.MINUTES.sleep(8);
    run.assertComplete();
    SCENE.survived(
        "100,000 instruments on RocksDB, of which %s traded; state %d MB"
            .formatted(
                run.query("SELECT count(DISTINCT (source, symbol)) FROM market_data"),
                run.state() >> 20),
        "8 min");
  }

  /** A million ticks that wait, with state on the heap and in RocksDB, one after the other. */
  @Test
  void aBacklogIsWorkedOff() throws Exception {
    Duration onHeap = workOff("hashmap");
    Duration inRocksDb = workOff("rocksdb");
    System.out.printf(
        "RocksDB takes %.1f times as long as the heap.%n",
        (double) inRocksDb.toMillis() / onHeap.toMillis());
  }

  private static Duration workOff(String backend) throws Exception {
    try (Run run = Run.on(SCENE.stack())) {
      run.feed(1_000, 50_000, Duration.ZERO);
      run.await("a backlog", () -> run.load().size() >= 1_000_000);
      run.load().stop();
      long begun = System.nanoTime();
      run.submitFrom(null, Map.of("state.backend.type", backend));
      Await.until(
          Duration.ofMinutes(10),
          () -> run.counted().orElse(0L) == (long) run.load().size(),
          () -> "not everything is counted");
      Duration time = Duration.ofNanos(System.nanoTime() - begun);
      run.assertComplete();
      Faults.survived("A backlog, state backend " + backend, "1×", run, time);
      return time;
    }
  }

  /**
   * What a job takes while it works.
   *
   * @param heap bytes on the TaskManagers' heaps, where they were fewest: just after a collection
   * @param state bytes of a checkpoint, where they were most
   */
  private record Footprint(long heap, long state) {

    static Footprint over(Duration time, Run run) throws Exception {
      long heap = Long.MAX_VALUE;
      long state = 0;
      long end = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < end) {
        heap = Math.min(heap, run.heapOfTaskManagers());
        state = Math.max(state, run.state());
        TimeUnit.MILLISECONDS.sleep(500);
      }
      return new Footprint(heap, state);
    }
  }

  private static String megabytes(long before, long after) {
    return "%.1f → %.1f MB".formatted(before / 1e6, after / 1e6);
  }
}
