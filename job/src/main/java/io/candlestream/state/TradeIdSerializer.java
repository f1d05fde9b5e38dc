package io.candlestream.state;

import io.candlestream.market.TradeId;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** One byte that tells the kind of id, then the number or the text. */
public final class TradeIdSerializer extends CompactSerializer<TradeId> {

  public static final TradeIdSerializer INSTANCE = new TradeIdSerializer();

  private static final byte NONE = 0;
  private static final byte LONG = 1;
  private static final byte TEXT = 2;

  private TradeIdSerializer() {}

  @Override
  public void serialize(TradeId id, DataOutputView target) throws IOException {
    if (!id.isPresent()) {
      target.writeByte(NONE);
    } else if (id.isLong()) {
      target.writeByte(LONG);
      target.writeLong(id.asLong());
    } else {
      target.writeByte(TEXT);
      target.writeUTF(id.toString());
    }
  }

  @Override
  public TradeId deserialize(DataInputView source) throws IOException {
    byte kind = source.readByte();
    return switch (kind) {
      case NONE -> TradeId.NONE;
      case LONG -> TradeId.of(source.readLong());
      case TEXT -> TradeId.of(source.readUTF());
      default -> throw new IOException("unknown kind of trade id: " + kind);
    };
  }

  @Override
  public TypeSerializerSnapshot<TradeId> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<TradeId> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
