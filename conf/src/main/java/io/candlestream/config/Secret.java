package io.candlestream.config;

import java.io.Serializable;
import java.util.Objects;

/**
 * A value that must not be seen: it prints as {@code ***}, so that neither a log nor an error nor a
 * web page can show it by accident.
 *
 * @param reveal the value itself, for the one call that needs it
 */
public record Secret(String reveal) implements Serializable {

  public Secret {
    Objects.requireNonNull(reveal);
  }

  @Override
  public String toString() {
    return "***";
  }
}
