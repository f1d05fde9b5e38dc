package io.candlestream.local.ticks;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ListingTest {
  private final List<Listing> all =
      Listing.draw(Listing.MAX_COUNT, new SeededRandom(1, SeededRandom.Stream.LISTINGS));

  @Test
  void symbolsAreUniqueAndWithinTheTickRules() {
    assertThat(all).hasSize(100_000);
    assertThat(all).extracting(Listing::symbol).doesNotHaveDuplicates();
    assertThat(all)
        .allMatch(listing -> listing.symbol().matches("[A-Za-z0-9._:/@=^#-]{1,64}"))
        .allMatch(listing -> listing.venue().source.matches("[A-Za-z0-9_.-]{1,32}"));
  }

  @Test
  void theMostActiveAreTheOnesPeopleKnow() {
    assertThat(Listing.draw(10, new SeededRandom(1, SeededRandom.Stream.LISTINGS)))
        .extracting(Listing::symbol)
        .containsExactly(
            "BTC-USD",
            "ETH/BTC",
            "BTCUSDT-PERP",
            "AAPL",
            "ES.c.0",
            "BTC-USDT",
            "SOL/BTC",
            "ETHUSDT-PERP",
            "NVDA",
            "ES.c.1");
  }

  @Test
  void everyPriceIsInMoneyOrInBitcoin() {
    assertThat(Listing.draw(20, new SeededRandom(1, SeededRandom.Stream.LISTINGS)))
        .extracting(listing -> listing.symbol() + " in " + listing.currency())
        .startsWith(
            "BTC-USD in USD",
            "ETH/BTC in BTC",
            "BTCUSDT-PERP in USDT",
            "AAPL in USD",
            "ES.c.0 in USD",
            "BTC-USDT in USDT")
        .contains("BTC-EUR in EUR", "BTC-GBP in GBP");
  }

  @Test
  void aShorterListBeginsALongerOne() {
    List<String> few =
        Listing.draw(237, new SeededRandom(5, SeededRandom.Stream.LISTINGS)).stream()
            .map(Listing::symbol)
            .toList();
    assertThat(all.stream().limit(237).map(Listing::symbol)).containsExactlyElementsOf(few);
  }

  @Test
  void pricesHaveRoomToWalkWithinTheBoundsAndIncrementsOfManyOrders() {
    assertThat(all)
        .allMatch(listing -> listing.level().compareTo(Listing.MIN_PRICE) >= 0)
        .allMatch(listing -> listing.level().compareTo(Listing.MAX_PRICE) <= 0)
        .allMatch(listing -> increments(listing).compareTo(BigDecimal.valueOf(200)) >= 0)
        .allMatch(listing -> listing.medianLots() > 0);
    assertThat(
            all.stream()
                .map(listing -> listing.increment().toPlainString())
                .collect(Collectors.toSet()))
        .contains("1", "5", "0.25", "0.1", "0.01", "0.0001", "0.00000001", "0.0000000001");
  }

  private static BigDecimal increments(Listing listing) {
    return listing.level().divideToIntegralValue(listing.increment());
  }
}
