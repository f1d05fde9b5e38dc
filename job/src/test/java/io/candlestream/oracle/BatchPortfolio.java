package io.candlestream.oracle;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the portfolio's tables must hold, computed plainly from all fills and the closes of all
 * candles: no state, no watermark, no class of the job's. Rows are texts, columns with bars
 * between, numbers stripped.
 */
public final class BatchPortfolio {

  /**
   * A fill, as its record says it.
   *
   * @param fee null where it has none
   */
  public record OneFill(
      String account,
      String source,
      String symbol,
      String id,
      boolean buys,
      BigDecimal price,
      BigDecimal size,
      String currency,
      BigDecimal fee,
      String feeCurrency,
      String orderId,
      long timestampMicros) {}

  /** The close of a candle. */
  public record OneClose(String source, String symbol, long startMicros, BigDecimal close) {}

  private static final Comparator<OneFill> IN_ORDER =
      Comparator.comparingLong(OneFill::timestampMicros)
          .thenComparing(fill -> !isNumber(fill.id()))
          .thenComparing(fill -> isNumber(fill.id()) ? new BigInteger(fill.id()) : BigInteger.ZERO)
          .thenComparing(OneFill::id);

  private final List<OneFill> fills;
  private final long candleMicros;

  /**
   * @param fills each once, in any order
   */
  public BatchPortfolio(List<OneFill> fills, long candleMicros) {
    this.fills = fills.stream().sorted(IN_ORDER).toList();
    this.candleMicros = candleMicros;
  }

  private static boolean isNumber(String id) {
    return id.matches("-?(0|[1-9][0-9]*)");
  }

  /** Account, source, symbol, id, timestamp, side, price, size, currency, fee and its, order. */
  public List<String> tradeHistory() {
    return fills.stream()
        .map(
            fill ->
                bars(
                    fill.account(),
                    fill.source(),
                    fill.symbol(),
                    fill.id(),
                    fill.timestampMicros(),
                    fill.buys() ? "buy" : "sell",
                    fill.price(),
                    fill.size(),
                    fill.currency(),
                    fill.fee(),
                    fill.feeCurrency(),
                    fill.orderId()))
        .sorted()
        .toList();
  }

  /** Position, quantity, cost, realized, fees, fills. */
  public List<String> positions() {
    Map<String, Books> books = new TreeMap<>();
    for (OneFill fill : fills) {
      books.computeIfAbsent(position(fill), key -> new Books()).book(fill);
    }
    List<String> rows = new ArrayList<>();
    books.forEach(
        (position, book) ->
            rows.add(
                bars(position, book.quantity, book.cost, book.realized, book.fees(), book.fills)));
    rows.sort(null);
    return rows;
  }

  /** Position, candle, quantity, cost, mark, value, unrealized, realized, fills. */
  public List<String> snapshots(List<OneClose> closes) {
    List<String> rows = new ArrayList<>();
    for (OneClose close : closes) {
      Map<String, Books> books = new LinkedHashMap<>();
      for (OneFill fill : fills) {
        if (fill.source().equals(close.source())
            && fill.symbol().equals(close.symbol())
            && fill.timestampMicros() < close.startMicros() + candleMicros) {
          books.computeIfAbsent(position(fill), key -> new Books()).book(fill);
        }
      }
      books.forEach(
          (position, book) -> {
            if (book.quantity.signum() != 0) {
              BigDecimal value = book.quantity.multiply(close.close());
              rows.add(
                  bars(
                      position,
                      close.startMicros(),
                      book.quantity,
                      book.cost,
                      close.close(),
                      value,
                      value.subtract(book.cost),
                      book.realized,
                      book.fills));
            }
          });
    }
    rows.sort(null);
    return rows;
  }

  private static String position(OneFill fill) {
    return bars(fill.account(), fill.source(), fill.symbol(), fill.currency());
  }

  /** One row; numbers by their value. */
  public static String bars(Object... columns) {
    List<String> texts = new ArrayList<>();
    for (Object column : columns) {
      texts.add(
          column instanceof BigDecimal number
              ? (number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString())
              : String.valueOf(column));
    }
    return String.join("|", texts);
  }

  private static final class Books {

    private BigDecimal quantity = BigDecimal.ZERO;
    private BigDecimal cost = BigDecimal.ZERO;
    private BigDecimal realized = BigDecimal.ZERO;
    private final Map<String, BigDecimal> feeSums = new TreeMap<>();
    private long fills;

    void book(OneFill fill) {
      BigDecimal left = fill.buys() ? fill.size() : fill.size().negate();
      if (quantity.signum() * left.signum() < 0) {
        // What closes is as much as there is, at most; what it cost goes with it.
        BigDecimal closing = left.abs().min(quantity.abs());
        BigDecimal costOfIt =
            closing.compareTo(quantity.abs()) == 0
                ? cost
                : cost.multiply(closing).divide(quantity.abs(), 18, RoundingMode.HALF_EVEN);
        BigDecimal signed = quantity.signum() > 0 ? closing : closing.negate();
        realized = realized.add(signed.multiply(fill.price())).subtract(costOfIt);
        cost = cost.subtract(costOfIt);
        quantity = quantity.subtract(signed);
        left = left.add(signed);
      }
      quantity = quantity.add(left);
      cost = cost.add(left.multiply(fill.price()));
      if (fill.fee() != null) {
        feeSums.merge(fill.feeCurrency(), fill.fee(), BigDecimal::add);
      }
      fills++;
    }

    String fees() {
      List<String> sums = new ArrayList<>();
      feeSums.forEach((currency, sum) -> sums.add(currency + "=" + bars(sum)));
      return String.join(",", sums);
    }
  }
}
