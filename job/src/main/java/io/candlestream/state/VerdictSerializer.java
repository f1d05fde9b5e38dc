package io.candlestream.state;

import io.candlestream.ingest.Verdict;
import io.candlestream.market.Event;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What became of a record. It goes from the source to the next operator within one thread, where it
 * is handed on as it is; the bytes are for pipelines that are built otherwise.
 */
public final class VerdictSerializer<T extends Event> extends CompactSerializer<Verdict<T>> {

  private static final Input[] INPUTS = Input.values();
  private static final RejectReason[] REASONS = RejectReason.values();

  private final TypeSerializer<T> events;

  VerdictSerializer(TypeSerializer<T> events) {
    this.events = events;
  }

  @Override
  public VerdictSerializer<T> duplicate() {
    return new VerdictSerializer<>(events.duplicate());
  }

  @Override
  public void serialize(Verdict<T> verdict, DataOutputView target) throws IOException {
    write(verdict.origin(), target);
    target.writeInt(verdict.accepted().size());
    for (T event : verdict.accepted()) {
      events.serialize(event, target);
    }
    target.writeInt(verdict.rejected().size());
    for (Reject event : verdict.rejected()) {
      write(event, target);
    }
  }

  @Override
  public Verdict<T> deserialize(DataInputView source) throws IOException {
    Origin origin = readOrigin(source);
    int acceptedCount = source.readInt();
    List<T> accepted = new ArrayList<>();
    for (int i = 0; i < acceptedCount; i++) {
      accepted.add(events.deserialize(source));
    }
    int rejectedCount = source.readInt();
    List<Reject> rejected = new ArrayList<>();
    for (int i = 0; i < rejectedCount; i++) {
      rejected.add(readRejected(source));
    }
    return new Verdict<>(origin, accepted, rejected);
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

  private static void write(Reject event, DataOutputView target) throws IOException {
    target.writeByte(event.input().ordinal());
    write(event.origin(), target);
    target.writeInt(event.raw().length);
    target.write(event.raw());
    int reasons = 0;
    for (RejectReason reason : event.reasons()) {
      reasons |= 1 << reason.ordinal();
    }
    target.writeInt(reasons);
    writeText(event.source(), target);
    writeText(event.symbol(), target);
    target.writeBoolean(event.timestampMicros() != null);
    if (event.timestampMicros() != null) {
      target.writeLong(event.timestampMicros());
    }
  }

  private static Reject readRejected(DataInputView source) throws IOException {
    Input input = INPUTS[source.readByte()];
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
    return new Reject(
        input,
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
  public boolean equals(Object object) {
    return object instanceof VerdictSerializer<?> other && events.equals(other.events);
  }

  @Override
  public int hashCode() {
    return Objects.hash(VerdictSerializer.class, events);
  }

  @Override
  public TypeSerializerSnapshot<Verdict<T>> snapshotConfiguration() {
    return new Snapshot<>(this);
  }

  /** Tells the serializer of the events. */
  public static final class Snapshot<T extends Event>
      extends CompositeTypeSerializerSnapshot<Verdict<T>, VerdictSerializer<T>> {

    /** For Flink, which reads the rest. */
    public Snapshot() {}

    Snapshot(VerdictSerializer<T> serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return 1;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(VerdictSerializer<T> outer) {
      return new TypeSerializer<?>[] {outer.events};
    }

    @Override
    @SuppressWarnings("unchecked") // It is what getNestedSerializers has given.
    protected VerdictSerializer<T> createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new VerdictSerializer<>((TypeSerializer<T>) nested[0]);
    }
  }
}
