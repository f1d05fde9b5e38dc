package io.candlestream.servers;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The JDK that this program runs on. */
public final class Jdk {

  private Jdk() {}

  /** The path of one of its programs, such as {@code java}. */
  public static String program(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  /**
   * A command that runs a class of this program's class path, with as much of the JDK opened to it
   * as to this program.
   *
   * @param options of the virtual machine
   * @return to be added to
   */
  public static List<String> command(Class<?> mainClass, String... options) {
    List<String> command = new ArrayList<>();
    command.add(program("java"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
    return command;
  }
}
