package io.candlestream.state;

import io.candlestream.dedup.ContentMarks;
import io.candlestream.dedup.ContentMarksSerializer;
import io.candlestream.dedup.TradeIds;
import io.candlestream.dedup.TradeIdsSerializer;
import io.candlestream.indicator.Window;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Decimal;
import io.candlestream.market.Event;
import io.candlestream.market.Instrument;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.market.TradeId;
import io.candlestream.quality.RecentValues;
import io.candlestream.quality.RecentValuesSerializer;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.NullableListTypeInfo;
import org.apache.flink.api.java.typeutils.PojoField;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;

/**
 * The types of all streams and state. Records are Flink POJOs and can evolve field by field; the
 * few types on the path of every tick have serializers of their own.
 *
 * <p>These are known here, so that the domain stays free of Flink's annotations. Flink's own
 * registry of type factories would do, too, but it is static and Flink's: on a session cluster it
 * would hold on to the classes of every job that was ever submitted.
 */
public final class Types {

  private static final Map<Class<?>, TypeInformation<?>> COMPACT =
      Stream.of(
              compact(Decimal.class, DecimalSerializer.INSTANCE),
              compact(Instrument.class, InstrumentSerializer.INSTANCE),
              compact(TradeId.class, TradeIdSerializer.INSTANCE),
              compact(TradeIds.class, TradeIdsSerializer.INSTANCE),
              compact(ContentMarks.class, ContentMarksSerializer.INSTANCE),
              compact(RecentValues.class, RecentValuesSerializer.INSTANCE),
              compact(Window.class, WindowSerializer.INSTANCE),
              compact(Tick.class, new TickSerializer()),
              compact(Ticks.class, new TicksSerializer()))
          .collect(
              Collectors.toUnmodifiableMap(TypeInformation::getTypeClass, Function.identity()));

  private Types() {}

  private static <T> TypeInformation<T> compact(Class<T> type, TypeSerializer<T> serializer) {
    return new CompactType<>(type, serializer);
  }

  /** The type information of a class; ask here, not Flink, so that the serializers are known. */
  @SuppressWarnings("unchecked") // A class has the type information of its instances.
  public static <T> TypeInformation<T> of(Class<T> type) {
    return (TypeInformation<T>) ofAny(type);
  }

  /** Of verdicts on records with events of a class. */
  @SuppressWarnings("unchecked") // Java has no class of verdicts on those events alone.
  public static <T extends Event> TypeInformation<Verdict<T>> verdicts(Class<T> events) {
    return compact(
        (Class<Verdict<T>>) (Class<?>) Verdict.class,
        new VerdictSerializer<>(of(events).createSerializer(new SerializerConfigImpl())));
  }

  /**
   * Of a record in keyed state, which a heap would copy to its last field when it is first asked
   * for after a checkpoint.
   */
  public static <T extends Record> TypeInformation<T> uncopied(Class<T> type) {
    return compact(
        type, new RecordSerializer<>(of(type).createSerializer(new SerializerConfigImpl())));
  }

  private static TypeInformation<?> ofAny(Type type) {
    if (type instanceof Class<?> simple) {
      if (COMPACT.containsKey(simple)) {
        return COMPACT.get(simple);
      }
      return simple.isRecord() ? ofRecord(simple) : TypeInformation.of(simple);
    }
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return new NullableListTypeInfo<>(ofAny(list.getActualTypeArguments()[0]));
    }
    throw new IllegalArgumentException(
        "no serializer for %s: of generic types, a record may hold lists alone"
            .formatted(type.getTypeName()));
  }

  private static <T> TypeInformation<T> ofRecord(Class<T> type) {
    return new PojoTypeInfo<>(
        type,
        Stream.of(type.getDeclaredFields())
            .filter(field -> !Modifier.isStatic(field.getModifiers()))
            .map(Types::ofField)
            .toList());
  }

  private static PojoField ofField(Field field) {
    return new PojoField(field, ofAny(field.getGenericType()));
  }
}
