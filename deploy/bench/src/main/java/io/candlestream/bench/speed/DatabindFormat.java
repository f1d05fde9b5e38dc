package io.candlestream.bench.speed;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.candlestream.feed.FeedFormat;
import io.candlestream.feed.FeedReader;
import io.candlestream.feed.FeedSettings;
import io.candlestream.feed.MalformedRecord;
import io.candlestream.feed.Trade;
import io.candlestream.feed.Trades;
import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/**
 * Canonical ticks as most programs would read them: Jackson makes an object of each, whose fields
 * are converted then. It is a format like any other, so that the same rules judge what it reads.
 */
public final class DatabindFormat implements FeedFormat {

  static final String NAME = "databind";

  private static final ObjectReader JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(Fields.class);

  /** What Jackson fills. */
  record Fields(
      String source,
      String symbol,
      @JsonProperty("trade_id") String tradeId,
      Long sequence,
      BigDecimal price,
      BigDecimal size,
      String side,
      String timestamp) {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return DatabindFormat::read;
  }

  private static void read(byte[] record, Trades trades) throws MalformedRecord {
    Trade trade;
    try {
      Fields fields = JSON.readValue(record);
      MalformedRecord.unless(fields != null && fields.price() != null && fields.size() != null);
      trade =
          new Trade(
              fields.source(),
              fields.symbol(),
              fields.tradeId() == null ? TradeId.NONE : TradeId.of(fields.tradeId()),
              fields.sequence(),
              Decimal.of(fields.price()),
              Decimal.of(fields.size()),
              side(fields.side()),
              micros(fields.timestamp()));
    } catch (IOException | NullPointerException | DateTimeParseException unreadable) {
      throw MalformedRecord.INSTANCE;
    }
    trades.add(trade, record);
  }

  private static Side side(String text) throws MalformedRecord {
    if (text == null) {
      return Side.UNKNOWN;
    }
    MalformedRecord.unless(text.equals("buy") || text.equals("sell"));
    return text.equals("buy") ? Side.BUY : Side.SELL;
  }

  /** Seconds, milliseconds, microseconds or nanoseconds, told apart by their size; or ISO-8601. */
  private static long micros(String text) {
    if (!Character.isDigit(text.charAt(text.length() - 1))) {
      return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(text));
    }
    long epoch = Long.parseLong(text);
    if (epoch < 100_000_000_000L) {
      return epoch * 1_000_000;
    }
    if (epoch < 100_000_000_000_000L) {
      return epoch * 1_000;
    }
    return epoch < 100_000_000_000_000_000L ? epoch : epoch / 1_000;
  }
}
