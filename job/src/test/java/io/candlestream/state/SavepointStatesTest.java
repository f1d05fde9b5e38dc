package io.candlestream.state;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Instrument;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.typeutils.ListTypeInfo;
import org.apache.flink.api.java.typeutils.PojoField;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upgrade that would fail, or lose state, is told by uid, state and type. */
class SavepointStatesTest {

  private static final int MAX_PARALLELISM = 16;

  @TempDir private Path folder;

  public record Count(long count) {}

  public record Word(String word) {}

  public record Sentence(List<Word> words) {}

  @Test
  void aJobThatIsTheSameReadsAll() throws Exception {
    assertThat(
            problems(
                saved("count", state("seen", Count.class)),
                saved("count", state("seen", Count.class))))
        .isEmpty();
  }

  @Test
  void whatIsNewInTheJobIsNoProblem() throws Exception {
    assertThat(
            problems(
                saved("count", state("seen", Count.class)),
                saved("count", state("seen", Count.class), state("more", Word.class))))
        .isEmpty();
  }

  @Test
  void stateOfAnOperatorThatIsGoneWouldBeLost() throws Exception {
    assertThat(
            problems(
                saved("count", state("seen", Count.class)),
                saved("recount", state("seen", Count.class))))
        .containsExactly(
            "uid count: the job has no such operator, and would lose state"
                + " _timer_state/event_user-timers of type Timer<Instrument, VoidNamespace>",
            "uid count: the job has no such operator, and would lose state"
                + " _timer_state/processing_user-timers of type Timer<Instrument, VoidNamespace>",
            "uid count: the job has no such operator, and would lose state seen of type "
                + Count.class.getName());
  }

  @Test
  void stateThatNobodyAsksForWouldBeLost() throws Exception {
    assertThat(
            problems(
                saved("count", state("seen", Count.class), state("last", Word.class)),
                saved("count", state("seen", Count.class))))
        .containsExactly(
            "uid count: the job does not know state last of type %s, and would lose it"
                .formatted(Word.class.getName()));
  }

  @Test
  void aRecordInThePlaceOfAnotherCannotBeRead() throws Exception {
    assertThat(
            problems(
                saved("count", state("seen", Count.class)),
                saved("count", state("seen", Word.class))))
        .containsExactly(
            "uid count: state seen of type %1$s cannot be read: value was %1$s and is %2$s"
                .formatted(Count.class.getName(), Word.class.getName()));
  }

  @Test
  void aSerializerThatDoesNotKnowAnOlderVersionCannotReadIt() throws Exception {
    assertThat(
            problems(
                saved(
                    "count",
                    new Keeps("seen", new CompactType<>(Word.class, new WordSerializer(1)))),
                saved(
                    "count",
                    new Keeps("seen", new CompactType<>(Word.class, new WordSerializer(2))))))
        .containsExactly(
            ("uid count: state seen of type SavepointStatesTest$Word cannot be read: value was"
                    + " %1$s version 1 and is %1$s version 2")
                .formatted(WordSerializer.Snapshot.class.getName()));
  }

  /** Where Flink says no more than that a record changed. */
  @Test
  void theFieldThatCannotBeReadIsNamed() throws Exception {
    assertThat(
            problems(
                saved("count", new Keeps("seen", sentence(new WordSerializer(1)))),
                saved("count", new Keeps("seen", sentence(new WordSerializer(2))))))
        .containsExactly(
            ("uid count: state seen of type %1$s cannot be read: value.words.0 was %2$s version 1"
                    + " and is %2$s version 2")
                .formatted(Sentence.class.getName(), WordSerializer.Snapshot.class.getName()));
  }

  private static TypeInformation<Sentence> sentence(WordSerializer words) throws Exception {
    return new PojoTypeInfo<>(
        Sentence.class,
        List.of(
            new PojoField(
                Sentence.class.getDeclaredField("words"),
                new ListTypeInfo<>(new CompactType<>(Word.class, words)))));
  }

  @Test
  void aValueCannotBeReadAsAList() throws Exception {
    assertThat(
            problems(
                saved("count", state("seen", Count.class)),
                saved("count", state("seen", Count.class).asList())))
        .containsExactly(
            "uid count: state seen of type %s was KEY_VALUE VALUE and is KEY_VALUE LIST"
                .formatted(Count.class.getName()));
  }

