package io.candlestream.indicator;

/**
 * Bollinger bands: the simple moving average of the closes and a number of population standard
 * deviations above and below it.
 *
 * <pre>
 * middle    = x[0] + ((x[0] - x[0]) + … + (x[n-1] - x[0])) / n
 * deviation = sqrt(((x[0] - middle)² + … + (x[n-1] - middle)²) / n)
 * upper     = middle + width * deviation,  lower = middle - width * deviation
 * </pre>
 *
 * TA-Lib 0.4 ({@code TA_BBANDS}) defines the same values from the same index on, {@code period −
 * 1}, but takes the variance as a difference of running sums, {@code mean(x²) − mean(x)²}: at a
 * price of 1,600,000,000 nothing is left of it, and below a variance of 0.00000001 it is set to 0.
 * Here both passes go over the window itself, and the mean is taken of the differences from the
 * oldest close, which are exact where prices are near each other: the bands depend on the window
 * alone, keep their digits at any price, and have no width exactly where the price stands still.
 *
 * <p>Worked example, period 8, width 2: closes 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and deviation 2,
 * so the bands are 9, 5 and 1.
 *
 * @param period closes in the window, at least 1
 * @param width distance of the outer bands from the middle, in deviations, above 0
 * @param closes the latest closes, at most {@code period}
 */
public record BollingerBands(int period, double width, Window closes) {

  /**
   * The three bands at one candle, in units of the price.
   *
   * @param upper middle + width × deviation
   * @param middle mean of the closes
   * @param lower middle − width × deviation; may be below 0
   */
  public record Bands(double upper, double middle, double lower) {}

  /**
   * Restores a state.
   *
   * @throws IllegalArgumentException if {@code period < 1}, {@code width} is not a positive finite
   *     number, or there are more closes than {@code period}
   */
  public BollingerBands {
    if (period < 1) {
      throw new IllegalArgumentException("Bollinger period must be at least 1, not " + period);
    }
    if (!(width > 0 && width < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("Bollinger width must be a positive number, not " + width);
    }
    if (closes.size() > period) {
      throw new IllegalArgumentException(
          "Bollinger window holds " + closes.size() + " closes, more than its period " + period);
    }
  }

  /** The bands of no close yet. */
  public static BollingerBands of(int period, double width) {
    return new BollingerBands(period, width, Window.empty());
  }

  /** These bands after one more close, a finite number. */
  public BollingerBands update(double close) {
    return new BollingerBands(period, width, closes.append(close, period));
  }

  /** The bands; all of them NaN before {@code period} closes. */
  public Bands bands() {
    double middle = closes.size() == period ? mean() : Double.NaN;
    double distance = width * deviationFrom(middle);
    return new Bands(middle + distance, middle, middle - distance);
  }

  private double mean() {
    double oldest = closes.get(0);
    double sum = 0.0;
    for (int i = 0; i < period; i++) {
      sum += closes.get(i) - oldest;
    }
    return oldest + sum / period;
  }

  private double deviationFrom(double mean) {
    double squares = 0.0;
    for (int i = 0; i < closes.size(); i++) {
      double distance = closes.get(i) - mean;
      squares += distance * distance;
    }
    return Math.sqrt(squares / period);
  }
}
