package io.candlestream.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimals;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Side;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.TradeIdSamples;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

class ContentMarksTest {

  private static final SomeTick TRADE = SomeTick.of("BTC").id(7).price("100").size("2");

  @Property
  void whatWasAddedIsThereForEver(
      @ForAll("ticks") List<Tick> before, @ForAll("ticks") List<Tick> after) throws IOException {
    ContentMarks marks = new ContentMarks();
    before.forEach(marks::add);
    ContentMarks restored = throughBytes(marks.copy());
    after.forEach(marks::add);
    after.forEach(restored::add);

    assertThat(before).allMatch(marks::contains).allMatch(restored::contains);
    assertThat(after).allMatch(marks::contains).allMatch(restored::contains);
    assertThat(restored.trades()).isEqualTo(before.size() + after.size());
  }

  @Property
  void whatWasNotAddedIsNotThere(@ForAll("ticks") List<Tick> added, @ForAll("tick") Tick other) {
    ContentMarks marks = new ContentMarks();
    added.forEach(marks::add);

    // 200 of 2^32: should it ever fail, the seed that it prints tells whether by chance.
    assertThat(marks.contains(other))
        .isEqualTo(added.stream().anyMatch(tick -> saysTheSame(tick, other)));
  }

  private static boolean saysTheSame(Tick one, Tick other) {
    return one.tradeId().equals(other.tradeId())
        && one.price().equals(other.price())
        && one.size().equals(other.size())
        && one.side() == other.side();
  }

  @Example
  void aMarkIsOfIdPriceSizeAndSideAndOfNothingElse() {
    ContentMarks marks = new ContentMarks();
    marks.add(TRADE.tick());

    assertThat(marks.contains(TRADE.price("100.00").size("2.0").id("7").tick())).isTrue();
    assertThat(marks.contains(TRADE.atSeconds(9).offset(7).sequence(3L).tick())).isTrue();
    assertThat(marks.contains(TRADE.id(8).tick())).isFalse();
    assertThat(marks.contains(TRADE.price("100.1").tick())).isFalse();
    assertThat(marks.contains(TRADE.size("0.2").tick())).isFalse();
    assertThat(marks.contains(TRADE.side(Side.SELL).tick())).isFalse();
  }

  /** Marks are in savepoints. */
  @Example
  void theMarkOfATradeStays() {
    assertThat(ContentMarks.markOf(TRADE.tick())).isEqualTo(1639908462);
    assertThat(ContentMarks.markOf(TRADE.id("t-7").side(Side.BUY).tick())).isEqualTo(1805323315);
  }

  @Example
  void aMillionTradesTakeFourBytesEachInACheckpoint() throws IOException {
    ContentMarks marks = new ContentMarks();
    for (int id = 0; id < 1_000_000; id++) {
      marks.add(TRADE.id(id).tick());
    }

    assertThat(bytes(marks).length()).isBetween(3_999_000, 4_000_012);
  }

  private static ContentMarks throughBytes(ContentMarks marks) throws IOException {
    DataInputDeserializer input = new DataInputDeserializer(bytes(marks).getCopyOfBuffer());
    ContentMarks restored = ContentMarksSerializer.INSTANCE.deserialize(input);
    assertThat(input.available()).isZero();
    return restored;
  }

  private static DataOutputSerializer bytes(ContentMarks marks) throws IOException {
    DataOutputSerializer output = new DataOutputSerializer(64);
    ContentMarksSerializer.INSTANCE.serialize(marks, output);
    return output;
  }

  @Provide
  Arbitrary<List<Tick>> ticks() {
    return tick().list().ofMaxSize(200);
  }

  @Provide
  Arbitrary<Tick> tick() {
    return Combinators.combine(
            TradeIdSamples.present(),
            Decimals.positive(),
            Decimals.positive(),
            Arbitraries.of(Side.class))
        .as(
            (id, price, size, side) ->
                new Tick(
                    new Instrument("venue", "BTC"),
                    new TickOrder(0, null, id, new Origin("ticks", 0, 0, 0, 0)),
                    price,
                    size,
                    side,
                    new byte[0]));
  }
}
