package io.candlestream.bench.speed;

import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.TrendDirection;
import io.candlestream.indicator.VolatilityRegime;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.ta4j.core.BarSeries;
import org.ta4j.core.BaseBarSeriesBuilder;
import org.ta4j.core.Indicator;
import org.ta4j.core.indicators.ATRIndicator;
import org.ta4j.core.indicators.CachedIndicator;
import org.ta4j.core.indicators.EMAIndicator;
import org.ta4j.core.indicators.MACDIndicator;
import org.ta4j.core.indicators.RSIIndicator;
import org.ta4j.core.indicators.SMAIndicator;
import org.ta4j.core.indicators.bollinger.BollingerBandsLowerIndicator;
import org.ta4j.core.indicators.bollinger.BollingerBandsMiddleIndicator;
import org.ta4j.core.indicators.bollinger.BollingerBandsUpperIndicator;
import org.ta4j.core.indicators.helpers.ClosePriceIndicator;
import org.ta4j.core.indicators.statistics.StandardDeviationIndicator;
import org.ta4j.core.num.DoubleNum;
import org.ta4j.core.num.Num;

/**
 * The same indicators by ta4j, with its faster kind of numbers, over a series that keeps as many
 * bars as the longest of them needs. ta4j begins its averages with the first value and not with a
 * mean: the values are the same once that is forgotten.
 */
final class Ta4jIndicators {

  private static final int BARS = 256;
  private static final int RANKED = 100;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final ZonedDateTime START =
      ZonedDateTime.of(2024, 8, 8, 0, 0, 0, 0, ZoneOffset.UTC);

  private final BarSeries bars =
      new BaseBarSeriesBuilder().withNumTypeOf(DoubleNum.class).withMaxBarCount(BARS).build();

  private final ClosePriceIndicator close = new ClosePriceIndicator(bars);
  private final Indicator<Num> ema9 = new EMAIndicator(close, 9);
  private final Indicator<Num> ema21 = new EMAIndicator(close, 21);
  private final Indicator<Num> ema50 = new EMAIndicator(close, 50);
  private final Indicator<Num> ema200 = new EMAIndicator(close, 200);
  private final Indicator<Num> rsi14 = new RSIIndicator(close, 14);
  private final Indicator<Num> macd = new MACDIndicator(close, 12, 26);
  private final Indicator<Num> macdSignal = new EMAIndicator(macd, 9);
  private final BollingerBandsMiddleIndicator bbMiddle =
      new BollingerBandsMiddleIndicator(new SMAIndicator(close, 20));
  private final Indicator<Num> deviation = new StandardDeviationIndicator(close, 20);
  private final Indicator<Num> bbUpper = new BollingerBandsUpperIndicator(bbMiddle, deviation);
  private final Indicator<Num> bbLower = new BollingerBandsLowerIndicator(bbMiddle, deviation);
  private final Indicator<Num> atr14 = new ATRIndicator(bars, 14);
  private final Indicator<Num> rank;
  private long count;

  /** How the volatilities are ranked, which ta4j has no indicator for. */
  enum Ranking {
    /** By an indicator of indicators that have kept what they computed, as ta4j's own are. */
    CACHED,
    /** By an indicator with an array of its own. */
    IN_ARRAY
  }

  Ta4jIndicators(Ranking ranking) {
    Indicator<Num> volatility = new RelativeRange(atr14, close);
    rank =
        switch (ranking) {
          case CACHED -> new RankOfCached(volatility);
          case IN_ARRAY -> new RankInArray(volatility);
        };
  }

  /** A range in terms of the close. */
  private static final class RelativeRange extends CachedIndicator<Num> {

    private final Indicator<Num> range;
    private final Indicator<Num> close;

    RelativeRange(Indicator<Num> range, Indicator<Num> close) {
      super(range);
      this.range = range;
      this.close = close;
    }

    @Override
    protected Num calculate(int index) {
      return range.getValue(index).dividedBy(close.getValue(index));
    }

    @Override
    public int getUnstableBars() {
      return range.getUnstableBars();
    }
  }

  /** The share of the last values that are at most the latest, itself included. */
  private abstract static class Rank extends CachedIndicator<Num> {

    final Indicator<Num> ranked;

    Rank(Indicator<Num> ranked) {
      super(ranked);
      this.ranked = ranked;
    }

    @Override
    public int getUnstableBars() {
      return ranked.getUnstableBars() + RANKED - 1;
    }
  }

  private static final class RankOfCached extends Rank {

    RankOfCached(Indicator<Num> ranked) {
      super(ranked);
    }

    @Override
    protected Num calculate(int index) {
      Num latest = ranked.getValue(index);
      int first = Math.max(getBarSeries().getBeginIndex(), index - RANKED + 1);
      int atMost = 0;
      for (int i = first; i <= index; i++) {
        if (ranked.getValue(i).isLessThanOrEqual(latest)) {
          atMost++;
        }
      }
      return numOf((double) atMost / (index - first + 1));
    }
  }

  /** Where it is asked for at each bar. */
  private static final class RankInArray extends Rank {

    /** The last values, the oldest overwritten by the newest. */
    private final double[] values = new double[RANKED];

    RankInArray(Indicator<Num> ranked) {
      super(ranked);
    }

    @Override
    protected Num calculate(int index) {
      double latest = value(ranked, index);
      values[index % RANKED] = latest;
      int size = Math.min(index + 1, RANKED);
      int atMost = 0;
      for (int i = 0; i < size; i++) {
        if (values[i] <= latest) {
          atMost++;
        }
      }
      return numOf((double) atMost / size);
    }
  }

  void update(double high, double low, double closePrice) {
    bars.addBar(
        MINUTE,
        START.plusMinutes(count++),
        DoubleNum.valueOf(closePrice),
        DoubleNum.valueOf(high),
        DoubleNum.valueOf(low),
        DoubleNum.valueOf(closePrice),
        bars.zero());
  }

  /** The values at the latest bar. */
  IndicatorValues values() {
    int at = bars.getEndIndex();
    double line = value(macd, at);
    double signal = value(macdSignal, at);
    double shortest = value(ema9, at);
    double middle = value(ema21, at);
    double longer = value(ema50, at);
    return new IndicatorValues(
        shortest,
        middle,
        longer,
        value(ema200, at),
        value(rsi14, at),
        line,
        signal,
        line - signal,
        value(bbUpper, at),
        value(bbMiddle, at),
        value(bbLower, at),
        value(atr14, at),
        TrendDirection.of(shortest, middle, longer),
        VolatilityRegime.of(value(rank, at)));
  }

  private static double value(Indicator<Num> indicator, int at) {
    return indicator.getValue(at).doubleValue();
  }
}
