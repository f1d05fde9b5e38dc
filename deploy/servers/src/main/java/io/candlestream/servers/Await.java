package io.candlestream.servers;

import java.time.Duration;
import java.util.function.Supplier;

/** Waits for a condition of a server, never for a length of time. */
public final class Await {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  private Await() {}

  /** Something that is true when the wait is over; an error of it ends the wait. */
  public interface Condition<E extends Exception> {
    boolean holds() throws E, InterruptedException;
  }

  /**
   * @param otherwise says what did not come true
   * @throws IllegalStateException when the deadline has passed
   */
  public static <E extends Exception> void until(
      Duration deadline, Condition<E> condition, Supplier<String> otherwise)
      throws E, InterruptedException {
    if (!isTrueWithin(deadline, BETWEEN_LOOKS, condition)) {
      throw new IllegalStateException(
          "after %d s %s".formatted(deadline.toSeconds(), otherwise.get()));
    }
  }

  /**
   * Waits for what may well not come true.
   *
   * @param betweenLooks how long to leave alone who is asked
   * @return whether it has, before the deadline
   */
  public static <E extends Exception> boolean isTrueWithin(
      Duration deadline, Duration betweenLooks, Condition<E> condition)
      throws E, InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(betweenLooks.toMillis());
    }
    return true;
  }
}
