package io.candlestream.state;

import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A record as Flink writes it, field by field, so that it can evolve, but which Flink knows to be
 * immutable: state that is touched while a checkpoint is written is not copied to its last field.
 */
public final class RecordSerializer<T> extends CompactSerializer<T> {

  private final TypeSerializer<T> fields;

  private transient DataOutputSerializer buffer;

  RecordSerializer(TypeSerializer<T> fields) {
    this.fields = fields;
  }

  @Override
  public RecordSerializer<T> duplicate() {
    return new RecordSerializer<>(fields.duplicate());
  }

  /** All at once: a checkpoint's stream takes about as long for one byte as for a hundred. */
  @Override
  public void serialize(T value, DataOutputView target) throws IOException {
    if (target instanceof DataOutputSerializer) {
      fields.serialize(value, target);
      return;
    }
    if (buffer == null) {
      buffer = new DataOutputSerializer(256);
    }
    buffer.clear();
    fields.serialize(value, buffer);
    target.write(buffer.getSharedBuffer(), 0, buffer.length());
  }

  @Override
  public T deserialize(DataInputView source) throws IOException {
    return fields.deserialize(source);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof RecordSerializer<?> other && fields.equals(other.fields);
  }

  @Override
  public int hashCode() {
    return Objects.hash(RecordSerializer.class, fields);
  }

  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    return new Snapshot<>(this);
  }

  /**
   * Written into savepoints: this class's name must stay. It tells the serializer of the fields.
   */
  public static final class Snapshot<T>
      extends CompositeTypeSerializerSnapshot<T, RecordSerializer<T>> {

    /** For Flink, which reads the rest. */
    public Snapshot() {}

    Snapshot(RecordSerializer<T> serializer) {
      super(serializer);
    }

    @Override
    protected int getCurrentOuterSnapshotVersion() {
      return 1;
    }

    @Override
    protected TypeSerializer<?>[] getNestedSerializers(RecordSerializer<T> outer) {
      return new TypeSerializer<?>[] {outer.fields};
    }

    @Override
    @SuppressWarnings("unchecked") // It is what getNestedSerializers has given.
    protected RecordSerializer<T> createOuterSerializerWithNestedSerializers(
        TypeSerializer<?>[] nested) {
      return new RecordSerializer<>((TypeSerializer<T>) nested[0]);
    }
  }
}
