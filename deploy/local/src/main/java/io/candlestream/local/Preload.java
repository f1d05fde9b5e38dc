package io.candlestream.local;

import io.candlestream.local.ticks.MarketFeed;
import io.candlestream.market.Input;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Puts records into the topics before the job starts, so that it is the job whose speed is
 * measured.
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
  void send(MarketFeed market) {
    while (market.advance()) {
      feed.send(market.input(), market.key(), market.payload(), market.recordTimestampMillis());
      sayNowAndThen();
    }
    finish();
  }

  /** Sends the lines of a file of ticks. */
  void send(Path file) throws IOException {
    try (TickFile lines = new TickFile(file)) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        feed.send(Input.TICKS, TickFile.keyOf(line), line, null);
        sayNowAndThen();
      }
    }
    finish();
  }

  private void sayNowAndThen() {
    long now = System.nanoTime();
    if (now - nextLineNanos >= 0) {
      nextLineNanos += LINE_EVERY.toNanos();
      out.printf(Locale.ROOT, "           %s in the topics …%n", sent());
      out.flush();
    }
  }

  private void finish() {
    feed.flush();
    out.printf(
        Locale.ROOT,
        "Records    %s in the topics after %.1f s; the job starts%n",
        sent(),
        (System.nanoTime() - startNanos) / 1e9);
    out.flush();
  }

  private String sent() {
    return feed.sent().entrySet().stream()
        .map(of -> String.format(Locale.ROOT, "%,d %s", of.getValue(), of.getKey().word()))
        .collect(Collectors.joining(", "));
  }
}
