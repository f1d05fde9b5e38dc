package io.candlestream.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.state.Types;
import java.io.IOException;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/** Indicators as Flink keeps them. */
class IndicatorStateTest {

  @Property(tries = 200)
  void comesBackBitForBit(@ForAll("bars") Bars bars) throws IOException {
    Indicators indicators = bars.state();
    assertThat(copyThroughBytes(indicators, Indicators.class)).isEqualTo(indicators);

    IndicatorValues values = indicators.values();
    assertThat(copyThroughBytes(values, IndicatorValues.class)).isEqualTo(values);
  }

  @Test
  void takesLittleMoreThanAKilobyteOnceWarm() throws IOException {
    double[] closes = IntStream.rangeClosed(1, 300).asDoubleStream().toArray();
    int bytes = serialize(Bars.flat(closes).state(), serializer(Indicators.class)).length();
    assertThat(bytes).isLessThan(1300);
  }

  @Provide
  Arbitrary<Bars> bars() {
    return RandomBars.any();
  }

  private static <T> T copyThroughBytes(T value, Class<T> type) throws IOException {
    TypeSerializer<T> serializer = serializer(type);
    DataOutputSerializer written = serialize(value, serializer);
    return serializer.deserialize(new DataInputDeserializer(written.getCopyOfBuffer()));
  }

  private static <T> DataOutputSerializer serialize(T value, TypeSerializer<T> serializer)
      throws IOException {
    DataOutputSerializer output = new DataOutputSerializer(2048);
    serializer.serialize(value, output);
    return output;
  }

  private static <T> TypeSerializer<T> serializer(Class<T> type) {
    return Types.of(type).createSerializer(new SerializerConfigImpl());
  }
}
