package io.candlestream.recompute;

import io.candlestream.recompute.Recompute.Series;
import io.candlestream.state.InstrumentSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** The instrument and the moment. */
final class SeriesSerializer implements SimpleVersionedSerializer<Series> {

  private static final int VERSION = 1;
  private static final int USUAL_BYTES = 64;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(Series series) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(USUAL_BYTES);
    InstrumentSerializer.INSTANCE.serialize(series.instrument(), out);
    out.writeLong(series.fromMicros());
    return out.getCopyOfBuffer();
  }

  @Override
  public Series deserialize(int version, byte[] bytes) throws IOException {
    requireKnown(version);
    return read(new DataInputDeserializer(bytes));
  }

  private static Series read(DataInputDeserializer in) throws IOException {
    return new Series(InstrumentSerializer.INSTANCE.deserialize(in), in.readLong());
  }

  private static void requireKnown(int version) throws IOException {
    if (version != VERSION) {
      throw new IOException("series of an unknown version: " + version);
    }
  }

  /** One after the other. */
  static final class OfMany implements SimpleVersionedSerializer<Collection<Series>> {

    private final SeriesSerializer one = new SeriesSerializer();

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(Collection<Series> series) throws IOException {
      DataOutputSerializer out = new DataOutputSerializer(USUAL_BYTES * (series.size() + 1));
      for (Series each : series) {
        out.write(one.serialize(each));
      }
      return out.getCopyOfBuffer();
    }

    @Override
    public Collection<Series> deserialize(int version, byte[] bytes) throws IOException {
      requireKnown(version);
      DataInputDeserializer in = new DataInputDeserializer(bytes);
      List<Series> series = new ArrayList<>();
      while (in.available() > 0) {
        series.add(read(in));
      }
      return series;
    }
  }
}
