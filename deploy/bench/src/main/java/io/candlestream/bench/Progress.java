package io.candlestream.bench;

import java.io.PrintWriter;
import java.util.Locale;

/** Says what a section is at, with the time since the program started. */
final class Progress {

  private final PrintWriter err;
  private final String section;
  private final long startNanos;

  Progress(PrintWriter err, String section, long startNanos) {
    this.err = err;
    this.section = section;
    this.startNanos = startNanos;
  }

  void say(String what, Object... values) {
    long seconds = (System.nanoTime() - startNanos) / 1_000_000_000;
    synchronized (err) {
      err.printf(
          Locale.ROOT,
          "%5d s  %-8s %s%n",
          seconds,
          section,
          String.format(Locale.ROOT, what, values));
      err.flush();
    }
  }
}
