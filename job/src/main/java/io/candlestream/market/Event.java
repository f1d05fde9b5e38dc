package io.candlestream.market;

/**
 * What the rules accept of a record: something that happened at a time, and can still be rejected.
 */
public interface Event {

  /** By which of the job's inputs it came. */
  Input input();

  /** When it happened, in microseconds since the epoch. */
  long timestampMicros();

  /** The venue; of sentiment, the provider. */
  String source();

  /** What was traded, or what it is about. */
  String symbol();

  /** Where it was read. */
  Origin origin();

  /** The record as it was read, of one with several events without the others; never changed. */
  byte[] raw();
}
