package io.candlestream.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.candle.PartialCandle;
import io.candlestream.dedup.TradeIds;
import io.candlestream.indicator.IndicatorHistory;
import io.candlestream.indicator.Window;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.Decimals;
import io.candlestream.market.Event;
import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Sentiment;
import io.candlestream.market.Side;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import io.candlestream.market.Ticks;
import io.candlestream.market.TradeId;
import io.candlestream.market.TradeIdSamples;
import io.candlestream.portfolio.FillKey;
import io.candlestream.portfolio.HistoryPages;
import io.candlestream.portfolio.Marks;
import io.candlestream.portfolio.PageKey;
import io.candlestream.portfolio.Position;
import io.candlestream.portfolio.PositionHistory;
import io.candlestream.portfolio.PositionKey;
import io.candlestream.portfolio.WaitingFill;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshotSerializationUtil;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SerializersTest {

  @Property
  void aDecimalComesBackAsItWas(@ForAll("decimals") Decimal value) throws IOException {
    assertThat(throughBytes(value, Decimal.class)).isEqualTo(value);
    assertThat(throughACopyOfTheBytes(value, Decimal.class)).isEqualTo(value);
  }

  @Test
  void aDecimalMayBeAbsent() throws IOException {
    assertThat(throughBytes(null, Decimal.class)).isNull();
  }

  @Property
  void aTradeIdComesBackAsItWas(@ForAll("ids") TradeId id) throws IOException {
    assertThat(throughBytes(id, TradeId.class)).isEqualTo(id);
    assertThat(throughACopyOfTheBytes(id, TradeId.class)).isEqualTo(id);
  }

  @Property
  void aTickComesBackAsItWas(@ForAll("ticks") Tick tick) throws IOException {
    assertThat(throughBytes(tick, Tick.class)).usingRecursiveComparison().isEqualTo(tick);
    assertThat(throughACopyOfTheBytes(tick, Tick.class)).usingRecursiveComparison().isEqualTo(tick);
  }

  @Property
  void ticksThatTravelTogetherComeBackAsTheyWere(
      @ForAll("ticks") Tick first, @ForAll("ticks") Tick second) throws IOException {
    Tick another =
        new Tick(
            first.instrument(),
            second.order(),
            second.price(),
            second.size(),
            second.side(),
            second.raw());
    Ticks ticks = new Ticks(first.instrument(), List.of(first, another));
    assertThat(throughBytes(ticks, Ticks.class)).usingRecursiveComparison().isEqualTo(ticks);
    assertThat(throughACopyOfTheBytes(ticks, Ticks.class))
        .usingRecursiveComparison()
        .isEqualTo(ticks);
  }

  @Property
  void ticksInARowComeBackEachAsItWas(@ForAll("ticks") Tick first, @ForAll("ticks") Tick second)
      throws IOException {
    TypeSerializer<Tick> serializer = serializer(Tick.class);
    DataOutputSerializer output = new DataOutputSerializer(256);
    for (Tick tick : List.of(first, second, first)) {
      serializer.serialize(tick, output);
    }
    DataInputDeserializer input = new DataInputDeserializer(output.getCopyOfBuffer());
    for (Tick tick : List.of(first, second, first)) {
      assertThat(serializer.deserialize(input)).usingRecursiveComparison().isEqualTo(tick);
    }
    assertThat(input.available()).isZero();
  }

  @Property
  void verdictsComeBackAsTheyWere(@ForAll("ticks") Tick tick) throws IOException {
    Reject late = Reject.late(tick);
    Reject malformed =
        new Reject(
            Input.TICKS,
            tick.order().origin(),
            tick.raw(),
            List.of(RejectReason.MALFORMED, RejectReason.FUTURE),
            null,
            null,
            null);
    TypeSerializer<Verdict<Tick>> verdicts =
        Types.verdicts(Tick.class).createSerializer(new SerializerConfigImpl());
    for (Verdict<Tick> verdict :
        List.<Verdict<Tick>>of(
            Verdict.accept(tick),
            Verdict.reject(late),
            Verdict.reject(malformed),
            Verdict.withoutEvents(tick.order().origin()),
            new Verdict<>(tick.order().origin(), List.of(tick, tick), List.of(malformed, late)))) {
      assertThat(throughBytes(verdict, verdicts)).usingRecursiveComparison().isEqualTo(verdict);
    }
  }

  @Property
  void aPartialCandleComesBackAsItWas(@ForAll("ticks") Tick first, @ForAll("ticks") Tick second)
      throws IOException {
    PartialCandle candle = PartialCandle.of(first);
    assertThat(throughBytes(candle, PartialCandle.class)).isEqualTo(candle);
    PartialCandle grown = candle.markEmitted().add(second);
    assertThat(throughBytes(grown, PartialCandle.class)).isEqualTo(grown);
  }

  @Test
  void aHistoryWithCandlesOfVolumeZeroComesBackAsItWas() throws IOException {
    IndicatorHistory history = IndicatorHistory.start();
    assertThat(throughBytes(history, IndicatorHistory.class)).isEqualTo(history);
    for (int minute = 0; minute < 40; minute++) {
      Tick tick = SomeTick.of("BTC").price("" + (100 + minute)).size("" + minute % 2).tick();
      long start = minute * 60_000_000L;
      Candle candle = PartialCandle.of(tick).toCandle(tick.instrument(), start, true);
      history = history.settle(start - 300_000_000L).put(candle, row -> {});
      assertThat(throughBytes(history, IndicatorHistory.class)).isEqualTo(history);
    }
  }

  /** The bytes of savepoints, which later versions must be able to read. */
  @Test
  void theBytesOfStateStayWhatTheyAre() throws IOException {
    assertThat(hex(Decimal.parse("-1.5"), Decimal.class)).isEqualTo("01fffffffffffffff1");
    assertThat(hex(Decimal.of(Long.MAX_VALUE, 0).add(Decimal.of(11, 1)), Decimal.class))
        .isEqualTo("81" + "00000009" + "050000000000000001");
    assertThat(hex(null, Decimal.class)).isEqualTo("ff");
    assertThat(hex(new Instrument("v", "S"), Instrument.class)).isEqualTo("000176000153");
    assertThat(hex(TradeId.NONE, TradeId.class)).isEqualTo("00");
    assertThat(hex(TradeId.of(258), TradeId.class)).isEqualTo("010000000000000102");
    assertThat(hex(TradeId.of("x7"), TradeId.class)).isEqualTo("0200027837");
    TradeIds ids = new TradeIds();
    ids.add(TradeId.of(64));
    ids.add(TradeId.of(66));
    ids.add(TradeId.of(1_000));
    ids.add(TradeId.of("00000000-0000-0007-8000-000000000009"));
    ids.add(TradeId.of("x7"));
    assertThat(hex(Window.of(7).append(1, 1), Window.class))
        .isEqualTo("00000001" + "3ff0000000000000");
    assertThat(hex(ids, TradeIds.class))
        .isEqualTo(
            ("00000001" + "00000001" + "00000001")
                + ("0000000000000001" + "0000000000000005")
                + "00000000000003e8"
                + ("0000000000000007" + "8000000000000009")
                + ("00000001" + "00027837"));
  }

  @Test
  void anUnknownKindOfTradeIdIsAnError() {
    byte[] unknown = {9};
    assertThatThrownBy(
            () -> serializer(TradeId.class).deserialize(new DataInputDeserializer(unknown)))
        .isInstanceOf(IOException.class)
        .hasMessage("unknown kind of trade id: 9");
  }

  /** The names are written into savepoints. */
  @ParameterizedTest
  @CsvSource({
    "io.candlestream.market.Decimal, io.candlestream.state.DecimalSerializer$Snapshot",
    "io.candlestream.market.Instrument, io.candlestream.state.InstrumentSerializer$Snapshot",
    "io.candlestream.market.TradeId, io.candlestream.state.TradeIdSerializer$Snapshot",
    "io.candlestream.market.Tick, io.candlestream.state.TickSerializer$Snapshot",
    "io.candlestream.market.Ticks, io.candlestream.state.TicksSerializer$Snapshot",
    "io.candlestream.dedup.TradeIds, io.candlestream.dedup.TradeIdsSerializer$Snapshot",
    "io.candlestream.dedup.ContentMarks, io.candlestream.dedup.ContentMarksSerializer$Snapshot",
    "io.candlestream.indicator.Window, io.candlestream.state.WindowSerializer$Snapshot",
    "io.candlestream.quality.RecentValues, io.candlestream.quality.RecentValuesSerializer$Snapshot"
  })
  void aSnapshotOfTheSerializerRestoresACompatibleOne(Class<?> type, String name)
      throws IOException {
    assertThat(serializer(type).snapshotConfiguration().getClass().getName()).isEqualTo(name);
    assertSnapshotRestores(serializer(type));
  }

  @ParameterizedTest
  @ValueSource(classes = {Tick.class, Fill.class, Sentiment.class})
  void aVerdictsSerializerKnowsThatOfItsEvents(Class<? extends Event> events) throws IOException {
    TypeSerializer<?> serializer =
        Types.verdicts(events).createSerializer(new SerializerConfigImpl());
    assertSnapshotRestores(serializer);
    assertThat(serializer.isImmutableType()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        PositionKey.class,
        Position.class,
        HistoryPages.class,
        PositionHistory.class,
        PageKey.class,
        WaitingFill.class,
        FillKey.class,
        Marks.class
      })
  void aRecordThatIsNotCopiedIsWrittenFieldByField(Class<? extends Record> type)
      throws IOException {
    TypeSerializer<?> serializer =
        Types.uncopied(type).createSerializer(new SerializerConfigImpl());
    assertSnapshotRestores(serializer);
    assertThat(serializer.isImmutableType()).isTrue();
  }

  private static <T> void assertSnapshotRestores(TypeSerializer<T> serializer) throws IOException {
    DataOutputSerializer output = new DataOutputSerializer(64);
    TypeSerializerSnapshotSerializationUtil.writeSerializerSnapshot(
        output, serializer.snapshotConfiguration());
    TypeSerializerSnapshot<T> restored =
        TypeSerializerSnapshotSerializationUtil.readSerializerSnapshot(
            new DataInputDeserializer(output.getCopyOfBuffer()),
            SerializersTest.class.getClassLoader());
    assertThat(restored).hasSameClassAs(serializer.snapshotConfiguration());
    assertThat(
            serializer
                .snapshotConfiguration()
                .resolveSchemaCompatibility(restored)
                .isCompatibleAsIs())
        .isTrue();
    assertThat(restored.restoreSerializer()).isEqualTo(serializer);
  }

  @ParameterizedTest
  @ValueSource(classes = {Decimal.class, Instrument.class, TradeId.class, Tick.class})
  void anImmutableValueIsNotCopied(Class<?> type) {
    assertThat(serializer(type).isImmutableType()).isTrue();
  }

  @Test
  void aSetOfIdsIsCopied() {
    TypeSerializer<TradeIds> serializer = serializer(TradeIds.class);
    TradeIds ids = new TradeIds();
    ids.add(TradeId.of(1));
    TradeIds copy = serializer.copy(ids);
    copy.add(TradeId.of(2));
    assertThat(serializer.isImmutableType()).isFalse();
    assertThat(ids.size()).isEqualTo(1);
    assertThat(copy.size()).isEqualTo(2);
  }

  @Test
  void aTicksSerializerIsSharedByNoTwoThreads() {
    TypeSerializer<Tick> serializer = serializer(Tick.class);
    assertThat(serializer.duplicate()).isNotSameAs(serializer).isEqualTo(serializer);
  }

  private static <T> TypeSerializer<T> serializer(Class<T> type) {
    return Types.of(type).createSerializer(new SerializerConfigImpl());
  }

  private static <T> DataOutputSerializer bytes(T value, Class<T> type) throws IOException {
    DataOutputSerializer output = new DataOutputSerializer(256);
    serializer(type).serialize(value, output);
    return output;
  }

  private static <T> String hex(T value, Class<T> type) throws IOException {
    return HexFormat.of().formatHex(bytes(value, type).getCopyOfBuffer());
  }

  private static <T> T throughBytes(T value, Class<T> type) throws IOException {
    return throughBytes(value, serializer(type));
  }

  private static <T> T throughBytes(T value, TypeSerializer<T> serializer) throws IOException {
    DataOutputSerializer bytes = new DataOutputSerializer(256);
    serializer.serialize(value, bytes);
    DataInputDeserializer input = new DataInputDeserializer(bytes.getCopyOfBuffer());
    T back = serializer.duplicate().deserialize(input);
    assertThat(input.available()).isZero();
    return back;
  }

  private static <T> T throughACopyOfTheBytes(T value, Class<T> type) throws IOException {
    DataOutputSerializer copied = new DataOutputSerializer(256);
    serializer(type).copy(new DataInputDeserializer(bytes(value, type).getCopyOfBuffer()), copied);
    return serializer(type).deserialize(new DataInputDeserializer(copied.getCopyOfBuffer()));
  }

  @Provide
  Arbitrary<Decimal> decimals() {
    return Decimals.any();
  }

  @Provide
  Arbitrary<TradeId> ids() {
    return TradeIdSamples.any();
  }

  @Provide
  Arbitrary<Tick> ticks() {
    Arbitrary<Instrument> instruments =
        Combinators.combine(
                Arbitraries.of("binance", "x"), Arbitraries.of("BTC/USDT", "é", "S".repeat(64)))
            .as(Instrument::new);
    Arbitrary<Origin> origins =
        Combinators.combine(
                Arbitraries.of("ticks", "file:/tmp/ä b/\uD83D\uDE00.jsonl"),
                Arbitraries.integers().between(0, 9),
                Arbitraries.longs().greaterOrEqual(0),
                Arbitraries.integers().between(0, 2),
                Arbitraries.longs().greaterOrEqual(0))
            .as(Origin::new);
    Arbitrary<TickOrder> orders =
        Combinators.combine(
                Arbitraries.longs(),
                Arbitraries.longs().injectNull(0.3),
                TradeIdSamples.any(),
                origins)
            .as(TickOrder::new);
    return Combinators.combine(
            instruments,
            orders,
            Decimals.positive(),
            Decimals.positive(),
            Arbitraries.of(Side.class),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(40))
        .as(Tick::new);
  }
}
