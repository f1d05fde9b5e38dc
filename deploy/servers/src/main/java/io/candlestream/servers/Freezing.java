package io.candlestream.servers;

import java.io.IOException;
import java.util.List;

/** Holds processes where they are, as a machine does that hangs, and lets them go on. */
public final class Freezing {

  private Freezing() {}

  public static void freeze(List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    signal("-STOP", processes);
  }

  public static void thaw(List<ProcessHandle> processes) throws IOException, InterruptedException {
    signal("-CONT", processes);
  }

  private static void signal(String signal, List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    for (ProcessHandle process : processes) {
      Process kill =
          new ProcessBuilder("kill", signal, Long.toString(process.pid()))
              .redirectErrorStream(true)
              .start();
      String said = new String(kill.getInputStream().readAllBytes());
      // One that has ended by itself meanwhile, as a server's workers do, is nobody's failure.
      if (kill.waitFor() != 0 && process.isAlive()) {
        throw new IllegalStateException(
            "kill %s %d: %s".formatted(signal, process.pid(), said.strip()));
      }
    }
  }
}
