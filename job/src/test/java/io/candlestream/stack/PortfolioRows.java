package io.candlestream.stack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.candlestream.oracle.BatchPortfolio;
import io.candlestream.oracle.BatchPortfolio.OneFill;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The tables of fills and sentiment in the form of {@link BatchPortfolio}, and the records that
 * they are made of.
 */
final class PortfolioRows {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private PortfolioRows() {}

  static List<String> tradeHistory(TestDatabase database) throws SQLException {
    return database.query(
        """
        SELECT account, source, symbol, fill_id, (extract(epoch FROM "timestamp") * 1000000)::bigint, side,
          trim_scale(price), trim_scale(size), currency, trim_scale(fee), fee_currency, order_id
        FROM trade_history
        """);
  }

  static List<String> positions(TestDatabase database) throws SQLException {
    return database.query(
        """
        SELECT account, source, symbol, currency,
          trim_scale(quantity), trim_scale(cost_total), trim_scale(realized_pnl),
          (
            SELECT coalesce(string_agg(key || '=' || trim_scale(value::numeric), ',' ORDER BY key), '')
            FROM jsonb_each_text(fees)
          ),
          fills
        FROM portfolio_positions
        """);
  }

  static List<String> snapshots(TestDatabase database) throws SQLException {
    return database.query(
        """
        SELECT account, source, symbol, currency, (extract(epoch FROM "timestamp") * 1000000)::bigint,
          trim_scale(quantity), trim_scale(cost_total), trim_scale(mark),
          trim_scale(market_value), trim_scale(unrealized_pnl), trim_scale(realized_pnl), fills
        FROM portfolio_snapshots
        """);
  }

  static List<String> sentiment(TestDatabase database) throws SQLException {
    return database.query(
        """
        SELECT symbol, provider, item_id, (extract(epoch FROM "timestamp") * 1000000)::bigint,
          trim_scale(score), trim_scale(magnitude), text_ref
        FROM sentiment_data
        """);
  }

  static OneFill fillOf(String json) {
    JsonNode fill = parse(json);
    return new OneFill(
        text(fill, "account"),
        text(fill, "source"),
        text(fill, "symbol"),
        text(fill, "fill_id"),
        text(fill, "side").equals("buy"),
        number(fill, "price"),
        number(fill, "size"),
        text(fill, "currency"),
        number(fill, "fee"),
        text(fill, "fee_currency"),
        text(fill, "order_id"),
        micros(fill));
  }

  /** The row of a record of sentiment. */
  static String sentimentOf(String json) {
    JsonNode item = parse(json);
    return BatchPortfolio.bars(
        text(item, "symbol"),
        text(item, "provider"),
        text(item, "item_id"),
        micros(item),
        number(item, "score"),
        number(item, "magnitude"),
        text(item, "text_ref"));
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(json, e);
    }
  }

  private static String text(JsonNode object, String field) {
    return object.has(field) ? object.get(field).asText() : null;
  }

  private static BigDecimal number(JsonNode object, String field) {
    return object.has(field) ? new BigDecimal(object.get(field).asText()) : null;
  }

  private static long micros(JsonNode object) {
    return ChronoUnit.MICROS.between(
        Instant.EPOCH, Instant.parse(object.get("timestamp").asText()));
  }
}
