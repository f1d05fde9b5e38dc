package io.candlestream.feed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.time.DateTimeException;
import java.util.Arrays;

/**
 * Reads a canonical record that is as plain as nearly all are, straight from its bytes: fields that
 * are known, each once, texts of printable ASCII without escapes, numbers above or at 0 of at most
 * {@value #MOST_DIGITS} digits without exponents. Of any other record, be it right or wrong, it
 * says nothing: that is for a whole JSON parser, as which it reads what it reads.
 *
 * <p>Not thread-safe.
 */
final class PlainRecord {

  private static final int MOST_BYTES = 512;

  /** So many fit into 64 bits, and into a {@link Decimal}. */
  private static final int MOST_DIGITS = 18;

  /** An ISO-8601 time to the nanosecond; with any zone but UTC it is not plain. */
  private static final int MOST_TIME_CHARACTERS = 30;

  private static final int KNOWN_NAMES = 1 << 11;

  private static final byte[] SOURCE = quoted("source");
  private static final byte[] SYMBOL = quoted("symbol");
  private static final byte[] TRADE_ID = quoted("trade_id");
  private static final byte[] SEQUENCE = quoted("sequence");
  private static final byte[] PRICE = quoted("price");
  private static final byte[] SIZE = quoted("size");
  private static final byte[] SIDE = quoted("side");
  private static final byte[] TIMESTAMP = quoted("timestamp");

  private static final byte[] BUY = quoted("buy");
  private static final byte[] SELL = quoted("sell");

  /** A record is not plain: no error, and so without a stack trace. */
  private static final class NotPlain extends Exception {
    static final NotPlain INSTANCE = new NotPlain();

    private NotPlain() {
      super("not plain", null, false, false);
    }
  }

  /** Printable ASCII that a text holds as it is. */
  private static final boolean[] PLAIN = new boolean[128];

  static {
    Arrays.fill(PLAIN, ' ', '~' + 1, true);
    PLAIN['"'] = false;
    PLAIN['\\'] = false;
  }

  /** Names of venues and symbols that were read lately, so that most are no new text. */
  private final String[] names = new String[KNOWN_NAMES];

  /** As they stand in a record. */
  private final byte[][] nameBytes = new byte[KNOWN_NAMES][];

  private final char[] time = new char[MOST_TIME_CHARACTERS];

  private byte[] record;
  private int at;

  /** Where the text that was read last begins and ends. */
  private int from;

  private int to;

  private String source;
  private String symbol;
  private TradeId tradeId;
  private Long sequence;
  private Decimal price;
  private Decimal size;
  private Side side;
  private long timestampMicros;

  /** The trade; null if the record is not plain. */
  Trade read(byte[] plain) {
    if (plain.length > MOST_BYTES) {
      return null;
    }
    record = plain;
    at = 0;
    source = null;
    symbol = null;
    tradeId = null;
    sequence = null;
    price = null;
    size = null;
    side = null;
    timestampMicros = -1;
    try {
      expect('{');
      do {
        field();
      } while (isFollowedBy(','));
      expect('}');
      unlessPlain(at == record.length);
      unlessPlain(source != null && symbol != null);
      unlessPlain(price != null && size != null && timestampMicros >= 0);
    } catch (NotPlain | DateTimeException other) {
      return null;
    }
    return new Trade(
        source,
        symbol,
        tradeId == null ? TradeId.NONE : tradeId,
        sequence,
        price,
        size,
        side == null ? Side.UNKNOWN : side,
        timestampMicros);
  }

  private static byte[] quoted(String text) {
    return ('"' + text + '"').getBytes(US_ASCII);
  }

  /** Reads a field: which it can be, few of its letters say. */
  private void field() throws NotPlain {
    peek();
    unlessPlain(at + 3 < record.length);
    int second = record[at + 2];
    switch (record[at + 1]) {
      case 'p' -> {
        name(PRICE, price == null);
        price = decimal();
      }
      case 't' -> {
        if (second == 'r') {
          name(TRADE_ID, tradeId == null);
          tradeId = tradeId();
        } else {
          name(TIMESTAMP, timestampMicros < 0);
          timestampMicros = timestamp();
        }
      }
      case 's' -> {
        switch (second) {
          case 'o' -> {
            name(SOURCE, source == null);
            source = name();
          }
          case 'y' -> {
            name(SYMBOL, symbol == null);
            symbol = name();
          }
          case 'e' -> {
            name(SEQUENCE, sequence == null);
            sequence = integer();
          }
          default -> {
            if (record[at + 3] == 'z') {
              name(SIZE, size == null);
              size = decimal();
            } else {
              name(SIDE, side == null);
              side = side();
            }
          }
        }
      }
      default -> throw NotPlain.INSTANCE;
    }
  }

