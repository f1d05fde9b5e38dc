package io.candlestream.portfolio;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.SomeFill;
import io.candlestream.market.TradeId;
import io.candlestream.portfolio.PositionHistory.Interval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Histories in intervals of a minute. */
class PositionHistoryTest {

  private static final long MINUTE = 60_000_000;

  private static final PositionHistory EMPTY = new PositionHistory(Ledger.EMPTY, List.of());

  private static final SomeFill FILL = SomeFill.of("ACME");

  private static final BookedFill BUY_AT_0_10 = booked(FILL.id(1).atSeconds(10).buy("4", "10"));
  private static final BookedFill SELL_AT_0_40 = booked(FILL.id(2).atSeconds(40).sell("1", "14"));
  private static final BookedFill SELL_AT_2_00 = booked(FILL.id(3).atSeconds(120).sell("6", "12"));
  private static final BookedFill BUY_AT_5_59 = booked(FILL.id(4).atSeconds(359).buy("3", "9"));
  private static final List<BookedFill> FILLS =
      List.of(BUY_AT_0_10, SELL_AT_0_40, SELL_AT_2_00, BUY_AT_5_59);

  @Test
  void whatWasNeverTradedIsFlatAtAllTimes() {
    assertThat(EMPTY.latest()).isEqualTo(Ledger.EMPTY);
    assertThat(EMPTY.atEndOf(0)).isEqualTo(Ledger.EMPTY);
    assertThat(EMPTY.atEndOf(Long.MAX_VALUE)).isEqualTo(Ledger.EMPTY);
  }

  @Test
  void theBooksAtTheEndOfAnIntervalAreThoseAfterItsLastFillOrTheLastBefore() {
    PositionHistory history = historyOf(FILLS);
    assertThat(history.atEndOf(-MINUTE)).isEqualTo(Ledger.EMPTY);
    assertThat(history.atEndOf(0)).isEqualTo(booksOf(FILLS.subList(0, 2)));
    assertThat(history.atEndOf(MINUTE)).isEqualTo(booksOf(FILLS.subList(0, 2)));
    assertThat(history.atEndOf(2 * MINUTE)).isEqualTo(booksOf(FILLS.subList(0, 3)));
    assertThat(history.atEndOf(4 * MINUTE)).isEqualTo(booksOf(FILLS.subList(0, 3)));
    assertThat(history.atEndOf(5 * MINUTE)).isEqualTo(booksOf(FILLS));
    assertThat(history.atEndOf(Long.MAX_VALUE)).isEqualTo(booksOf(FILLS));
    assertThat(history.latest()).isEqualTo(booksOf(FILLS));
  }

  @Test
  void onlyIntervalsWithFillsAreKept() {
    assertThat(historyOf(FILLS).intervals())
        .containsExactly(
            new Interval(0, FILLS.subList(0, 2), booksOf(FILLS.subList(0, 2))),
            new Interval(2 * MINUTE, FILLS.subList(2, 3), booksOf(FILLS.subList(0, 3))),
            new Interval(5 * MINUTE, FILLS.subList(3, 4), booksOf(FILLS)));
  }

  @Test
  void aFillBeforeAllOthersChangesAllBooks() {
    BookedFill first = booked(FILL.id(5).atSeconds(5).sell("5", "11"));
    PositionHistory history = add(historyOf(FILLS), first);
    assertThat(history)
        .isEqualTo(historyOf(List.of(first, BUY_AT_0_10, SELL_AT_0_40, SELL_AT_2_00, BUY_AT_5_59)));
    assertThat(history.atEndOf(0)).isEqualTo(booksOf(List.of(first, BUY_AT_0_10, SELL_AT_0_40)));
    assertThat(history.latest().quantity()).hasToString("-5");
  }

  @Test
  void aFillInAnIntervalBeforeAllOthersChangesAllBooks() {
    List<BookedFill> later = FILLS.subList(2, 4);
    PositionHistory history = add(historyOf(later), BUY_AT_0_10);
    assertThat(history).isEqualTo(historyOf(List.of(BUY_AT_0_10, SELL_AT_2_00, BUY_AT_5_59)));
  }

  @Test
  void aFillBetweenOthersChangesTheBooksFromItsIntervalOnAndNoneBefore() {
    PositionHistory before = historyOf(FILLS);
    BookedFill inItsOwn = booked(FILL.id(5).atSeconds(200).buy("1", "20"));
    BookedFill amongOthers = booked(FILL.id(6).atSeconds(20).buy("1", "20"));

    PositionHistory own = add(before, inItsOwn);
    assertThat(own.atEndOf(2 * MINUTE)).isEqualTo(before.atEndOf(2 * MINUTE));
    assertThat(own.atEndOf(3 * MINUTE))
        .isEqualTo(booksOf(List.of(BUY_AT_0_10, SELL_AT_0_40, SELL_AT_2_00, inItsOwn)));
    assertThat(own.latest())
        .isEqualTo(
            booksOf(List.of(BUY_AT_0_10, SELL_AT_0_40, SELL_AT_2_00, inItsOwn, BUY_AT_5_59)));

    assertThat(add(before, amongOthers))
        .isEqualTo(
            historyOf(List.of(BUY_AT_0_10, amongOthers, SELL_AT_0_40, SELL_AT_2_00, BUY_AT_5_59)));
  }

  @Test
  void fillsOfOneMomentCountInTheOrderOfTheirIds() {
    List<BookedFill> inOrder = new ArrayList<>();
    for (String id : List.of("-1", "9", "10", "99999999999999999999", "007", "1O", "a", "b")) {
      inOrder.add(booked(FILL.id(id).atSeconds(10).buy("1", "1")));
    }
    List<BookedFill> backwards = new ArrayList<>(inOrder);
    Collections.reverse(backwards);
    assertThat(historyOf(backwards).intervals().get(0).fills()).isEqualTo(inOrder);
  }

