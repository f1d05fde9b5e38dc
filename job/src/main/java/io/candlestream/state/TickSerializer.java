package io.candlestream.state;

import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.Side;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A tick on its way through the shuffle, with its raw bytes. The names in it repeat from tick to
 * tick and are read without a new string each; and of an instrument that was read before comes the
 * same object, so that those behind the shuffle who look it up need not compare its names.
 *
 * <p>For no state that outlives a release: it writes by other serializers, and its snapshot does
 * not say by which.
 */
public final class TickSerializer extends CompactSerializer<Tick> {

  private static final Side[] SIDES = Side.values();

  private static final int INSTRUMENTS = 1 << 14;

  private transient RepeatedText texts;

  /** The last read of each of its slots. */
  private transient Instrument[] instruments;

  @Override
  public TypeSerializerSingleton<Tick> duplicate() {
    return new TickSerializer();
  }

  @Override
  public void serialize(Tick tick, DataOutputView target) throws IOException {
    writeInstrument(tick.instrument(), target);
    writeTrade(tick, null, target);
  }

  void writeInstrument(Instrument instrument, DataOutputView target) throws IOException {
    RepeatedText.write(instrument.source(), target);
    RepeatedText.write(instrument.symbol(), target);
  }

  /**
   * Writes all but the instrument.
   *
   * @param before the tick that was written before it; null if none was
   */
  void writeTrade(Tick tick, Tick before, DataOutputView target) throws IOException {
    TickOrder order = tick.order();
    Origin origin = order.origin();
    target.writeLong(order.timestampMicros());
    target.writeBoolean(order.sequence() != null);
    if (order.sequence() != null) {
      target.writeLong(order.sequence());
    }
    TradeIdSerializer.INSTANCE.serialize(order.tradeId(), target);
    boolean sameTopic = before != null && before.origin().topic().equals(origin.topic());
    target.writeBoolean(sameTopic);
    if (!sameTopic) {
      RepeatedText.write(origin.topic(), target);
    }
    target.writeInt(origin.partition());
    target.writeLong(origin.offset());
    target.writeInt(origin.item());
    target.writeLong(origin.recordTimestampMillis());
    DecimalSerializer.INSTANCE.serialize(tick.price(), target);
    DecimalSerializer.INSTANCE.serialize(tick.size(), target);
    target.writeByte(tick.side().ordinal());
    target.writeInt(tick.raw().length);
    target.write(tick.raw());
  }

  @Override
  public Tick deserialize(DataInputView source) throws IOException {
    return readTrade(readInstrument(source), null, source);
  }

  Instrument readInstrument(DataInputView source) throws IOException {
    if (texts == null) {
      texts = new RepeatedText();
      instruments = new Instrument[INSTRUMENTS];
    }
    return instrument(texts.read(source), texts.read(source));
  }

  /**
   * Reads all but the instrument.
   *
   * @param before the tick that was read before it; null if none was
   */
  Tick readTrade(Instrument instrument, Tick before, DataInputView source) throws IOException {
    TickOrder order =
        new TickOrder(
            source.readLong(),
            source.readBoolean() ? source.readLong() : null,
            TradeIdSerializer.INSTANCE.deserialize(source),
            new Origin(
                source.readBoolean() ? before.origin().topic() : texts.read(source),
                source.readInt(),
                source.readLong(),
                source.readInt(),
                source.readLong()));
    Tick tick =
        new Tick(
            instrument,
            order,
            DecimalSerializer.INSTANCE.deserialize(source),
            DecimalSerializer.INSTANCE.deserialize(source),
            SIDES[source.readByte()],
            new byte[source.readInt()]);
    source.readFully(tick.raw());
    return tick;
  }

  private Instrument instrument(String source, String symbol) {
    int hash = 31 * source.hashCode() + symbol.hashCode();
    int slot = (hash ^ hash >>> 16) & INSTRUMENTS - 1;
    Instrument known = instruments[slot];
    if (known == null || !known.symbol().equals(symbol) || !known.source().equals(source)) {
      instruments[slot] = new Instrument(source, symbol);
    }
    return instruments[slot];
  }

  @Override
  public TypeSerializerSnapshot<Tick> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Tick> {
    public Snapshot() {
      super(TickSerializer::new);
    }
  }
}
