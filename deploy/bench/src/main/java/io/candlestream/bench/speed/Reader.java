package io.candlestream.bench.speed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A contestant that reads one load again and again: each time it must take as many ticks as there
 * are to take, and come to the same rows.
 */
final class Reader implements Duel.Side, AutoCloseable {

  private final ContestantProcess process;
  private final List<String> settings;
  private final long ticks;
  private final List<Double> wallSeconds = new ArrayList<>();
  private Contestant.Cost last;

  /**
   * @param process ended with this
   * @param ticks that it is to take
   */
  Reader(ContestantProcess process, long ticks) {
    this(process, List.of(), ticks);
  }

  private Reader(ContestantProcess process, List<String> settings, long ticks) {
    this.process = process;
    this.settings = settings;
    this.ticks = ticks;
  }

  /**
   * The same process, whose runs are jobs with settings of their own. It is closed once.
   *
   * @param settings of Flink, as {@code key=value}
   */
  Reader with(List<String> settings) {
    return new Reader(process, settings, ticks);
  }

  /**
   * Returns the seconds of CPU.
   *
   * @throws IllegalStateException if it took another number of ticks, or came to other rows than
   *     before
   */
  @Override
  public double run() throws IOException {
    Contestant.Cost cost = process.run(settings);
    if (cost.ticks() != ticks) {
      throw new IllegalStateException(
          "%,d ticks were taken, not %,d".formatted(cost.ticks(), ticks));
    }
    if (last != null && cost.digest() != last.digest()) {
      throw new IllegalStateException("two runs on the same ticks came to different rows");
    }
    last = cost;
    wallSeconds.add(cost.wallSeconds());
    return cost.cpuSeconds();
  }

  /** What the last run took. */
  Contestant.Cost last() {
    return last;
  }

  /**
   * @throws IllegalStateException if there are no rows, or the other's are different
   */
  void requireSameRows(Reader other) {
    if (last.digest() == 0 || last.digest() != other.last.digest()) {
      throw new IllegalStateException(
          "two sides on the same ticks came to different rows, or none");
    }
  }

  /**
   * @param runs the last so many
   */
  double medianWallSeconds(int runs) {
    return Spread.ofLast(runs, wallSeconds).median();
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
