package io.candlestream.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.candle.CandleUpdate;
import io.candlestream.candle.PartialCandle;
import io.candlestream.candle.TouchedRange;
import io.candlestream.dedup.ContentMarks;
import io.candlestream.dedup.TradeIds;
import io.candlestream.gap.FilledSeries;
import io.candlestream.indicator.CandleRow;
import io.candlestream.indicator.HistoryEvent;
import io.candlestream.indicator.IndicatorHistory;
import io.candlestream.ingest.AcceptTicks;
import io.candlestream.market.Candle;
import io.candlestream.market.Decimal;
import io.candlestream.market.DropFrontier;
import io.candlestream.market.Fill;
import io.candlestream.market.Instrument;
import io.candlestream.market.Reject;
import io.candlestream.market.Sentiment;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.market.TradeId;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.past.WarmStart;
import io.candlestream.portfolio.FillKey;
import io.candlestream.portfolio.HistoryPages;
import io.candlestream.portfolio.Mark;
import io.candlestream.portfolio.Marks;
import io.candlestream.portfolio.PageKey;
import io.candlestream.portfolio.Position;
import io.candlestream.portfolio.PositionHistory;
import io.candlestream.portfolio.PositionKey;
import io.candlestream.portfolio.PositionRow;
import io.candlestream.portfolio.SnapshotRow;
import io.candlestream.portfolio.WaitingFill;
import io.candlestream.quality.FeedActivity;
import io.candlestream.quality.QualityEvent;
import io.candlestream.quality.RecentValues;
import io.candlestream.quality.SequenceGaps;
import io.candlestream.recompute.Recomputed;
import io.candlestream.rollup.RollUp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.api.java.typeutils.ListTypeInfo;
import org.apache.flink.api.java.typeutils.ObjectArrayTypeInfo;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.api.java.typeutils.TypeExtractor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every stream and every state, down to its last field, is serialized without Kryo. */
class TypesTest {

  @ParameterizedTest
  @ValueSource(
      classes = {
        Tick.class,
        Reject.class,
        Fill.class,
        Sentiment.class,
        PositionRow.class,
        SnapshotRow.class,
        Mark.class,
        Position.class,
        HistoryPages.class,
        PositionHistory.class,
        PageKey.class,
        WaitingFill.class,
        PositionKey.class,
        FillKey.class,
        Marks.class,
        CandleUpdate.class,
        CandleRow.class,
        Recomputed.class,
        Instrument.class,
        DropFrontier.class,
        TradeIds.class,
        ContentMarks.class,
        RecentValues.class,
        SequenceGaps.class,
        FeedActivity.class,
        QualityEvent.class,
        PartialCandle.class,
        HistoryEvent.class,
        WarmStart.Warmed.class,
        FilledSeries.class,
        RollUp.class,
        IndicatorHistory.class,
        AcceptTicks.PartitionStart.class,
        DurableCounters.Saved.class,
        TouchedRange.class
      })
  void hasNoGenericTypeAnywhere(Class<?> type) {
    List<TypeInformation<?>> parts = new ArrayList<>();
    collect(Types.of(type), parts);
    assertThat(parts).noneMatch(part -> part instanceof GenericTypeInfo<?>);

    SerializerConfigImpl withoutKryo =
        new SerializerConfigImpl(new Configuration().set(PipelineOptions.GENERIC_TYPES, false));
    assertThat(Types.of(type).createSerializer(withoutKryo)).isNotNull();
  }

  @Test
  void aGenericTypeWouldBeNoticed() {
    List<TypeInformation<?>> parts = new ArrayList<>();
    collect(TypeInformation.of(HoldsAThread.class), parts);
    assertThat(parts).anyMatch(part -> part instanceof GenericTypeInfo<?>);
  }

  record HoldsAThread(List<Thread> threads) {}

  @Test
  void aGenericTypeThatIsNoListIsRefused() {
    assertThatThrownBy(() -> Types.of(HoldsAMap.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no serializer for java.util.Map<java.lang.String, java.lang.Long>: of generic types, a"
                + " record may hold lists alone");
  }

  record HoldsAMap(Map<String, Long> counts) {}

  /** Its registry is static: on a session cluster it would hold on to every job submitted. */
  @Test
  void flinkItselfIsToldNothing() {
    assertThat((Object) Types.of(Decimal.class)).isInstanceOf(CompactType.class);
    assertThat((Object) TypeExtractor.getTypeInfoFactory(Decimal.class)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        Reject.class,
        Fill.class,
        Sentiment.class,
        PositionRow.class,
        SnapshotRow.class,
        Mark.class,
        Position.class,
        HistoryPages.class,
        PositionHistory.class,
        PageKey.class,
        WaitingFill.class,
        PositionKey.class,
        FillKey.class,
        Marks.class,
        CandleUpdate.class,
        CandleRow.class,
        Recomputed.class,
        Candle.class,
        DropFrontier.class,
        PartialCandle.class,
        SequenceGaps.class,
        FeedActivity.class,
        QualityEvent.class,
        IndicatorHistory.class,
        AcceptTicks.PartitionStart.class,
        DurableCounters.Saved.class,
        TouchedRange.class
      })
  void aRecordIsAPojoThatCanEvolve(Class<?> type) {
    assertThat(Types.of(type)).isInstanceOf(PojoTypeInfo.class);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        Tick.class,
        Ticks.class,
        Instrument.class,
        Decimal.class,
        TradeId.class,
        TradeIds.class,
        ContentMarks.class,
        RecentValues.class
      })
  void aTypeOnThePathOfEveryTickHasItsOwnSerializer(Class<?> type) {
    assertThat(Types.of(type))
        .isInstanceOf(CompactType.class)
        .hasToString(type.getSimpleName())
        .isEqualTo(Types.of(type))
        .hasSameHashCodeAs(Types.of(type));
    assertThat(Types.of(type).getTypeClass()).isEqualTo(type);
    assertThat(Types.of(type)).isNotEqualTo(Types.of(Candle.class));
  }

  @Test
  void typesOfTheirOwnAreNotConfused() {
    assertThat((Object) Types.of(Decimal.class)).isNotEqualTo(Types.of(TradeId.class));
    assertThat((Object) Types.verdicts(Tick.class))
        .isInstanceOf(CompactType.class)
        .isEqualTo(Types.verdicts(Tick.class))
        .isNotEqualTo(Types.verdicts(Fill.class));
  }

  @Test
  void withKryoOffAGenericTypeHasNoSerializer() {
    SerializerConfigImpl withoutKryo =
        new SerializerConfigImpl(new Configuration().set(PipelineOptions.GENERIC_TYPES, false));
    assertThatThrownBy(() -> TypeInformation.of(Thread.class).createSerializer(withoutKryo))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  /** A type and all it is made of. */
  private static void collect(TypeInformation<?> type, List<TypeInformation<?>> parts) {
    parts.add(type);
    if (type instanceof PojoTypeInfo<?> pojo) {
      for (int i = 0; i < pojo.getArity(); i++) {
        collect(pojo.getTypeAt(i), parts);
      }
    } else if (type instanceof ListTypeInfo<?> list) {
      collect(list.getElementTypeInfo(), parts);
    } else if (type instanceof ObjectArrayTypeInfo<?, ?> array) {
      collect(array.getComponentInfo(), parts);
    } else {
      type.getGenericParameters().values().forEach(parameter -> collect(parameter, parts));
    }
  }
}
