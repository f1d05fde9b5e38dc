package io.candlestream.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.TradeId;
import io.candlestream.market.TradeIdSamples;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/** {@link TradeIds} against a plain set. */
class TradeIdsTest {

  @Property
  void isTheSetOfWhatWasAdded(@ForAll("ids") List<TradeId> ids) {
    TradeIds set = new TradeIds();
    Set<TradeId> plain = new HashSet<>();
    for (TradeId id : ids) {
      assertThat(set.add(id)).as("%s is new", id).isEqualTo(plain.add(id));
      assertThat(set.size()).isEqualTo(plain.size());
    }
  }

  @Property
  void containsWhatWasAddedAndNothingElse(
      @ForAll("ids") List<TradeId> added, @ForAll("ids") List<TradeId> asked) {
    TradeIds set = new TradeIds();
    Set<TradeId> plain = new HashSet<>();
    for (TradeId id : added) {
      assertThat(set.contains(id)).isEqualTo(plain.contains(id));
      set.add(id);
      plain.add(id);
      assertThat(set.contains(id)).as("%s was added", id).isTrue();
    }
    for (TradeId id : asked) {
      assertThat(set.contains(id)).as("%s", id).isEqualTo(plain.contains(id));
    }
    assertThat(set.size()).isEqualTo(plain.size());
  }

  @Test
  void anIdIsNotTakenForItsNeighboursNorForOneThatLooksLikeIt() {
    TradeIds set =
        setOf(List.of(TradeId.of(64), TradeId.of("a"), TradeId.of("18446744073709551616")));
    assertThat(set.contains(TradeId.of("64"))).isTrue();
    assertThat(set.contains(TradeId.of("a"))).isTrue();
    assertThat(set.contains(TradeId.of("18446744073709551616"))).isTrue();
    for (String other : List.of("0", "63", "65", "128", "-64", "064", "64.0", "A", "aa", "")) {
      assertThat(set.contains(TradeId.of(other))).as("'%s'", other).isFalse();
    }
    assertThat(new TradeIds().contains(TradeId.of(0))).isFalse();
  }

  @Property
  void aCopyAndItsOriginalGoTheirOwnWays(
      @ForAll("ids") List<TradeId> both,
      @ForAll("ids") List<TradeId> originals,
      @ForAll("ids") List<TradeId> copies) {
    TradeIds original = setOf(both);
    TradeIds copy = original.copy();
    originals.forEach(original::add);
    copies.forEach(copy::add);
    assertHolds(original, union(both, originals));
    assertHolds(copy, union(both, copies));
  }

  @Property
  void comesBackFromItsBytesWhole(
      @ForAll("ids") List<TradeId> before, @ForAll("ids") List<TradeId> after) throws IOException {
    TradeIds restored = throughBytes(setOf(before));
    assertHolds(restored.copy(), new HashSet<>(before));
    after.forEach(restored::add);
    assertHolds(restored, union(before, after));
  }

  @Test
  void theEndsOfTheNumbersAreTheirOwnIds() {
    TradeIds set = new TradeIds();
    long[] ends = {
      Long.MIN_VALUE,
      Long.MIN_VALUE + 63,
      Long.MIN_VALUE + 64,
      -65,
      -64,
      -1,
      0,
      63,
      64,
      Long.MAX_VALUE - 63,
      Long.MAX_VALUE
    };
    for (long id : ends) {
      assertThat(set.add(TradeId.of(id))).isTrue();
    }
    for (long id : ends) {
      assertThat(set.add(TradeId.of(Long.toString(id)))).isFalse();
    }
    assertThat(set.size()).isEqualTo(ends.length);
  }

  @Test
  void aNumberAndATextThatLooksLikeItAreTwoIds() {
    TradeIds set = new TradeIds();
    assertThat(set.add(TradeId.of(7))).isTrue();
    assertThat(set.add(TradeId.of("007"))).isTrue();
    assertThat(set.add(TradeId.of("-0"))).isTrue();
    assertThat(set.add(TradeId.of(0))).isTrue();
    assertThat(set.size()).isEqualTo(4);
  }

  @Test
  void aMillionIdsInSequenceTakeAQuarterOfAByteEach() throws IOException {
    TradeIds set = new TradeIds();
    for (long id = 5_000_000_000L; id < 5_001_000_000L; id++) {
      set.add(TradeId.of(id));
    }
    assertThat(set.size()).isEqualTo(1_000_000);
    assertThat(bytes(set).length()).isBetween(250_000, 251_000);
  }

  private static TradeIds setOf(List<TradeId> ids) {
    TradeIds set = new TradeIds();
    ids.forEach(set::add);
    return set;
  }

  private static Set<TradeId> union(List<TradeId> some, List<TradeId> others) {
    Set<TradeId> union = new HashSet<>(some);
    union.addAll(others);
    return union;
  }

  private static void assertHolds(TradeIds set, Set<TradeId> ids) {
    assertThat(set.size()).isEqualTo(ids.size());
    assertThat(ids).noneMatch(set::add);
  }

  private static TradeIds throughBytes(TradeIds set) throws IOException {
    DataInputDeserializer input = new DataInputDeserializer(bytes(set).getCopyOfBuffer());
    TradeIds restored = TradeIdsSerializer.INSTANCE.deserialize(input);
    assertThat(input.available()).isZero();
    return restored;
  }

  private static DataOutputSerializer bytes(TradeIds set) throws IOException {
    DataOutputSerializer output = new DataOutputSerializer(64);
    TradeIdsSerializer.INSTANCE.serialize(set, output);
    return output;
  }

  /** Mixed ids, or the dense or scattered numbers of one venue. */
  @Provide
  Arbitrary<List<TradeId>> ids() {
    Arbitrary<Long> dense = Arbitraries.longs().between(1_000_000, 1_001_000);
    // One block each, and all of them in one place of a small table.
    Arbitrary<Long> scattered = Arbitraries.longs().between(-400, 400).map(i -> i << 38);
    Arbitrary<TradeId> uuids =
        Combinators.combine(Arbitraries.longs().between(0, 3), Arbitraries.longs().between(0, 9))
            .as((upper, lower) -> new UUID(upper << 60, lower << 62 | lower))
            .flatMap(
                uuid -> Arbitraries.of(uuid.toString(), uuid.toString().toUpperCase(Locale.ROOT)))
            .map(TradeId::of);
    return Arbitraries.oneOf(
        TradeIdSamples.present().list().ofMaxSize(300),
        uuids.list().ofMaxSize(100),
        // Pairs of neighbours, each of which moves the first of them.
        Arbitraries.longs()
            .between(-200, 200)
            .map(i -> (i >> 1 << 40) + (i & 1))
            .map(TradeId::of)
            .list()
            .ofMaxSize(300),
        dense.map(TradeId::of).list().ofMaxSize(300),
        scattered.map(TradeId::of).list().ofMaxSize(300));
  }
}
