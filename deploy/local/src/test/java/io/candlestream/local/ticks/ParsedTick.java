package io.candlestream.local.ticks;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A record as the rules for ticks read it, by means that share nothing with the generator.
 *
 * @param tradeId null if there is none
 */
record ParsedTick(
    String source,
    String symbol,
    String tradeId,
    Long sequence,
    BigDecimal price,
    BigDecimal size,
    long timestampMicros) {

  enum Fault {
    SOURCE,
    SYMBOL,
    TRADE_ID,
    PRICE,
    SIZE,
    STALE,
    FUTURE
  }

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();
  private static final Pattern SOURCE = Pattern.compile("[A-Za-z0-9_.-]{1,32}");
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z0-9._:/@=^#-]{1,64}");
  private static final long DAY_MILLIS = 86_400_000;
  private static final long MAX_AHEAD_MILLIS = 5_000;

  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String reason) {
      super(reason);
    }
  }

  static ParsedTick parse(byte[] payload) throws Malformed {
    JsonNode tick = readTree(payload);
    if (!tick.isObject()) {
      throw new Malformed("not an object");
    }
    JsonNode id = tick.path("trade_id");
    if (!(id.isMissingNode() || id.isTextual() || id.isIntegralNumber())) {
      throw new Malformed("trade_id " + id);
    }
    JsonNode sequence = tick.path("sequence");
    if (!(sequence.isMissingNode() || sequence.isIntegralNumber())) {
      throw new Malformed("sequence " + sequence);
    }
    JsonNode side = tick.path("side");
    if (!(side.isMissingNode() || Set.of("buy", "sell").contains(side.asText()))) {
      throw new Malformed("side " + side);
    }
    return new ParsedTick(
        text(tick, "source"),
        text(tick, "symbol"),
        id.isMissingNode() ? null : id.asText(),
        sequence.isMissingNode() ? null : sequence.longValue(),
        decimal(tick, "price"),
        decimal(tick, "size"),
        micros(tick.path("timestamp")));
  }

  /** What the default rules find wrong with it when it comes in a record of the given time. */
  Set<Fault> faults(long recordTimestampMillis) {
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    flag(faults, Fault.SOURCE, SOURCE.matcher(source).matches());
    flag(faults, Fault.SYMBOL, SYMBOL.matcher(symbol).matches());
    flag(faults, Fault.TRADE_ID, tradeId == null || !tradeId.isEmpty() && tradeId.length() <= 128);
    flag(faults, Fault.PRICE, fits(price, "0.000001", "1000000"));
    flag(faults, Fault.SIZE, fits(size, "0", "1000000000"));
    flag(faults, Fault.STALE, timestampMicros / 1_000 >= recordTimestampMillis - DAY_MILLIS);
    flag(faults, Fault.FUTURE, timestampMicros / 1_000 <= recordTimestampMillis + MAX_AHEAD_MILLIS);
    return faults;
  }

  private static void flag(Set<Fault> faults, Fault fault, boolean passes) {
    if (!passes) {
      faults.add(fault);
    }
  }

  private static boolean fits(BigDecimal value, String min, String max) {
    BigDecimal stripped = value.stripTrailingZeros();
    return value.compareTo(new BigDecimal(min)) >= 0
        && value.compareTo(new BigDecimal(max)) <= 0
        && stripped.precision() <= 18
        && stripped.scale() <= 30;
  }

  private static JsonNode readTree(byte[] payload) throws Malformed {
    try {
      return MAPPER.readTree(payload);
    } catch (IOException invalid) {
      throw new Malformed(invalid.getMessage());
    }
  }

  private static String text(JsonNode tick, String field) throws Malformed {
    if (!tick.path(field).isTextual()) {
      throw new Malformed(field + " " + tick.path(field));
    }
    return tick.path(field).textValue();
  }

  private static BigDecimal decimal(JsonNode tick, String field) throws Malformed {
    JsonNode value = tick.path(field);
    if (value.isNumber()) {
      return value.decimalValue();
    }
    try {
      return new BigDecimal(text(tick, field));
    } catch (NumberFormatException notDecimal) {
      throw new Malformed(field + " " + value);
    }
  }

  private static long micros(JsonNode timestamp) throws Malformed {
    if (timestamp.isIntegralNumber()) {
      long value = timestamp.longValue();
      if (value < 100_000_000_000L) {
        return value * 1_000_000;
      }
      if (value < 100_000_000_000_000L) {
        return value * 1_000;
      }
      return value < 100_000_000_000_000_000L ? value : value / 1_000;
    }
    try {
      return ChronoUnit.MICROS.between(
          Instant.EPOCH, OffsetDateTime.parse(timestamp.asText()).toInstant());
    } catch (DateTimeException unreadable) {
      throw new Malformed("timestamp " + timestamp);
    }
  }
}
