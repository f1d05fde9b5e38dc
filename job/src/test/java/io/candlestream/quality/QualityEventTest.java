package io.candlestream.quality;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.SomeTick;
import java.math.BigDecimal;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class QualityEventTest {

  private static final SomeTick TRADE = SomeTick.of("BTC").id(7);

  @Property
  void aMedianIsThePriceThatWasReadUpToFifteenDigits(
      @ForAll @LongRange(min = 1, max = 999_999_999_999_999L) long digits,
      @ForAll @IntRange(max = 30) int scale) {
    Decimal price = Decimal.of(digits, scale);

    assertThat(QualityEvent.exactly(price.doubleValue()))
        .isEqualByComparingTo(price.toBigDecimal());
  }

  @Property
  void aMedianOfMoreDigitsIsTheSameDouble(@ForAll @LongRange(min = 1) long digits) {
    assertThat(QualityEvent.exactly(digits).doubleValue()).isEqualTo((double) digits);
  }

  @Example
  void differencesHaveNoDigitsOfTheirOwn() {
    // As doubles: 61837.64 - 61837.63 = 0.010000000002037268.
    assertThat(
            QualityEvent.priceSpike(
                    TRADE.price("70000.00").tick(), new Deviation(61837.63, 61837.64))
                .details())
        .isEqualTo(
            "{\"price\":70000,\"median\":61837.63,\"deviation\":8162.37,\"mad\":0.01,"
                + "\"origin\":\"ticks/0/0/0\"}");
  }

  @Example
  void textsAreEscaped() {
    String details =
        QualityEvent.feedResumed(
                TRADE.instrument(),
                TRADE.tick().order(),
                TRADE.id("\"\\").readFrom("C:\\a \"b\"", 0, 0).tick().order())
            .details();

    assertThat(details)
        .isEqualTo(
            "{\"next_timestamp_micros\":0,\"next_trade_id\":\"\\\"\\\\\","
                + "\"next_origin\":\"C:\\\\a \\\"b\\\"/0/0/0\"}");
  }

  @Example
  void aGapKnowsHowManyAreMissing() {
    assertThat(new Gap(5, 5, 0).missing()).isOne();
    assertThat(new Gap(Long.MIN_VALUE, Long.MAX_VALUE - 1, 0).missing())
        .isEqualTo(new BigDecimal("18446744073709551615").toBigInteger());
  }
}
