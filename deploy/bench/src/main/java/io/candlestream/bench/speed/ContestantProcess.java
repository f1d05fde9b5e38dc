package io.candlestream.bench.speed;

import io.candlestream.local.Program;
import io.candlestream.servers.Jdk;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;

/** A {@link Contestant} in a process of its own, with the flags of this one, but for its heap. */
final class ContestantProcess implements AutoCloseable {

  /** A load in memory takes a fifth of it, and so do all ids of a load. */
  private static final String HEAP = "-Xmx4g";

  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader costs;

  private ContestantProcess(Process process) {
    this.process = process;
    this.orders = process.outputWriter();
    this.costs = process.inputReader();
  }

  /**
   * @param flags of the virtual machine, which count more than those of this one
   * @param arguments of {@link Contestant}
   */
  static ContestantProcess start(List<String> flags, List<String> arguments) throws IOException {
    Stream<String> inherited =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("-X"));
    Stream<String> home = Stream.of("-D%s=%s".formatted(Program.HOME_PROPERTY, Program.home()));
    List<String> command =
        Jdk.command(
            Contestant.class,
            Stream.of(inherited, Stream.of(HEAP), flags.stream(), home)
                .flatMap(options -> options)
                .toArray(String[]::new));
    command.addAll(arguments);
    return new ContestantProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  Contestant.Cost run() throws IOException {
    return run(List.of());
  }

  /**
   * The same.
   *
   * @param settings of Flink, as {@code key=value}, for this run alone
   */
  Contestant.Cost run(List<String> settings) throws IOException {
    orders.write(String.join(" ", settings) + "\n");
    orders.flush();
    // The virtual machine, too, has something to say now and then.
    for (String line = costs.readLine(); line != null; line = costs.readLine()) {
      Contestant.Cost cost = Contestant.Cost.parse(line);
      if (cost != null) {
        return cost;
      }
    }
    throw new IllegalStateException("a contestant has ended; its log says why");
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
