package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.RejectReason;
import io.candlestream.market.RejectedTick;
import io.candlestream.market.Side;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.TradeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a record of canonical JSON and judges it by the stateless rules. A record that cannot be
 * read is {@link RejectReason#MALFORMED} and nothing else; one that can be read is rejected with
 * every reason that applies. Not thread-safe.
 */
final class TickDecoder {

  static final int MAX_RECORD_BYTES = 64 * 1024;
  static final int MAX_NESTING = 8;

  private static final byte[] NO_BYTES = {};

  /** Far more names than any feed has: beyond, someone makes them up. */
  private static final int MAX_KNOWN_NAMES = 128;

  private static final JsonFactoryBuilder JSON =
      new JsonFactoryBuilder()
          // Field names come from outside: they must fill no table of the whole process, and no
          // choice of them may make the parser give up.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_NESTING)
                  .maxNumberLength(MAX_RECORD_BYTES)
                  .maxStringLength(MAX_RECORD_BYTES)
                  .maxNameLength(MAX_RECORD_BYTES)
                  .build());

  private final String defaultSource;
  private final TickRules rules;
  private Json json = new Json();

  /**
   * @param defaultSource the venue of ticks that name none; empty for none
   */
  TickDecoder(String defaultSource, TickRules rules) {
    this.defaultSource = defaultSource;
    this.rules = rules;
  }

  /**
   * @param raw the record, null for one without value
   * @param clockMillis the time by which the tick's age is judged
   */
  Verdict decode(byte[] raw, Origin origin, long clockMillis) {
    if (raw == null) {
      return malformed(NO_BYTES, origin);
    }
    if (raw.length > MAX_RECORD_BYTES || !isUtf8(raw)) {
      return malformed(raw, origin);
    }
    Fields fields;
    try {
      fields = read(raw);
    } catch (IOException | DateTimeException | MalformedRecord unreadable) {
      // Read from memory, so this is never an input error.
      return malformed(raw, origin);
    }
    return judge(fields, raw, origin, clockMillis);
  }

  private static Verdict malformed(byte[] raw, Origin origin) {
    return Verdict.reject(
        new RejectedTick(origin, raw, List.of(RejectReason.MALFORMED), null, null, null));
  }

  /**
   * Also false for a NUL byte. JSON cannot hold one, but UTF-16 does, which the parser would take.
   */
  private static boolean isUtf8(byte[] raw) {
    for (byte b : raw) {
      if (b <= 0) {
        return b != 0 && isStrictUtf8(raw);
      }
    }
    return true;
  }

  private static boolean isStrictUtf8(byte[] raw) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).chars().noneMatch(c -> c == 0);
    } catch (CharacterCodingException notUtf8) {
      return false;
    }
  }

  private Fields read(byte[] raw) throws IOException, MalformedRecord {
    if (json.knownNames() > MAX_KNOWN_NAMES) {
      json = new Json();
    }
    try (JsonParser parser = json.createParser(raw)) {
      Fields fields = new Fields();
      require(parser.nextToken() == JsonToken.START_OBJECT);
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken value = parser.nextToken();
        switch (name) {
          case "source" -> {
            fields.first(Fields.SOURCE);
            fields.source = value == JsonToken.VALUE_NULL ? null : text(value, parser);
          }
          case "symbol" -> {
            fields.first(Fields.SYMBOL);
            fields.symbol = text(value, parser);
          }
          case "trade_id" -> {
            fields.first(Fields.TRADE_ID);
            fields.tradeId = value == JsonToken.VALUE_NULL ? TradeId.NONE : tradeId(value, parser);
          }
          case "sequence" -> {
            fields.first(Fields.SEQUENCE);
            fields.sequence = value == JsonToken.VALUE_NULL ? null : integer(value, parser);
          }
          case "price" -> {
            fields.first(Fields.PRICE);
            fields.price = decimal(value, parser);
          }
          case "size" -> {
            fields.first(Fields.SIZE);
            fields.size = decimal(value, parser);
          }
          case "side" -> {
            fields.first(Fields.SIDE);
            fields.side = value == JsonToken.VALUE_NULL ? Side.UNKNOWN : side(value, parser);
          }
          case "timestamp" -> {
            fields.first(Fields.TIMESTAMP);
            fields.timestampMicros = timestamp(value, parser);
          }
          default -> parser.skipChildren();
        }
      }
      require(parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null);
      if (fields.source == null && !defaultSource.isEmpty()) {
        fields.source = defaultSource;
      }
      require(fields.source != null && fields.hasAll(Fields.REQUIRED));
      return fields;
    }
  }

  private static String text(JsonToken value, JsonParser parser)
      throws IOException, MalformedRecord {
    require(value == JsonToken.VALUE_STRING);
    return parser.getText();
  }

  private static long integer(JsonToken value, JsonParser parser)
      throws IOException, MalformedRecord {
    require(
        value == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER);
    return parser.getLongValue();
  }

  /** Null for an id that is none by the rules. */
  private static TradeId tradeId(JsonToken value, JsonParser parser)
      throws IOException, MalformedRecord {
    if (value == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return TradeId.of(parser.getLongValue());
    }
    require(value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT);
    String text = parser.getText();
    return TickRules.isTradeId(text) ? TradeId.of(text) : null;
  }

  /** Null for what is no decimal number, or has too many digits. */
  private static Decimal decimal(JsonToken value, JsonParser parser)
      throws IOException, MalformedRecord {
    require(value == JsonToken.VALUE_STRING || value.isNumeric());
    try {
      return Decimal.parse(
          parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    } catch (NumberFormatException invalid) {
      return null;
    }
  }

  private static Side side(JsonToken value, JsonParser parser) throws IOException, MalformedRecord {
    return switch (text(value, parser)) {
      case "buy" -> Side.BUY;
      case "sell" -> Side.SELL;
      default -> throw MalformedRecord.INSTANCE;
    };
  }

  private static long timestamp(JsonToken value, JsonParser parser)
      throws IOException, MalformedRecord {
    return value == JsonToken.VALUE_STRING
        ? EpochMicros.ofIso(
            parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength())
        : EpochMicros.ofInteger(integer(value, parser));
  }

  private static void require(boolean condition) throws MalformedRecord {
    if (!condition) {
      throw MalformedRecord.INSTANCE;
    }
  }

  private Verdict judge(Fields fields, byte[] raw, Origin origin, long clockMillis) {
    boolean validSource = TickRules.isSource(fields.source);
    boolean validSymbol = TickRules.isSymbol(fields.symbol);
    TickRules.Limits limits = rules.limitsOf(fields.symbol);
    boolean validPrice = fields.price != null && limits.allowsPrice(fields.price);
    boolean validSize = fields.size != null && limits.allowsSize(fields.size);
    boolean stale = rules.isStale(fields.timestampMicros, clockMillis);
    boolean future = rules.isFuture(fields.timestampMicros, clockMillis);
    if (validSource
        && validSymbol
        && fields.tradeId != null
        && validPrice
        && validSize
        && !stale
        && !future) {
      return Verdict.accept(
          new Tick(
              new Instrument(fields.source, fields.symbol),
              new TickOrder(fields.timestampMicros, fields.sequence, fields.tradeId, origin),
              fields.price,
              fields.size,
              fields.side,
              raw));
    }
    List<RejectReason> reasons = new ArrayList<>();
    addIf(!validSource, RejectReason.INVALID_SOURCE, reasons);
    addIf(!validSymbol, RejectReason.INVALID_SYMBOL, reasons);
    addIf(fields.tradeId == null, RejectReason.INVALID_TRADE_ID, reasons);
    addIf(!validPrice, RejectReason.INVALID_PRICE, reasons);
    addIf(!validSize, RejectReason.INVALID_SIZE, reasons);
    addIf(stale, RejectReason.STALE, reasons);
    addIf(future, RejectReason.FUTURE, reasons);
    return Verdict.reject(
        new RejectedTick(
            origin,
            raw,
            reasons,
            validSource ? fields.source : null,
            validSymbol ? fields.symbol : null,
            fields.timestampMicros));
  }

  private static void addIf(boolean applies, RejectReason reason, List<RejectReason> reasons) {
    if (applies) {
      reasons.add(reason);
    }
  }

  /**
   * A parser's factory remembers field names, and a record with a new one has it copy all of them:
   * so it is given up once it knows too many.
   */
  private static final class Json extends JsonFactory {

    Json() {
      super(JSON);
    }

    int knownNames() {
      return _byteSymbolCanonicalizer.size();
    }
  }

  /** The fields of one record, as far as they were read. */
  private static final class Fields {
    static final int SOURCE = 1;
    static final int SYMBOL = 1 << 1;
    static final int TRADE_ID = 1 << 2;
    static final int SEQUENCE = 1 << 3;
    static final int PRICE = 1 << 4;
    static final int SIZE = 1 << 5;
    static final int SIDE = 1 << 6;
    static final int TIMESTAMP = 1 << 7;
    static final int REQUIRED = SYMBOL | PRICE | SIZE | TIMESTAMP;

    String source;
    String symbol;

    /** Null if invalid. */
    TradeId tradeId = TradeId.NONE;

    Long sequence;

    /** Null if invalid. */
    Decimal price;

    /** Null if invalid. */
    Decimal size;

    Side side = Side.UNKNOWN;
    long timestampMicros;

    private int seen;

    /** Notes that a field occurred, and refuses it the second time. */
    void first(int field) throws MalformedRecord {
      require((seen & field) == 0);
      seen |= field;
    }

    boolean hasAll(int fields) {
      return (seen & fields) == fields;
    }
  }

  /** Thrown and caught within this class; without a stack trace, as bad input may be frequent. */
  private static final class MalformedRecord extends Exception {
    static final MalformedRecord INSTANCE = new MalformedRecord();

    private MalformedRecord() {
      super(null, null, false, false);
    }
  }
}
