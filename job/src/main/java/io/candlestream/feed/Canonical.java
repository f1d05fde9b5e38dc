package io.candlestream.feed;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.auto.service.AutoService;
import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.io.IOException;
import java.time.DateTimeException;

/** One JSON object to a record, one trade to an object, in candlestream's own fields. */
@AutoService(FeedFormat.class)
public final class Canonical implements FeedFormat {

  static final int MAX_RECORD_BYTES = 64 * 1024;

  @Override
  public String name() {
    return "canonical";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new Reader(settings);
  }

  /** This is the path of every tick: what is plain needs no JSON parser, and the rest no tree. */
  static final class Reader implements FeedReader {

    private final FeedSettings defaults;
    private final PlainRecord plain = new PlainRecord();
    private final JsonParsers parsers = JsonParsers.canonical();

    Reader(FeedSettings defaults) {
      this.defaults = defaults;
    }

    @Override
    public void read(byte[] record, Trades trades) throws MalformedRecord {
      Trade trade = plain.read(record);
      trades.add(trade == null ? readAny(record) : trade, record);
    }

    /** Whatever it is. */
    Trade readAny(byte[] record) throws MalformedRecord {
      try (JsonParser parser = parsers.open(record)) {
        return read(parser);
      } catch (IOException | DateTimeException unreadable) {
        throw MalformedRecord.INSTANCE;
      }
    }

    private Trade read(JsonParser parser) throws IOException, MalformedRecord {
      Fields fields = new Fields();
      MalformedRecord.unless(parser.nextToken() == JsonToken.START_OBJECT);
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
      MalformedRecord.unless(
          parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null);
      if (fields.source == null && !defaults.defaultSource().isEmpty()) {
        fields.source = defaults.defaultSource();
      }
      if (fields.symbol == null && !defaults.defaultSymbol().isEmpty()) {
        fields.symbol = defaults.defaultSymbol();
      }
      MalformedRecord.unless(
          fields.source != null && fields.symbol != null && fields.hasAll(Fields.REQUIRED));
      return fields.trade();
    }

    private static String text(JsonToken value, JsonParser parser)
        throws IOException, MalformedRecord {
      MalformedRecord.unless(value == JsonToken.VALUE_STRING);
      return parser.getText();
    }

    private static long integer(JsonToken value, JsonParser parser)
        throws IOException, MalformedRecord {
      MalformedRecord.unless(
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
      MalformedRecord.unless(
          value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT);
      return TradeFields.tradeId(parser.getText());
    }

    /** Null for what is no decimal number, or has too many digits. */
    private static Decimal decimal(JsonToken value, JsonParser parser)
        throws IOException, MalformedRecord {
      MalformedRecord.unless(value == JsonToken.VALUE_STRING || value.isNumeric());
      try {
        return Decimal.parse(
            parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
      } catch (NumberFormatException invalid) {
        return null;
      }
    }

    private static Side side(JsonToken value, JsonParser parser)
        throws IOException, MalformedRecord {
      return TradeFields.side(text(value, parser), "buy", "sell");
    }

    private static long timestamp(JsonToken value, JsonParser parser)
        throws IOException, MalformedRecord {
      return value == JsonToken.VALUE_STRING
          ? EpochMicros.ofIso(
              parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength())
          : EpochMicros.ofInteger(integer(value, parser));
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
    static final int REQUIRED = PRICE | SIZE | TIMESTAMP;

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
      MalformedRecord.unless((seen & field) == 0);
      seen |= field;
    }

    boolean hasAll(int fields) {
      return (seen & fields) == fields;
    }

    Trade trade() {
      return new Trade(source, symbol, tradeId, sequence, price, size, side, timestampMicros);
    }
  }
}