  @Test
  void theOrderOfTwoFillsOfOneMomentDecidesWhatIsRealized() {
    BookedFill nine = booked(FILL.id(9).atSeconds(50).buy("1", "20"));
    BookedFill ten = booked(FILL.id("10").atSeconds(50).sell("1", "20"));
    // 1 at 10, then 2 at 30 together, of which one goes for 20.
    assertThat(historyOf(List.of(ten, booked(FILL.id(1).buy("1", "10")), nine)).latest().realized())
        .hasToString("5");
  }

  @Test
  void settlingForgetsTheIdsOfWhatItSettlesAndNoOthers() {
    PositionHistory history = historyOf(FILLS);
    List<TradeId> forgotten = new ArrayList<>();

    PositionHistory settled = history.settle(2 * MINUTE, forgotten::add);
    assertThat(forgotten).containsExactly(TradeId.of(1), TradeId.of(2));
    assertThat(settled)
        .isEqualTo(
            new PositionHistory(
                booksOf(FILLS.subList(0, 2)),
                history.intervals().subList(1, history.intervals().size())));

    forgotten.clear();
    PositionHistory all = settled.settle(Long.MAX_VALUE, forgotten::add);
    assertThat(forgotten).containsExactly(TradeId.of(3), TradeId.of(4));
    assertThat(all).isEqualTo(new PositionHistory(booksOf(FILLS), List.of()));
    assertThat(all.latest()).isEqualTo(booksOf(FILLS));
    assertThat(all.atEndOf(6 * MINUTE)).isEqualTo(booksOf(FILLS));
  }

  @Test
  void settlingWhatIsSettledChangesNothing() {
    List<TradeId> forgotten = new ArrayList<>();
    PositionHistory settled = historyOf(FILLS).settle(MINUTE, id -> {});
    assertThat(settled.settle(MINUTE, forgotten::add)).isSameAs(settled);
    assertThat(settled.settle(2 * MINUTE, forgotten::add)).isSameAs(settled);
    assertThat(settled.settle(Long.MIN_VALUE, forgotten::add)).isSameAs(settled);
    assertThat(forgotten).isEmpty();
  }

  @Test
  void anEarlierHistoryStaysGood() {
    PositionHistory history = historyOf(FILLS);
    add(history, booked(FILL.id(5).atSeconds(5)));
    add(history, booked(FILL.id(6).atSeconds(1_000)));
    history.settle(Long.MAX_VALUE, id -> {});
    assertThat(history).isEqualTo(historyOf(FILLS));
  }

  /** A fill as it comes, and up to which minute is settled thereafter, if nothing is to come. */
  record Arrival(BookedFill fill, int settledBefore) {}

  @Property
  void inAnyOrderAndHoweverSettledTheBooksAreThoseOfTheSortedFills(
      @ForAll("arrivals") List<Arrival> arrivals) {
    List<BookedFill> known = new ArrayList<>();
    PositionHistory history = EMPTY;
    long settledBefore = 0;
    List<TradeId> forgotten = new ArrayList<>();
    for (int i = 0; i < arrivals.size(); i++) {
      BookedFill fill = arrivals.get(i).fill();
      known.add(fill);
      known.sort(null);
      history = add(history, fill);
      long before = arrivals.get(i).settledBefore() * MINUTE;
      for (Arrival later : arrivals.subList(i + 1, arrivals.size())) {
        before = Math.min(before, startOf(later.fill()));
      }
      history = history.settle(before, forgotten::add);
      settledBefore = Math.max(settledBefore, before);

      assertThat(history.latest()).isEqualTo(booksOf(known));
      for (long start = settledBefore; start <= 10 * MINUTE; start += MINUTE) {
        assertThat(history.atEndOf(start)).isEqualTo(booksOf(upTo(start, known)));
      }
      assertThat(forgotten)
          .containsExactlyElementsOf(
              upTo(settledBefore - MINUTE, known).stream().map(BookedFill::fillId).toList());
      assertThat(history).isEqualTo(historyOf(known).settle(settledBefore, id -> {}));
    }
  }

  private static List<BookedFill> upTo(long start, List<BookedFill> fills) {
    return fills.stream().filter(fill -> startOf(fill) <= start).toList();
  }

  private static Ledger booksOf(List<BookedFill> fills) {
    Ledger books = Ledger.EMPTY;
    for (BookedFill fill : fills) {
      books = books.add(fill);
    }
    return books;
  }

  private static PositionHistory historyOf(List<BookedFill> fills) {
    PositionHistory history = EMPTY;
    for (BookedFill fill : fills) {
      history = add(history, fill);
    }
    return history;
  }

  private static PositionHistory add(PositionHistory history, BookedFill fill) {
    return history.add(new TreeMap<>(Map.of(startOf(fill), List.of(fill))));
  }

  private static long startOf(BookedFill fill) {
    return fill.timestampMicros() / MINUTE * MINUTE;
  }

  private static BookedFill booked(SomeFill fill) {
    return BookedFill.of(fill.fill());
  }

  @Provide
  Arbitrary<List<Arrival>> arrivals() {
    return Combinators.combine(SomeFills.any(), Arbitraries.integers().between(0, 10))
        .as(Arrival::new)
        .list()
        .uniqueElements(arrival -> arrival.fill().fillId())
        .ofMaxSize(15);
  }
}
