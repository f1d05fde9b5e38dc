package io.candlestream.dedup;

import io.candlestream.state.MutableSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The blocks in use, then the texts, each preceded by their number. */
public final class TradeIdsSerializer extends MutableSerializer<TradeIds> {

  public static final TradeIdsSerializer INSTANCE = new TradeIdsSerializer();

  private TradeIdsSerializer() {}

  @Override
  public TradeIds createInstance() {
    return new TradeIds();
  }

  @Override
  public TradeIds copy(TradeIds from) {
    return from.copy();
  }

  @Override
  public void serialize(TradeIds ids, DataOutputView target) throws IOException {
    target.writeInt(ids.usedBlocks());
    ids.forEachBlock(
        (block, bits) -> {
          target.writeLong(block);
          target.writeLong(bits);
        });
    target.writeInt(ids.texts().size());
    for (String text : ids.texts()) {
      target.writeUTF(text);
    }
  }

  @Override
  public TradeIds deserialize(DataInputView source) throws IOException {
    int blocks = source.readInt();
    TradeIds ids = new TradeIds(blocks);
    for (; blocks > 0; blocks--) {
      ids.addBits(source.readLong(), source.readLong());
    }
    for (int texts = source.readInt(); texts > 0; texts--) {
      ids.addText(source.readUTF());
    }
    return ids;
  }

  @Override
  public TypeSerializerSnapshot<TradeIds> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<TradeIds> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
