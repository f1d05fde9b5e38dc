package io.candlestream.servers;

import java.io.IOException;
import java.util.ArrayList;
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
    List<String> command = new ArrayList<>(List.of("kill", signal));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    Process kill = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(kill.getInputStream().readAllBytes());
    if (kill.waitFor() != 0) {
      throw new IllegalStateException(
          "failed: %s: %s".formatted(String.join(" ", command), said.strip()));
    }
  }
}
