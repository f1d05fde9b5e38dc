package io.candlestream.local.ticks;

/**
 * How ticks are written.
 *
 * @param withoutId share of them that carry no id
 * @param quotesDecimals whether prices and sizes are JSON strings, or else JSON numbers
 */
record TickForm(
    IdStyle idStyle,
    double withoutId,
    TimeStyle timeStyle,
    boolean quotesDecimals,
    boolean tellsSide) {

  /** One that a reader understands which is told the type of each field, and nothing else. */
  static final TickForm PLAIN = new TickForm(IdStyle.NUMBER, 0, TimeStyle.MICROS, true, true);

  enum IdStyle {
    NUMBER,
    TEXT_NUMBER,
    UUID_AND_SEQUENCE
  }

  enum TimeStyle {
    MILLIS,
    MICROS,
    NANOS,
    ISO
  }
}
