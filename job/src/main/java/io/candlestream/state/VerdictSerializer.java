package io.candlestream.state;

import io.candlestream.ingest.Verdict;
import io.candlestream.market.Origin;
import io.candlestream.market.RejectReason;
import io.candlestream.market.RejectedTick;
import io.candlestream.market.Tick;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What became of a record. It goes from the source to the next operator within one thread, where it
 * is handed on as it is; the bytes are for pipelines that are built otherwise.
 */
public final class VerdictSerializer extends CompactSerializer<Verdict> {

  private static final RejectReason[] REASONS = RejectReason.values();

  private final TickSerializer ticks = new TickSerializer();

  @Override
  public TypeSerializerSingleton<Verdict> duplicate() {
    return new VerdictSerializer();
  }

  @Override
  public void serialize(Verdict verdict, DataOutputView target) throws IOException {
    write(verdict.origin(), target);
    target.writeInt(verdict.accepted().size());
    for (Tick tick : verdict.accepted()) {
      ticks.serialize(tick, target);
    }
    target.writeInt(verdict.rejected().size());
    for (RejectedTick tick : verdict.rejected()) {
      write(tick, target);
    }
  }

  @Override
  public Verdict deserialize(DataInputView source) throws IOException {
    Origin origin = readOrigin(source);
    int acceptedCount = source.readInt();
    List<Tick> accepted = new ArrayList<>();
    for (int i = 0; i < acceptedCount; i++) {
      accepted.add(ticks.deserialize(source));
    }
    int rejectedCount = source.readInt();
    List<RejectedTick> rejected = new ArrayList<>();
    for (int i = 0; i < rejectedCount; i++) {
      rejected.add(readRejected(source));
    }
    return new Verdict(origin, accepted, rejected);
  }

  private static void write(Origin origin, DataOutputView target) throws IOException {
    target.writeUTF(origin.topic());
    target.writeInt(origin.partition());
    target.writeLong(origin.offset());
    target.writeInt(origin.item());
    target.writeLong(origin.recordTimestampMillis());
  }

  private static Origin readOrigin(DataInputView source) throws IOException {
    return new Origin(
        source.readUTF(), source.readInt(), source.readLong(), source.readInt(), source.readLong());
  }

  private static void write(RejectedTick tick, DataOutputView target) throws IOException {
    write(tick.origin(), target);
    target.writeInt(tick.raw().length);
    target.write(tick.raw());
    int reasons = 0;
    for (RejectReason reason : tick.reasons()) {
      reasons |= 1 << reason.ordinal();
    }
    target.writeInt(reasons);
    writeText(tick.source(), target);
    writeText(tick.symbol(), target);
    target.writeBoolean(tick.timestampMicros() != null);
    if (tick.timestampMicros() != null) {
      target.writeLong(tick.timestampMicros());
    }
  }

  private static RejectedTick readRejected(DataInputView source) throws IOException {
    Origin origin = readOrigin(source);
    byte[] raw = new byte[source.readInt()];
    source.readFully(raw);
    int bits = source.readInt();
    Set<RejectReason> reasons = EnumSet.noneOf(RejectReason.class);
    for (RejectReason reason : REASONS) {
      if ((bits & 1 << reason.ordinal()) != 0) {
        reasons.add(reason);
      }
    }
    return new RejectedTick(
        origin,
        raw,
        List.copyOf(reasons),
        readText(source),
        readText(source),
        source.readBoolean() ? source.readLong() : null);
  }

  private static void writeText(String text, DataOutputView target) throws IOException {
    target.writeBoolean(text != null);
    if (text != null) {
      target.writeUTF(text);
    }
  }

  private static String readText(DataInputView source) throws IOException {
    return source.readBoolean() ? source.readUTF() : null;
  }

  @Override
  public TypeSerializerSnapshot<Verdict> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Verdict> {
    public Snapshot() {
      super(VerdictSerializer::new);
    }
  }
}
