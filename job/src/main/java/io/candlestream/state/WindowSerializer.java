package io.candlestream.state;

import io.candlestream.indicator.Window;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The values, preceded by their number. */
public final class WindowSerializer extends CompactSerializer<Window> {

  public static final WindowSerializer INSTANCE = new WindowSerializer();

  private WindowSerializer() {}

  @Override
  public void serialize(Window window, DataOutputView target) throws IOException {
    target.writeInt(window.size());
    for (int i = 0; i < window.size(); i++) {
      target.writeDouble(window.get(i));
    }
  }

  @Override
  public Window deserialize(DataInputView source) throws IOException {
    double[] values = new double[source.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = source.readDouble();
    }
    return Window.of(values);
  }

  @Override
  public TypeSerializerSnapshot<Window> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Window> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
