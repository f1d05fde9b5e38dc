package io.candlestream.quality;

import io.candlestream.config.QualityConfig;
import io.candlestream.config.QualityConfig.Window;
import java.io.Serializable;
import java.util.Optional;

/**
 * Tells a value that is too far from the median of those before it (Hampel 1974): farther than k
 * standard deviations, for which the median absolute deviation, times 1.4826, stands in, because
 * one spike does not move it.
 *
 * <pre>
 *   price:  |x - m| > max(k · 1.4826 · MAD,  floor · m)         MAD: median of |xi - m|
 *   size:       x/m > max(MAD ^ (k · 1.4826),  factor)          MAD: median of max(xi/m, m/xi)
 * </pre>
 *
 * The second is the first on a logarithmic scale, upwards only: sizes spread over many orders of
 * magnitude. The floor is there because the same price again and again makes the MAD 0.
 *
 * <p>A spike does not become one of the values that the next is compared with. But so many in a row
 * as make a level, all on one side, are the new level: the values begin anew with them. So a price
 * that jumps and stays is told from one that jumps and comes back, and no level is refused for
 * ever.
 */
public final class HampelFilter implements Serializable {

  /** By this the MAD of a normal distribution falls short of its standard deviation. */
  static final double DEVIATIONS_PER_MAD = 1.4826;

  private final Scale scale;
  private final Window window;
  private final double deviations;
  private final double floor;
  private final long maxAgeMicros;

  private HampelFilter(Scale scale, Window window, double k, double floor) {
    this.scale = scale;
    this.window = window;
    this.deviations = k * DEVIATIONS_PER_MAD;
    this.floor = floor;
    this.maxAgeMicros =
        window.maxAge().isZero() ? Long.MAX_VALUE : window.maxAge().toNanos() / 1_000;
  }

  public static HampelFilter of(QualityConfig.PriceSpike config) {
    return new HampelFilter(Scale.LINEAR, config.window(), config.k(), config.floor());
  }

  public static HampelFilter of(QualityConfig.SizeSpike config) {
    return new HampelFilter(Scale.LOGARITHMIC, config.window(), config.k(), config.factor());
  }

  /** How far is far. */
  private enum Scale {
    LINEAR {
      @Override
      double distance(double value, double median) {
        return Math.abs(value - median);
      }

      @Override
      boolean mayBeTooFar(double value, double median, double floor) {
        return distance(value, median) > floor * median;
      }

      @Override
      boolean isTooFar(double distance, double mad, double deviations) {
        return distance > deviations * mad;
      }
    },
    LOGARITHMIC {
      @Override
      double distance(double value, double median) {
        return value > median ? value / median : median / value;
      }

      @Override
      boolean mayBeTooFar(double value, double median, double floor) {
        return value > floor * median;
      }

      @Override
      boolean isTooFar(double distance, double mad, double deviations) {
        return distance > Math.pow(mad, deviations);
      }
    };

    abstract double distance(double value, double median);

    /** Whether a value is beyond the floor: nearly none is, and the MAD is asked for no other. */
    abstract boolean mayBeTooFar(double value, double median, double floor);

    abstract boolean isTooFar(double distance, double mad, double deviations);
  }

  /**
   * Values to compare with, in the room that this filter needs.
   *
   * @param kept those from before, perhaps by a filter of another window; null: none yet
   */
  public RecentValues adopt(RecentValues kept) {
    if (kept == null) {
      return new RecentValues(window.window());
    }
    return kept.capacity() == window.window() ? kept : kept.resized(window.window());
  }

  /**
   * Compares a value with the last ones, and makes it one of them unless it is a spike.
   *
   * @param values the last ones; changed by this, and thereafter those for the next value
   * @param value above 0
   * @param timestampMicros when it happened, in microseconds since the epoch
   * @return what it is too far away from; empty if it is no spike
   */
  public Optional<Deviation> judge(RecentValues values, double value, long timestampMicros) {
    if (values.size() > 0 && timestampMicros - values.newestMicros() > maxAgeMicros) {
      values.clear();
    }
    values.happened(timestampMicros);
    if (values.size() >= window.level()) {
      double median = values.median();
      if (scale.mayBeTooFar(value, median, floor)) {
        double typical = values.typical(scale::distance);
        double mad = scale.distance(typical, median);
        if (scale.isTooFar(scale.distance(value, median), mad, deviations)) {
          values.addToRun(value, value > median, window.level());
          return Optional.of(new Deviation(median, typical));
        }
      }
    }
    values.add(value);
    return Optional.empty();
  }
}
