package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.candlestream.indicator.BollingerBands.Bands;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class BollingerBandsTest {

  private static final MathContext FIFTY_DIGITS = new MathContext(50);

  /** A few units in the last place of the highest close in the window. */
  private static final double ROUNDING = 2e-15;

  @Test
  void liesTwoPopulationDeviationsAroundTheMean() {
    BollingerBands bands = BollingerBands.of(8, 2);
    for (double close : new double[] {2, 4, 4, 4, 5, 5, 7}) {
      bands = bands.update(close);
      assertThat(bands.bands().middle()).isNaN();
    }
    assertThat(bands.update(9).bands()).isEqualTo(new Bands(9, 5, 1));
  }

  @Test
  void dependsOnItsWindowAlone() {
    double[] window = {5, 3, 8, 8};
    BollingerBands fresh = BollingerBands.of(4, 2);
    BollingerBands afterAHighPrice = BollingerBands.of(4, 2).update(1e12).update(1e-6).update(7e11);
    for (double close : window) {
      fresh = fresh.update(close);
      afterAHighPrice = afterAHighPrice.update(close);
    }
    assertThat(afterAHighPrice).isEqualTo(fresh);
  }

  @Property(tries = 1000)
  void equalsExactArithmeticAtAnyPrice(@ForAll("bars") Bars bars) {
    BollingerBands bands = BollingerBands.of(20, 2);
    // The last 60 candles show every kind of window; exact arithmetic over all would take minutes.
    for (int i = Math.max(0, bars.size() - 60); i < bars.size(); i++) {
      bands = bands.update(bars.close()[i]);
      if (!Double.isNaN(bands.bands().middle())) {
        assertEqualsExactArithmetic(bands.bands(), Arrays.copyOfRange(bars.close(), i - 19, i + 1));
      }
    }
  }

  @Provide
  Arbitrary<Bars> bars() {
    return RandomBars.any();
  }

  @Test
  void keepsItsDigitsWhereThePriceIsHighAndTaLibDoesNot() {
    double[] btcInRupiah = new double[40];
    for (int i = 0; i < btcInRupiah.length; i++) {
      btcInRupiah[i] = 1_600_000_000 + (i * 7) % 5;
    }
    Bands bands = lastOf(btcInRupiah);
    assertEqualsExactArithmetic(bands, Arrays.copyOfRange(btcInRupiah, 20, 40));
    assertThat(bands.middle()).isEqualTo(1_600_000_002);
    assertThat(bands.upper() - bands.middle()).isCloseTo(2 * Math.sqrt(2), within(1e-6));

    double taLibDistance = TaLib.bollinger(btcInRupiah, 20, 2)[0][39] - 1_600_000_002;
    assertThat(taLibDistance).isNotCloseTo(2 * Math.sqrt(2), within(0.5));
  }

  @Test
  void keepsItsDigitsWhereThePriceIsLowAndTaLibDoesNot() {
    double[] grtInBitcoin = new double[40];
    for (int i = 0; i < grtInBitcoin.length; i++) {
      grtInBitcoin[i] = (20_295 + (i * 7) % 5) / 1e9;
    }
    Bands bands = lastOf(grtInBitcoin);
    assertEqualsExactArithmetic(bands, Arrays.copyOfRange(grtInBitcoin, 20, 40));
    assertThat(bands.middle()).isCloseTo(0.000020297, within(1e-19));
    assertThat(bands.upper() - bands.middle()).isCloseTo(2e-9 * Math.sqrt(2), within(1e-18));

    Double[][] taLib = TaLib.bollinger(grtInBitcoin, 20, 2);
    assertThat(taLib[0][39]).as("no width at all").isEqualTo(taLib[2][39]);
  }

  @Test
  void haveNoWidthWhereThePriceStandsStill() {
    for (double price : new double[] {20.1, 1e-6, 0.000020295, 1.6e9 + 0.1, 1e12 / 3}) {
      double[] closes = new double[20];
      Arrays.fill(closes, price);
      assertThat(lastOf(closes)).isEqualTo(new Bands(price, price, price));
    }
  }

  /** TA-Lib's running sums are exact too where closes are whole numbers of a few digits. */
  @Property(tries = 1000)
  void equalsTaLibWhereItsRunningSumsAreExact(@ForAll("wholeCloses") List<Integer> wholeCloses) {
    double[] closes = wholeCloses.stream().mapToDouble(Integer::doubleValue).toArray();
    Double[][] expected = TaLib.bollinger(closes, 20, 2);
    BollingerBands bands = BollingerBands.of(20, 2);
    for (int i = 0; i < closes.length; i++) {
      bands = bands.update(closes[i]);
      if (expected[0][i] == null) {
        assertThat(bands.bands())
            .as("bands at close %s", i)
            .isEqualTo(new Bands(Double.NaN, Double.NaN, Double.NaN));
      } else {
        Bands actual = bands.bands();
        assertThat(actual.upper()).isCloseTo(expected[0][i], tolerance(expected[0][i], closes[i]));
        assertThat(actual.middle()).isCloseTo(expected[1][i], tolerance(expected[1][i], closes[i]));
        assertThat(actual.lower()).isCloseTo(expected[2][i], tolerance(expected[2][i], closes[i]));
      }
    }
  }

  @Provide
  Arbitrary<List<Integer>> wholeCloses() {
    return Arbitraries.integers().between(1, 1000).list().ofMaxSize(100);
  }

  @Test
  void refusesAPeriodWidthOrWindowThatMeansNothing() {
    assertThatThrownBy(() -> BollingerBands.of(0, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Bollinger period must be at least 1, not 0");
    for (double width : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> BollingerBands.of(20, width))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Bollinger width must be a positive number, not " + width);
    }
    assertThatThrownBy(() -> new BollingerBands(2, 2, Window.of(new double[3])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Bollinger window holds 3 closes, more than its period 2");
  }

  private static Bands lastOf(double[] closes) {
    BollingerBands bands = BollingerBands.of(20, 2);
    for (double close : closes) {
      bands = bands.update(close);
    }
    return bands.bands();
  }

  private static void assertEqualsExactArithmetic(Bands bands, double[] window) {
    BigDecimal count = BigDecimal.valueOf(window.length);
    BigDecimal sum = BigDecimal.ZERO;
    for (double close : window) {
      sum = sum.add(new BigDecimal(close));
    }
    BigDecimal mean = sum.divide(count, FIFTY_DIGITS);
    BigDecimal squares = BigDecimal.ZERO;
    for (double close : window) {
      squares = squares.add(new BigDecimal(close).subtract(mean).pow(2), FIFTY_DIGITS);
    }
    BigDecimal distance =
        squares.divide(count, FIFTY_DIGITS).sqrt(FIFTY_DIGITS).multiply(BigDecimal.valueOf(2));

    double highest = Arrays.stream(window).max().orElseThrow();
    assertThat(bands.middle()).isCloseTo(mean.doubleValue(), within(ROUNDING * highest));
    assertThat(bands.upper())
        .isCloseTo(mean.add(distance).doubleValue(), within(ROUNDING * highest));
    assertThat(bands.lower())
        .isCloseTo(mean.subtract(distance).doubleValue(), within(ROUNDING * highest));
  }

  private static Offset<Double> tolerance(double value, double close) {
    return within(1e-9 * Math.max(Math.abs(value), Math.abs(close)));
  }
}
