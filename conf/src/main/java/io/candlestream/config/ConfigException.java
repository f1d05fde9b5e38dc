package io.candlestream.config;

import java.util.List;

/**
 * The configuration cannot be used. Carries everything that is wrong with it at once; each problem
 * begins with the path of its key (or the place in the file) and says what to do. No problem quotes
 * a secret.
 */
public final class ConfigException extends RuntimeException {

  private final List<String> problems;

  /** All of {@code problems}, of which there is at least one; the message has one a line. */
  public ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("a configuration error needs at least one problem");
    }
    this.problems = List.copyOf(problems);
  }

  /** The problems, in the order of the configuration. */
  public List<String> problems() {
    return problems;
  }
}
