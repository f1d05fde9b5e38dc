package io.candlestream.schema;

/**
 * What looking at one thing has shown.
 *
 * @param subject what was looked at, in a word or two
 * @param isWell whether it is as it should be
 * @param detail how it is; if it is not well, also what to do
 */
public record Finding(String subject, boolean isWell, String detail) {
  static Finding well(String subject, String detail) {
    return new Finding(subject, true, detail);
  }

  static Finding wrong(String subject, String detail) {
    return new Finding(subject, false, detail);
  }
}
