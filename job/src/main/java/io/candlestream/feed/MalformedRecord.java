package io.candlestream.feed;

/** A record, or a trade in it, cannot be read. Without a stack trace, as bad input is frequent. */
public final class MalformedRecord extends Exception {

  public static final MalformedRecord INSTANCE = new MalformedRecord();

  private MalformedRecord() {
    super("malformed", null, false, false);
  }

  public static void unless(boolean condition) throws MalformedRecord {
    if (!condition) {
      throw INSTANCE;
    }
  }
}
