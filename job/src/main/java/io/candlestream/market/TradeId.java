package io.candlestream.market;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.util.Objects;

/**
 * A venue's name for one trade, unique within its instrument; or {@link #NONE}.
 *
 * <p>An id that is a decimal integer in canonical form ({@code 7}, {@code -3}, of any length; not
 * {@code 007}) is numeric, however it was quoted. Ids order as the venue counts: numeric ones first
 * and as numbers, then texts by their characters, then none.
 */
public final class TradeId implements Comparable<TradeId> {

  /** The trade has no id: it is no duplicate of any other. */
  public static final TradeId NONE = new TradeId(Kind.NONE, 0, null);

  /** The most characters an id may have. */
  public static final int MAX_LENGTH = 128;

  /** In the order of the ids. */
  private enum Kind {
    NUMBER,
    TEXT,
    NONE
  }

  private static final int LONGEST_LONG = Long.toString(Long.MIN_VALUE).length();

  private final Kind kind;
  private final long number;

  /** The id's text where {@link #number} does not hold it. */
  private final String text;

  private TradeId(Kind kind, long number, String text) {
    this.kind = kind;
    this.number = number;
    this.text = text;
  }

  public static TradeId of(long number) {
    return new TradeId(Kind.NUMBER, number, null);
  }

  /** The id with this text; {@code of("7")} equals {@code of(7)}. */
  public static TradeId of(String text) {
    requireNonNull(text, "text");
    if (!isCanonicalInteger(text)) {
      return new TradeId(Kind.TEXT, 0, text);
    }
    if (text.length() <= LONGEST_LONG) {
      try {
        return of(Long.parseLong(text));
      } catch (NumberFormatException beyond64Bits) {
        return new TradeId(Kind.NUMBER, 0, text);
      }
    }
    return new TradeId(Kind.NUMBER, 0, text);
  }

  /** Whether this can identify a trade: a {@linkplain Names#isText text} of 1 to 128 characters. */
  public static boolean fits(String text) {
    return Names.isText(text, MAX_LENGTH);
  }

  private static boolean isCanonicalInteger(String text) {
    int first = text.startsWith("-") ? 1 : 0;
    if (text.length() == first || (text.charAt(first) == '0' && text.length() > 1)) {
      return false;
    }
    for (int i = first; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  public boolean isPresent() {
    return kind != Kind.NONE;
  }

  /** Whether {@link #asLong} holds the id. */
  public boolean isLong() {
    return kind == Kind.NUMBER && text == null;
  }

  /** The id of one that {@link #isLong}; 0 for any other. */
  public long asLong() {
    return number;
  }

  @Override
  public int compareTo(TradeId other) {
    if (kind != other.kind) {
      return kind.compareTo(other.kind);
    }
    return switch (kind) {
      case NUMBER ->
          text == null && other.text == null
              ? Long.compare(number, other.number)
              : new BigInteger(toString()).compareTo(new BigInteger(other.toString()));
      case TEXT -> text.compareTo(other.text);
      case NONE -> 0;
    };
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof TradeId other
        && kind == other.kind
        && number == other.number
        && Objects.equals(text, other.text);
  }

  @Override
  public int hashCode() {
    return text == null ? Long.hashCode(number) : text.hashCode();
  }

  /** The id as the venue writes it; empty for {@link #NONE}. */
  @Override
  public String toString() {
    return switch (kind) {
      case NUMBER -> text == null ? Long.toString(number) : text;
      case TEXT -> text;
      case NONE -> "";
    };
  }
}