  @Test
  void aSerializersSnapshotWhoseClassIsGoneCannotBeRead() throws Exception {
    Path written =
        saved("count", new Keeps("seen", new CompactType<>(Word.class, new WordSerializer(1))));
    Path metadata = written.resolve("_metadata");
    String bytes = Files.readString(metadata, ISO_8859_1);
    Files.writeString(
        metadata,
        bytes.replace("$WordSerializer$Snapshot", "$WordSerializer$Snapshop"),
        ISO_8859_1);

    assertThat(problems(written, saved("count", state("seen", Word.class))))
        .containsExactly(
            "uid count: its state cannot be read: Could not find class"
                + " 'io.candlestream.state.SavepointStatesTest$WordSerializer$Snapshop' in"
                + " classpath.");
  }

  @Test
  void anotherMaximumParallelismIsSaid() throws Exception {
    assertThat(
            problems(
                saved(MAX_PARALLELISM / 2, "count", state("seen", Count.class)),
                saved("count", state("seen", Count.class))))
        .containsExactly("uid count: its maximum parallelism was 8 and is 16");
  }

  private static List<String> problems(Path written, Path job) throws IOException {
    return SavepointStates.of(written).problemsFor(SavepointStates.of(job));
  }

  private static Keeps state(String name, Class<?> type) {
    return new Keeps(name, Types.of(type));
  }

  private Path saved(String uid, Keeps... states) throws Exception {
    return saved(MAX_PARALLELISM, uid, states);
  }

  /** A savepoint of a job with one operator. */
  private Path saved(int maxParallelism, String uid, Keeps... states) throws Exception {
    OperatorState operator = new OperatorState(uid, uid, new OperatorID(), 1, maxParallelism);
    try (Subtask<Instrument, Void> subtask =
        Subtask.of(new Keeper(List.of(states)), instrument -> instrument)) {
      operator.putState(0, Subtask.Snapshot.of(subtask).state());
    }
    Path savepoint = Files.createTempDirectory(folder, "savepoint-");
    try (OutputStream out = Files.newOutputStream(savepoint.resolve("_metadata"))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(
              1,
              List.of(operator),
              List.of(),
              CheckpointProperties.forSavepoint(false, SavepointFormatType.CANONICAL)),
          out);
    }
    return savepoint;
  }

  /** A state of a key. */
  private record Keeps(String name, TypeInformation<?> type, boolean list) implements Serializable {

    Keeps(String name, TypeInformation<?> type) {
      this(name, type, false);
    }

    Keeps asList() {
      return new Keeps(name, type, true);
    }
  }

  private static final class Keeper extends KeyedProcessFunction<Instrument, Instrument, Void> {

    private final List<Keeps> states;

    Keeper(List<Keeps> states) {
      this.states = states;
    }

    @Override
    public void open(OpenContext context) {
      for (Keeps state : states) {
        if (state.list()) {
          getRuntimeContext().getListState(new ListStateDescriptor<>(state.name(), state.type()));
        } else {
          getRuntimeContext().getState(new ValueStateDescriptor<>(state.name(), state.type()));
        }
      }
    }

    @Override
    public void processElement(Instrument instrument, Context context, Collector<Void> out) {}
  }

  /** Knows no version but its own. */
  public static final class WordSerializer extends CompactSerializer<Word> {

    private final int version;

    WordSerializer(int version) {
      this.version = version;
    }

    @Override
    public void serialize(Word word, DataOutputView target) throws IOException {
      target.writeUTF(word.word());
    }

    @Override
    public Word deserialize(DataInputView source) throws IOException {
      return new Word(source.readUTF());
    }

    @Override
    public TypeSerializerSnapshot<Word> snapshotConfiguration() {
      Snapshot snapshot = new Snapshot();
      snapshot.version = version;
      return snapshot;
    }

    public static final class Snapshot implements TypeSerializerSnapshot<Word> {

      private int version;

      @Override
      public int getCurrentVersion() {
        return version;
      }

      @Override
      public void writeSnapshot(DataOutputView out) {}

      @Override
      public void readSnapshot(int readVersion, DataInputView in, ClassLoader loader) {
        version = readVersion;
      }

      @Override
      public TypeSerializer<Word> restoreSerializer() {
        return new WordSerializer(version);
      }

      @Override
      public TypeSerializerSchemaCompatibility<Word> resolveSchemaCompatibility(
          TypeSerializerSnapshot<Word> old) {
        return old.getCurrentVersion() == version
            ? TypeSerializerSchemaCompatibility.compatibleAsIs()
            : TypeSerializerSchemaCompatibility.incompatible();
      }
    }
  }
}
