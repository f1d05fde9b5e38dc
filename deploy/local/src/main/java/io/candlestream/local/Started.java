package io.candlestream.local;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a program has started, to be ended in reverse order: when the program is through, or when
 * the process is told to stop (Ctrl-C).
 */
final class Started implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Started.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Thread hook;
  private volatile boolean interrupted;
  private boolean closed;

  /**
   * @param farewell said when the process is told to stop
   */
  Started(Runnable farewell) {
    hook =
        new Thread(
            () -> {
              interrupted = true;
              farewell.run();
              end();
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Takes charge of a part that has just been started.
   *
   * @throws CancellationException if the process has been told to stop meanwhile; the part is ended
   */
  <T extends AutoCloseable> T add(T part) {
    synchronized (this) {
      if (!closed) {
        parts.push(part);
        return part;
      }
    }
    end(part);
    throw new CancellationException("told to stop");
  }

  /** Whether the process has been told to stop: errors from then on are the end's, not ours. */
  boolean isInterrupted() {
    return interrupted;
  }

  @Override
  public void close() {
    if (interrupted) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException told) {
      // To stop, this very moment: the hook does the rest.
      return;
    }
    end();
  }

  private synchronized void end() {
    closed = true;
    while (!parts.isEmpty()) {
      end(parts.pop());
    }
  }

  /** A part that does not end well must not keep the others from ending. */
  private static void end(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("{} did not end well", part.getClass().getSimpleName(), e);
    }
  }
}
