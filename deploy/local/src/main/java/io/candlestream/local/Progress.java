package io.candlestream.local;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;

/** Watches a running job and says now and then how far it is. */
final class Progress {

  /** How often counters are read: the grain of every measured time. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final EmbeddedFlink flink;
  private final PrintWriter out;
  private final Duration lineEvery;
  private final Optional<FilesProgress> files;
  private final Throughput throughput;
  private final Throughput sinceLastLine;

  /**
   * @param startNanos when the job started, by {@link System#nanoTime()}
   */
  Progress(EmbeddedFlink flink, PrintWriter out, Duration lineEvery, long startNanos) {
    this(flink, out, lineEvery, startNanos, Optional.empty());
  }

  /**
   * @param files that the job reads; their last line says how it has ended
   */
  Progress(
      EmbeddedFlink flink,
      PrintWriter out,
      Duration lineEvery,
      long startNanos,
      Optional<FilesProgress> files) {
    this.flink = flink;
    this.out = out;
    this.lineEvery = lineEvery;
    this.files = files;
    this.throughput = new Throughput(startNanos);
    this.sinceLastLine = new Throughput(startNanos);
    sinceLastLine.observe(flink.counts().ticks(), startNanos);
  }

  /**
   * Returns when the job has ended, or has got as far as wanted.
   *
   * @return whether the job has ended
   * @throws ExecutionException if it has failed
   */
  boolean until(Predicate<JobCounts> farEnough) throws ExecutionException, InterruptedException {
    long nextLine = System.nanoTime() + lineEvery.toNanos();
    while (true) {
      boolean ended = flink.awaitEnd(LOOK_EVERY);
      JobCounts counts = flink.counts();
      long now = System.nanoTime();
      throughput.observe(counts.ticks(), now);
      files.ifPresent(known -> flink.filesLeft().ifPresent(left -> known.observe(left, now)));
      if (ended) {
        files.ifPresent(known -> line(counts, now, "  " + known.ended()));
      }
      if (ended || farEnough.test(counts)) {
        return ended;
      }
      if (now - nextLine >= 0) {
        nextLine += lineEvery.toNanos();
        line(counts, now, files.map(known -> "  " + known.running()).orElse(""));
      }
    }
  }

  Throughput throughput() {
    return throughput;
  }

  private void line(JobCounts counts, long now, String more) {
    sinceLastLine.observe(counts.ticks(), now);
    out.printf(
        Locale.ROOT,
        "%5d s  %,13d ticks  %,9.0f/s  %,10d candles  %,10d rows%s%s%n",
        throughput.elapsed().toSeconds(),
        counts.ticks(),
        sinceLastLine.latest(),
        counts.candlesClosed(),
        counts.rows(JobCounts.MARKET_DATA).written(),
        more,
        counts.restarts() == 0 ? "" : "  %d restarts".formatted(counts.restarts()));
    out.flush();
  }
}
