package io.candlestream.state;

import io.candlestream.dedup.ContentMarks;
import io.candlestream.dedup.ContentMarksSerializer;
import io.candlestream.dedup.TradeIds;
import io.candlestream.dedup.TradeIdsSerializer;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Decimal;
import io.candlestream.market.Instrument;
import io.candlestream.market.Tick;
import io.candlestream.market.TradeId;
import io.candlestream.quality.RecentValues;
import io.candlestream.quality.RecentValuesSerializer;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.TypeExtractor;

/**
 * The types of all streams and state. Records are Flink POJOs and can evolve field by field; the
 * few types on the path of every tick have serializers of their own. These are registered here
 * rather than annotated on the classes, so that the domain stays free of Flink.
 */
public final class Types {

  static {
    TypeExtractor.registerFactory(Decimal.class, DecimalFactory.class);
    TypeExtractor.registerFactory(Instrument.class, InstrumentFactory.class);
    TypeExtractor.registerFactory(TradeId.class, TradeIdFactory.class);
    TypeExtractor.registerFactory(TradeIds.class, TradeIdsFactory.class);
    TypeExtractor.registerFactory(ContentMarks.class, ContentMarksFactory.class);
    TypeExtractor.registerFactory(RecentValues.class, RecentValuesFactory.class);
    TypeExtractor.registerFactory(Tick.class, TickFactory.class);
    TypeExtractor.registerFactory(Verdict.class, VerdictFactory.class);
  }

  private Types() {}

  /** The type information of a class; ask here, not Flink, so that the serializers are known. */
  public static <T> TypeInformation<T> of(Class<T> type) {
    return TypeInformation.of(type);
  }

  /** {@link Decimal}, compact. */
  public static final class DecimalFactory extends TypeInfoFactory<Decimal> {
    @Override
    public TypeInformation<Decimal> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(Decimal.class, DecimalSerializer.INSTANCE);
    }
  }

  /** {@link Instrument}, compact. */
  public static final class InstrumentFactory extends TypeInfoFactory<Instrument> {
    @Override
    public TypeInformation<Instrument> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(Instrument.class, InstrumentSerializer.INSTANCE);
    }
  }

  /** {@link TradeId}, compact. */
  public static final class TradeIdFactory extends TypeInfoFactory<TradeId> {
    @Override
    public TypeInformation<TradeId> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(TradeId.class, TradeIdSerializer.INSTANCE);
    }
  }

  /** {@link TradeIds}, compact. */
  public static final class TradeIdsFactory extends TypeInfoFactory<TradeIds> {
    @Override
    public TypeInformation<TradeIds> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(TradeIds.class, TradeIdsSerializer.INSTANCE);
    }
  }

  /** {@link ContentMarks}, compact. */
  public static final class ContentMarksFactory extends TypeInfoFactory<ContentMarks> {
    @Override
    public TypeInformation<ContentMarks> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(ContentMarks.class, ContentMarksSerializer.INSTANCE);
    }
  }

  /** {@link RecentValues}, compact. */
  public static final class RecentValuesFactory extends TypeInfoFactory<RecentValues> {
    @Override
    public TypeInformation<RecentValues> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(RecentValues.class, RecentValuesSerializer.INSTANCE);
    }
  }

  /** {@link Tick}, compact. */
  public static final class TickFactory extends TypeInfoFactory<Tick> {
    @Override
    public TypeInformation<Tick> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(Tick.class, new TickSerializer());
    }
  }

  /** {@link Verdict}, compact. */
  public static final class VerdictFactory extends TypeInfoFactory<Verdict> {
    @Override
    public TypeInformation<Verdict> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return new CompactType<>(Verdict.class, new VerdictSerializer());
    }
  }
}