  /** Reads the name of a field, and the colon behind it. */
  private void name(byte[] name, boolean isFirst) throws NotPlain {
    unlessPlain(isFirst && isFollowedBy(name));
    expect(':');
  }

  private static void unlessPlain(boolean condition) throws NotPlain {
    if (!condition) {
      throw NotPlain.INSTANCE;
    }
  }

  /** The next byte that is no space, which is not read yet; -1 at the end. */
  private int peek() {
    byte[] bytes = record;
    int i = at;
    while (i < bytes.length && bytes[i] == ' ') {
      i++;
    }
    at = i;
    return i < bytes.length ? bytes[i] : -1;
  }

  private void expect(char character) throws NotPlain {
    unlessPlain(isFollowedBy(character));
  }

  /** Reads a character if it is the next. */
  private boolean isFollowedBy(char character) {
    if (peek() != character) {
      return false;
    }
    at++;
    return true;
  }

  /** Reads a word if it is the next. */
  private boolean isFollowedBy(byte[] word) {
    peek();
    int end = at + word.length;
    if (end > record.length || !Arrays.equals(record, at, end, word, 0, word.length)) {
      return false;
    }
    at = end;
    return true;
  }

  /** Reads a text, and notes where it is. */
  private void text() throws NotPlain {
    expect('"');
    byte[] bytes = record;
    int i = at;
    from = i;
    while (i < bytes.length && isPlain(bytes[i])) {
      i++;
    }
    unlessPlain(i < bytes.length && bytes[i] == '"');
    to = i;
    at = i + 1;
  }

  private static boolean isPlain(byte character) {
    return character >= 0 && PLAIN[character];
  }

  private String name() throws NotPlain {
    text();
    byte[] bytes = record;
    int end = to;
    int hash = 0;
    for (int i = from; i < end; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = (hash ^ hash >>> 15) & KNOWN_NAMES - 1;
    byte[] known = nameBytes[slot];
    if (known == null || !Arrays.equals(bytes, from, end, known, 0, known.length)) {
      nameBytes[slot] = Arrays.copyOfRange(bytes, from, end);
      names[slot] = new String(bytes, from, end - from, US_ASCII);
    }
    return names[slot];
  }

  private TradeId tradeId() throws NotPlain {
    if (peek() != '"') {
      return TradeId.of(integer());
    }
    int quote = at++;
    long number = digits(0);
    if (isWhole(quote + 1)
        && at - quote <= MOST_DIGITS
        && at < record.length
        && record[at] == '"') {
      at++;
      return TradeId.of(number);
    }
    at = quote;
    text();
    TradeId id = TradeFields.tradeId(new String(record, from, to - from, US_ASCII));
    unlessPlain(id != null);
    return id;
  }

  private Side side() throws NotPlain {
    if (isFollowedBy(BUY)) {
      return Side.BUY;
    }
    unlessPlain(isFollowedBy(SELL));
    return Side.SELL;
  }

  private long timestamp() throws NotPlain {
    if (peek() != '"') {
      return EpochMicros.ofInteger(integer());
    }
    text();
    int length = to - from;
    unlessPlain(length <= time.length);
    for (int i = 0; i < length; i++) {
      time[i] = (char) record[from + i];
    }
    return EpochMicros.ofIso(time, 0, length);
  }

  private long integer() throws NotPlain {
    peek();
    int first = at;
    long value = digits(0);
    // Of 19 digits, those beyond 64 bits come out below 0.
    unlessPlain(isWhole(first) && at - first <= MOST_DIGITS + 1 && value >= 0);
    endNumber();
    return value;
  }

  /** A number, or the text of one. */
  private Decimal decimal() throws NotPlain {
    boolean isText = isFollowedBy('"');
    int first = at;
    long value = digits(0);
    unlessPlain(isWhole(first));
    int digits = at - first;
    int scale = 0;
    if (at < record.length && record[at] == '.') {
      at++;
      int fraction = at;
      value = digits(value);
      scale = at - fraction;
      unlessPlain(scale > 0);
      digits += scale;
    }
    unlessPlain(digits <= MOST_DIGITS);
    if (isText) {
      unlessPlain(at < record.length && record[at++] == '"');
    } else {
      endNumber();
    }
    return Decimal.of(value, scale);
  }

  /** Reads digits, and appends them to a number. */
  private long digits(long before) {
    byte[] bytes = record;
    long value = before;
    int i = at;
    while (i < bytes.length && bytes[i] >= '0' && bytes[i] <= '9') {
      value = value * 10 + (bytes[i++] - '0');
    }
    at = i;
    return value;
  }

  /** Whether what was read since is an integer as JSON has them, without zeros in front. */
  private boolean isWhole(int first) {
    return at == first + 1 || at > first && record[first] != '0';
  }

  private void endNumber() throws NotPlain {
    int next = peek();
    unlessPlain(next == ',' || next == '}');
  }
}
