package io.candlestream.candle;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Decimals;
import io.candlestream.market.Instrument;
import io.candlestream.market.Side;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.TradeIdSamples;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class PartialCandleTest {

  private static final Instrument BTC = new Instrument("venue", "BTC");
  private static final SomeTick TICK = SomeTick.of("BTC");

  @Property
  void anyOrderOfTheTicksGivesTheSameCandle(
      @ForAll("ticks") List<Tick> ticks, @ForAll Random random) {
    PartialCandle inOrder = fold(ticks);
    List<Tick> shuffled = new ArrayList<>(ticks);
    Collections.shuffle(shuffled, random);
    assertThat(fold(shuffled)).isEqualTo(inOrder);
  }

  @Property
  void ticksAddedTogetherGiveTheSameCandleAsOneByOne(
      @ForAll("ticks") List<Tick> ticks, @ForAll Random random) {
    int first = 1 + random.nextInt(ticks.size());
    PartialCandle together =
        PartialCandle.of(ticks.subList(0, first)).add(ticks.subList(first, ticks.size()));
    assertThat(together).isEqualTo(fold(ticks));
  }

  @Property
  void theCandleIsWhatItsTicksSayOneByOne(@ForAll("ticks") List<Tick> ticks) {
    List<Tick> inOrder = ticks.stream().sorted(Comparator.comparing(Tick::order)).toList();
    BigDecimal volume = sum(ticks, tick -> tick.size().toBigDecimal());
    BigDecimal turnover =
        sum(ticks, tick -> tick.price().toBigDecimal().multiply(tick.size().toBigDecimal()));
    BigDecimal buyVolume =
        sum(
            ticks.stream().filter(tick -> tick.side() == Side.BUY).toList(),
            tick -> tick.size().toBigDecimal());

    Candle expected =
        new Candle(
            BTC,
            60_000_000,
            inOrder.get(0).price(),
            Collections.max(ticks, Comparator.comparing(Tick::price)).price(),
            Collections.min(ticks, Comparator.comparing(Tick::price)).price(),
            inOrder.get(inOrder.size() - 1).price(),
            Decimal.of(volume),
            Decimal.of(buyVolume),
            Decimal.of(turnover),
            volume.signum() == 0
                ? null
                : Decimal.of(turnover.divide(volume, 18, RoundingMode.HALF_EVEN)),
            ticks.size(),
            true);
    assertThat(fold(ticks).toCandle(BTC, 60_000_000, true)).isEqualTo(expected);
  }

  @Test
  void openAndCloseAreTheFirstAndTheLastByTheirPlaceNotByArrival() {
    PartialCandle candle =
        fold(
            List.of(
                TICK.atMicros(5).sequence(2L).id(9).price("3").tick(),
                TICK.atMicros(5).sequence(1L).id(10).price("1").tick(),
                TICK.atMicros(5).sequence(2L).id(10).price("4").tick(),
                TICK.atMicros(5).sequence(1L).id(9).price("2").tick()));
    assertThat(candle.open()).hasToString("2");
    assertThat(candle.close()).hasToString("4");
    assertThat(candle.high()).hasToString("4");
    assertThat(candle.low()).hasToString("1");
  }

  @Test
  void aTickOfSizeZeroMovesThePricesAndIsATrade() {
    Candle candle =
        fold(List.of(
                TICK.atMicros(1).price("2").size("0").side(Side.BUY).tick(),
                TICK.atMicros(2).price("1").size("0").tick()))
            .toCandle(BTC, 0, true);
    assertThat(candle.open()).hasToString("2");
    assertThat(candle.close()).hasToString("1");
    assertThat(candle.trades()).isEqualTo(2);
    assertThat(candle.volume()).isEqualTo(Decimal.ZERO);
    assertThat(candle.vwap()).isNull();
  }

  @Test
  void sumsAreExactFarBeyond64Bits() {
    PartialCandle candle = PartialCandle.of(TICK.price("999999.999999999999").size("1e-30").tick());
    for (int i = 1; i <= 1_000; i++) {
      candle =
          candle.add(
              TICK.offset(i)
                  .price("999999.999999999999")
                  .size("999999999.999999999")
                  .side(Side.BUY)
                  .tick());
    }
    BigDecimal size = new BigDecimal("999999999.999999999").multiply(new BigDecimal(1_000));
    BigDecimal volume = size.add(new BigDecimal("1e-30"));
    assertThat(candle.volume().toBigDecimal()).isEqualByComparingTo(volume);
    assertThat(candle.buyVolume().toBigDecimal()).isEqualByComparingTo(size);
    assertThat(candle.turnover().toBigDecimal())
        .isEqualByComparingTo(volume.multiply(new BigDecimal("999999.999999999999")));
    assertThat(candle.toCandle(BTC, 0, true).vwap()).hasToString("999999.999999999999");
  }

  @Test
  void theAveragePriceIsRoundedHalfEvenToEighteenDigits() {
    Candle candle =
        fold(List.of(
                TICK.offset(1).price("1").size("2").tick(),
                TICK.offset(2).price("2").size("1").tick()))
            .toCandle(BTC, 0, true);
    assertThat(candle.vwap()).hasToString("1.333333333333333333");
  }

  @Test
  void aCandleIsChangedUntilItIsEmittedAndAfterTheNextTickAgain() {
    PartialCandle first = PartialCandle.of(TICK.tick());
    assertThat(first.changed()).isTrue();
    assertThat(first.emitted()).isFalse();
    PartialCandle emitted = first.markEmitted();
    assertThat(emitted.changed()).isFalse();
    assertThat(emitted.emitted()).isTrue();
    PartialCandle corrected = emitted.add(TICK.offset(1).tick());
    assertThat(corrected.changed()).isTrue();
    assertThat(corrected.emitted()).isTrue();
    assertThat(emitted.toCandle(BTC, 0, true)).isEqualTo(first.toCandle(BTC, 0, true));
  }

  private static PartialCandle fold(List<Tick> ticks) {
    PartialCandle candle = PartialCandle.of(ticks.get(0));
    for (Tick tick : ticks.subList(1, ticks.size())) {
      candle = candle.add(tick);
    }
    return candle;
  }

  private static BigDecimal sum(List<Tick> ticks, Function<Tick, BigDecimal> value) {
    return ticks.stream().map(value).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** Ticks that often tie in all but where they were read. */
  @Provide
  Arbitrary<List<Tick>> ticks() {
    Arbitrary<Decimal> sizes =
        Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.just(Decimal.ZERO)), Tuple.of(5, Decimals.positive()));
    return Combinators.combine(
            Arbitraries.longs().between(0, 3),
            Arbitraries.longs().between(0, 2).injectNull(0.5),
            TradeIdSamples.any(),
            Decimals.positive(),
            sizes,
            Arbitraries.of(Side.class))
        .as(
            (micros, sequence, id, price, size, side) ->
                new Tick(
                    BTC,
                    new TickOrder(micros, sequence, id, TICK.origin()),
                    price,
                    size,
                    side,
                    new byte[0]))
        .list()
        .ofMinSize(1)
        .ofMaxSize(30)
        .map(PartialCandleTest::atOffsets);
  }

  private static List<Tick> atOffsets(List<Tick> ticks) {
    List<Tick> placed = new ArrayList<>();
    for (Tick tick : ticks) {
      TickOrder order = tick.order();
      placed.add(
          new Tick(
              tick.instrument(),
              new TickOrder(
                  order.timestampMicros(),
                  order.sequence(),
                  order.tradeId(),
                  TICK.offset(placed.size()).origin()),
              tick.price(),
              tick.size(),
              tick.side(),
              tick.raw()));
    }
    return placed;
  }
}
