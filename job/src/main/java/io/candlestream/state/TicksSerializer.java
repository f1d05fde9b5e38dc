package io.candlestream.state;

import io.candlestream.market.Instrument;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Ticks on their way through the shuffle, as by {@link TickSerializer}; for no state either. */
public final class TicksSerializer extends CompactSerializer<Ticks> {

  private final TickSerializer each = new TickSerializer();

  @Override
  public TypeSerializerSingleton<Ticks> duplicate() {
    return new TicksSerializer();
  }

  @Override
  public void serialize(Ticks ticks, DataOutputView target) throws IOException {
    each.writeInstrument(ticks.instrument(), target);
    target.writeInt(ticks.list().size());
    Tick before = null;
    for (Tick tick : ticks.list()) {
      each.writeTrade(tick, before, target);
      before = tick;
    }
  }

  @Override
  public Ticks deserialize(DataInputView source) throws IOException {
    Instrument instrument = each.readInstrument(source);
    int size = source.readInt();
    List<Tick> ticks = new ArrayList<>(size);
    Tick before = null;
    for (int i = 0; i < size; i++) {
      before = each.readTrade(instrument, before, source);
      ticks.add(before);
    }
    return new Ticks(instrument, ticks);
  }

  @Override
  public TypeSerializerSnapshot<Ticks> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Ticks> {
    public Snapshot() {
      super(TicksSerializer::new);
    }
  }
}
