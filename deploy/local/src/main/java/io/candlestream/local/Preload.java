package io.candlestream.local;

import io.candlestream.local.ticks.TickGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Puts ticks into the topic before the job starts, so that it is the job whose speed is measured.
 */
final class Preload {

  private static final Duration LINE_EVERY = Duration.ofSeconds(2);

  private final TopicFeed feed;
  private final PrintWriter out;
  private final long startNanos = System.nanoTime();
  private long nextLineNanos = startNanos + LINE_EVERY.toNanos();

  Preload(TopicFeed feed, PrintWriter out) {
    this.feed = feed;
    this.out = out;
  }

  /** Sends a feed that ends. */
  void send(TickGenerator ticks) {
    while (ticks.advance()) {
      feed.send(ticks.key(), ticks.payload(), ticks.recordTimestampMillis());
      sayNowAndThen();
    }
    finish();
  }

  /** Sends the lines of a file. */
  void send(Path file) throws IOException {
    try (TickFile lines = new TickFile(file)) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        feed.send(TickFile.keyOf(line), line, null);
        sayNowAndThen();
      }
    }
    finish();
  }

  private void sayNowAndThen() {
    long now = System.nanoTime();
    if (now - nextLineNanos >= 0) {
      nextLineNanos += LINE_EVERY.toNanos();
      out.printf(Locale.ROOT, "           %,d ticks in the topic …%n", feed.sent());
      out.flush();
    }
  }

  private void finish() {
    feed.flush();
    out.printf(
        Locale.ROOT,
        "Ticks      %,d in the topic after %.1f s; the job starts%n",
        feed.sent(),
        (System.nanoTime() - startNanos) / 1e9);
    out.flush();
  }
}
