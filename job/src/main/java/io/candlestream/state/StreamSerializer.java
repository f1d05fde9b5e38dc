package io.candlestream.state;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What all serializers of our own share. A serializer's bytes are part of every savepoint, and the
 * name of its snapshot's class says which they are. So other bytes need another serializer with a
 * snapshot of its own, which calls itself compatible after migration with the snapshot before it;
 * that and the serializer it restores stay, to read what was written.
 */
abstract class StreamSerializer<T> extends TypeSerializerSingleton<T> {

  @Override
  public T copy(T from, T reuse) {
    return copy(from);
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }
}
