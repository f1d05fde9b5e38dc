package io.candlestream.dedup;

import io.candlestream.state.MutableSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The number of trades, then their marks. */
public final class ContentMarksSerializer extends MutableSerializer<ContentMarks> {

  public static final ContentMarksSerializer INSTANCE = new ContentMarksSerializer();

  private ContentMarksSerializer() {}

  @Override
  public ContentMarks createInstance() {
    return new ContentMarks();
  }

  @Override
  public ContentMarks copy(ContentMarks from) {
    return from.copy();
  }

  @Override
  public void serialize(ContentMarks marks, DataOutputView target) throws IOException {
    int[] all = marks.marks();
    target.writeLong(marks.trades());
    target.writeInt(all.length);
    for (int mark : all) {
      target.writeInt(mark);
    }
  }

  @Override
  public ContentMarks deserialize(DataInputView source) throws IOException {
    long trades = source.readLong();
    int[] all = new int[source.readInt()];
    for (int i = 0; i < all.length; i++) {
      all[i] = source.readInt();
    }
    return ContentMarks.of(trades, all);
  }

  @Override
  public TypeSerializerSnapshot<ContentMarks> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints: this class's name must stay. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<ContentMarks> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
