package io.candlestream.dedup;

import io.candlestream.state.MutableSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How many blocks, loners and UUIDs there are, then all of these; then the texts likewise. */
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
    target.writeInt(ids.blocks().size());
    target.writeInt(ids.loners().size());
    target.writeInt(ids.uuids().size());
    ids.blocks()
        .forEach(
            (block, bits) -> {
              target.writeLong(block);
              target.writeLong(bits);
            });
    ids.loners().forEach((id, same) -> target.writeLong(id));
    ids.uuids()
        .forEach(
            (upper, lower) -> {
              target.writeLong(upper);
              target.writeLong(lower);
            });
    target.writeInt(ids.texts().size());
    for (String text : ids.texts()) {
      target.writeUTF(text);
    }
  }

  @Override
  public TradeIds deserialize(DataInputView source) throws IOException {
    int blocks = source.readInt();
    int loners = source.readInt();
    int uuids = source.readInt();
    TradeIds ids = new TradeIds(blocks, loners, uuids);
    for (; blocks > 0; blocks--) {
      ids.addBlock(source.readLong(), source.readLong());
    }
    for (; loners > 0; loners--) {
      ids.addNumber(source.readLong());
    }
    for (; uuids > 0; uuids--) {
      ids.addUuid(source.readLong(), source.readLong());
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
