package io.candlestream.state;

/** Of state that can grow large. */
public interface Bulky {

  /** About how much memory it takes. */
  long bytes();
}
