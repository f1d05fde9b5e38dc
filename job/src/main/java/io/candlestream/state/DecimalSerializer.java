package io.candlestream.state;

import io.candlestream.market.Decimal;
import java.io.IOException;
import java.math.BigInteger;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * One byte of scale and eight of unscaled value; where that does not fit 64 bits, the scale is
 * marked and the value follows as length and two's complement. Null is the mark alone.
 */
public final class DecimalSerializer extends CompactSerializer<Decimal> {

  public static final DecimalSerializer INSTANCE = new DecimalSerializer();

  private static final int LARGE = 0x80;
  private static final int NULL = 0xFF;

  private DecimalSerializer() {}

  @Override
  public void serialize(Decimal value, DataOutputView target) throws IOException {
    if (value == null) {
      target.writeByte(NULL);
    } else if (value.isCompact()) {
      target.writeByte(value.scale());
      target.writeLong(value.unscaledLong());
    } else {
      byte[] unscaled = value.unscaledValue().toByteArray();
      target.writeByte(LARGE | value.scale());
      target.writeInt(unscaled.length);
      target.write(unscaled);
    }
  }

  @Override
  public Decimal deserialize(DataInputView source) throws IOException {
    int scale = source.readUnsignedByte();
    if (scale == NULL) {
      return null;
    }
    if ((scale & LARGE) == 0) {
      return Decimal.of(source.readLong(), scale);
    }
    byte[] unscaled = new byte[source.readInt()];
    source.readFully(unscaled);
    return Decimal.of(new BigInteger(unscaled), scale & ~LARGE);
  }

  @Override
  public TypeSerializerSnapshot<Decimal> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Decimal> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
