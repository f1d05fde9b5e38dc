package io.candlestream.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;

class DurableCountersTest {

  @Test
  void countsGoOnAfterARestart() throws Exception {
    Snapshot snapshot;
    try (Subtask<String, Void> words = subtask(1, 0, null)) {
      take(words, "a", "b", "b", "in", "in", "out");
      assertCounts(List.of(words), 1, 2, 1);
      snapshot = Snapshot.of(words);
    }
    try (Subtask<String, Void> words = subtask(1, 0, snapshot)) {
      assertCounts(List.of(words), 1, 2, 1);
      take(words, "a", "b", "out");
      assertCounts(List.of(words), 2, 3, 0);
    }
  }

  @Test
  void whatCameAfterTheCheckpointIsNotCountedTwice() throws Exception {
    Snapshot snapshot;
    try (Subtask<String, Void> words = subtask(1, 0, null)) {
      take(words, "a");
      snapshot = Snapshot.of(words);
      take(words, "a", "b");
    }
    try (Subtask<String, Void> words = subtask(1, 0, snapshot)) {
      take(words, "a", "b");
      assertCounts(List.of(words), 2, 1, 0);
    }
  }

  @Test
  void theSumsStayWhenTheParallelismChanges() throws Exception {
    List<Subtask<String, Void>> words = rescale(1, List.of());
    take(words.get(0), "a", "b", "b", "in");
    assertCounts(words, 1, 2, 1);

    words = rescale(3, words);
    assertCounts(words, 1, 2, 1);
    take(words.get(0), "a");
    take(words.get(1), "a", "in", "in");
    take(words.get(2), "b", "out");
    assertCounts(words, 3, 3, 2);

    words = rescale(2, words);
    assertCounts(words, 3, 3, 2);
    take(words.get(1), "b", "out", "out");
    assertCounts(words, 3, 4, 0);

    words = rescale(3, words);
    words = rescale(1, words);
    assertCounts(words, 3, 4, 0);
    words.forEach(Subtask::close);
  }

  @Test
  void aCounterThatTheNewVersionDoesNotKnowIsKeptForTheOneThatDoes() throws Exception {
    List<Subtask<String, Void>> words = rescale(1, List.of());
    take(words.get(0), "a", "b");
    Snapshot withWords = Snapshot.of(words);
    words.forEach(Subtask::close);

    Snapshot withoutWords;
    try (Subtask<String, Void> none = Subtask.of(new CountNothing(), 1, 0, withWords)) {
      withoutWords = Snapshot.of(none);
    }
    try (Subtask<String, Void> restored = subtask(1, 0, withoutWords)) {
      assertCounts(List.of(restored), 1, 1, 0);
    }
  }

  private static List<Subtask<String, Void>> rescale(
      int parallelism, List<Subtask<String, Void>> before) throws Exception {
    Snapshot snapshot = before.isEmpty() ? null : Snapshot.of(before);
    before.forEach(Subtask::close);
    List<Subtask<String, Void>> subtasks = new ArrayList<>();
    for (int index = 0; index < parallelism; index++) {
      subtasks.add(subtask(parallelism, index, snapshot));
    }
    return subtasks;
  }

  private static void take(Subtask<String, Void> words, String... some) throws Exception {
    for (String word : some) {
      words.take(word);
    }
  }

  private static void assertCounts(
      List<Subtask<String, Void>> subtasks, long a, long b, long level) {
    TreeMap<String, Long> sums = new TreeMap<>();
    for (String name : List.of("letters", "letter.a.letters", "letter.b.letters", "level")) {
      sums.put(name, subtasks.stream().mapToLong(subtask -> subtask.metric(name)).sum());
    }
    TreeMap<String, Long> expected = new TreeMap<>();
    expected.put("letters", a + b);
    expected.put("letter.a.letters", a);
    expected.put("letter.b.letters", b);
    expected.put("level", level);
    assertThat(sums).isEqualTo(expected);
  }

  private static Subtask<String, Void> subtask(int parallelism, int index, Snapshot snapshot)
      throws Exception {
    return Subtask.of(new CountWords(), parallelism, index, snapshot);
  }

  /** Counts the letters a and b, and how many more words came in than went out. */
  private static final class CountWords extends ProcessFunction<String, Void>
      implements CheckpointedFunction {

    private transient DurableCounters counters;
    private transient Counter all;
    private transient Counter a;
    private transient Counter b;
    private transient Counter level;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      counters = DurableCounters.restore(getRuntimeContext(), context);
      all = counters.counter("letters");
      a = counters.counter("letters", "letter", "a");
      b = counters.counter("letters", "letter", "b");
      level = counters.level("level");
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
      counters.save();
    }

    @Override
    public void processElement(String word, Context context, Collector<Void> out) {
      switch (word) {
        case "a" -> {
          all.inc();
          a.inc();
        }
        case "b" -> {
          all.inc();
          b.inc();
        }
        case "in" -> level.inc();
        case "out" -> level.dec();
        default -> throw new IllegalArgumentException(word);
      }
    }
  }

  /** Another version of the operator, which has no counters of its own. */
  private static final class CountNothing extends ProcessFunction<String, Void>
      implements CheckpointedFunction {

    private transient DurableCounters counters;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      counters = DurableCounters.restore(getRuntimeContext(), context);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
      counters.save();
    }

    @Override
    public void processElement(String word, Context context, Collector<Void> out) {}
  }
}
