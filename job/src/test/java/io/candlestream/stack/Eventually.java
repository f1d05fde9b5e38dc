package io.candlestream.stack;

import java.time.Duration;

/** Waits for what must come true: looks again and again, never sleeps for a length of time. */
public final class Eventually {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  private Eventually() {}

  /** Assertions about something that is still under way. */
  @FunctionalInterface
  public interface Assertions {
    void check() throws Exception;
  }

  /** Returns once the assertions hold; after the deadline, fails as they last did. */
  public static void holds(Assertions assertions) throws Exception {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        assertions.check();
        return;
      } catch (AssertionError notYet) {
        if (System.nanoTime() - end > 0) {
          throw notYet;
        }
      }
      Thread.sleep(BETWEEN_LOOKS.toMillis());
    }
  }
}
