package io.candlestream.state;

import io.candlestream.market.Instrument;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The two names, the venue's first. */
public final class InstrumentSerializer extends CompactSerializer<Instrument> {

  public static final InstrumentSerializer INSTANCE = new InstrumentSerializer();

  private InstrumentSerializer() {}

  @Override
  public void serialize(Instrument instrument, DataOutputView target) throws IOException {
    target.writeUTF(instrument.source());
    target.writeUTF(instrument.symbol());
  }

  @Override
  public Instrument deserialize(DataInputView source) throws IOException {
    return new Instrument(source.readUTF(), source.readUTF());
  }

  @Override
  public TypeSerializerSnapshot<Instrument> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Instrument> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
