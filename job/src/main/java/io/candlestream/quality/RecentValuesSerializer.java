package io.candlestream.quality;

import io.candlestream.state.MutableSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The room there is, the values with their turns, and the run of spikes: 9 bytes a value. */
public final class RecentValuesSerializer extends MutableSerializer<RecentValues> {

  public static final RecentValuesSerializer INSTANCE = new RecentValuesSerializer();

  private RecentValuesSerializer() {}

  @Override
  public RecentValues createInstance() {
    return new RecentValues(1);
  }

  @Override
  public RecentValues copy(RecentValues from) {
    return from.copy();
  }

  @Override
  public void serialize(RecentValues values, DataOutputView target) throws IOException {
    RecentValues.Content content = values.content();
    target.writeByte(content.capacity());
    target.writeByte(content.nextTurn());
    target.writeLong(content.newestMicros());
    target.writeByte(content.turns().length);
    target.write(content.turns());
    write(content.values(), target);
    target.writeByte(content.run().length);
    target.writeBoolean(content.runIsAbove());
    write(content.run(), target);
  }

  @Override
  public RecentValues deserialize(DataInputView source) throws IOException {
    int capacity = source.readByte();
    int nextTurn = source.readByte();
    long newestMicros = source.readLong();
    byte[] turns = new byte[source.readByte()];
    source.readFully(turns);
    double[] values = read(turns.length, source);
    int runLength = source.readByte();
    boolean runIsAbove = source.readBoolean();
    double[] run = read(runLength, source);
    return RecentValues.of(
        new RecentValues.Content(capacity, nextTurn, newestMicros, values, turns, run, runIsAbove));
  }

  private static void write(double[] values, DataOutputView target) throws IOException {
    for (double value : values) {
      target.writeDouble(value);
    }
  }

  private static double[] read(int length, DataInputView source) throws IOException {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = source.readDouble();
    }
    return values;
  }

  @Override
  public TypeSerializerSnapshot<RecentValues> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<RecentValues> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
