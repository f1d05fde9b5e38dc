package io.candlestream.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.dedup.TradeIds;
import io.candlestream.market.Instrument;
import io.candlestream.market.TradeId;
import io.candlestream.state.Subtask.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.util.Collector;

/** A function with cached state does what it does on Flink's own. */
class CachedStateOperatorTest {

  /** So little that it is full again and again. */
  private static final long SMALL = 4_000;

  private static final long LAST_TIMER = 3;

  private enum Action {
    ADD,
    REMOVE,
    LIST,
    LIST_WHOLE,
    CLEAR,
    SET,
    FORGET,
    WAIT
  }

  /**
   * Something that is done to the state of a key.
   *
   * @param entry of the map
   */
  record Step(String symbol, Action action, long entry, long number) {

    Instrument instrument() {
      return new Instrument("venue", symbol);
    }
  }

  /** Does each step, and says what it has seen. */
  private static final class Recorder extends KeyedProcessFunction<Instrument, Step, String>
      implements CheckpointedFunction {

    private static final long serialVersionUID = 1;

    private transient MapState<Long, TradeIds> map;
    private transient ValueState<TradeIds> value;

    @Override
    public void initializeState(FunctionInitializationContext context) {
      map =
          context
              .getKeyedStateStore()
              .getMapState(
                  new MapStateDescriptor<>(
                      "map", BasicTypeInfo.LONG_TYPE_INFO, Types.of(TradeIds.class)));
      value =
          context
              .getKeyedStateStore()
              .getState(new ValueStateDescriptor<>("value", Types.of(TradeIds.class)));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Step step, Context context, Collector<String> out) throws Exception {
      switch (step.action()) {
        case ADD -> map.put(step.entry(), with(step.number(), map.get(step.entry())));
        case REMOVE -> map.remove(step.entry());
        case LIST -> out.collect(keys().toString());
        case LIST_WHOLE -> out.collect(entries().toString());
        case CLEAR -> map.clear();
        case SET -> value.update(with(step.number(), value.value()));
        case FORGET -> value.clear();
        case WAIT -> context.timerService().registerEventTimeTimer(step.entry());
      }
      out.collect(
          "%s %s %s %s %s"
              .formatted(
                  step.symbol(),
                  map.isEmpty(),
                  map.contains(step.entry()),
                  size(map.get(step.entry())),
                  size(value.value())));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out)
        throws Exception {
      map.put(timestamp, with(timestamp, map.get(timestamp)));
      out.collect("%s %s".formatted(context.getCurrentKey(), entries()));
    }

    /** The same object, changed, as the functions on the path of every tick do it. */
    private static TradeIds with(long number, TradeIds known) {
      TradeIds ids = known == null ? new TradeIds() : known;
      ids.add(TradeId.of(number));
      return ids;
    }

    private List<Long> keys() throws Exception {
      List<Long> keys = new ArrayList<>();
      map.keys().forEach(keys::add);
      keys.sort(null);
      return keys;
    }

    private Map<Long, Long> entries() throws Exception {
      Map<Long, Long> entries = new TreeMap<>();
      for (Map.Entry<Long, TradeIds> entry : map.entries()) {
        entries.put(entry.getKey(), entry.getValue().size());
      }
      return entries;
    }

    private static long size(TradeIds ids) {
      return ids == null ? 0 : ids.size();
    }
  }

  @Property(tries = 300)
  void onTheHeap(@ForAll("steps") List<Step> steps, @ForAll("moments") List<Integer> moments)
      throws Exception {
    check(steps, moments, HashMapStateBackend::new);
  }

  @Property(tries = 40)
  void outsideTheHeap(@ForAll("steps") List<Step> steps, @ForAll("moments") List<Integer> moments)
      throws Exception {
    check(steps, moments, EmbeddedRocksDBStateBackend::new);
  }

  /**
   * Takes a snapshot at one moment, has it written at another while the steps go on, and in the end
   * begins anew from there.
   */
  private static void check(List<Step> steps, List<Integer> moments, Supplier<StateBackend> backend)
      throws Exception {
    int begun = Math.min(steps.size(), moments.get(0));
    int written = Math.min(steps.size(), begun + moments.get(1));
    Snapshot snapshot;
    Snapshot expectedSnapshot;
    try (Subtask<Step, String> cached = cached(backend, null);
        Subtask<Step, String> plain = plain(null)) {
      takeAll(steps.subList(0, begun), cached, plain);
      Subtask<Step, String>.PendingSnapshot pending = cached.beginSnapshot();
      expectedSnapshot = plain.beginSnapshot().finish();
      takeAll(steps.subList(begun, written), cached, plain);
      snapshot = pending.finish();
      takeAll(steps.subList(written, steps.size()), cached, plain);
      assertThat(cached.entries("map", TradeIds.class))
          .isEqualTo(plain.entries("map", TradeIds.class));
    }
    try (Subtask<Step, String> cached = cached(backend, snapshot);
        Subtask<Step, String> plain = plain(expectedSnapshot)) {
      takeAll(steps, cached, plain);
    }
  }

  private static void takeAll(
      List<Step> steps, Subtask<Step, String> cached, Subtask<Step, String> plain)
      throws Exception {
    for (Step step : steps) {
      cached.take(step);
      plain.take(step);
      assertThat(cached.output()).as("%s", step).isEqualTo(plain.output());
    }
    cached.watermark(LAST_TIMER);
    plain.watermark(LAST_TIMER);
    // Those of several keys fire in any order.
    assertThat(cached.output()).containsExactlyInAnyOrderElementsOf(plain.output());
  }

  private static Subtask<Step, String> cached(Supplier<StateBackend> backend, Snapshot snapshot)
      throws Exception {
    return Subtask.of(
        new CachedStateOperator<>(new Recorder(), SMALL),
        Step::instrument,
        backend.get(),
        1,
        0,
        snapshot);
  }

  private static Subtask<Step, String> plain(Snapshot snapshot) throws Exception {
    return Subtask.of(new KeyedProcessOperator<>(new Recorder()), Step::instrument, 1, 0, snapshot);
  }

  @Provide
  static Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of("A", "B", "C"),
            Arbitraries.of(Action.class),
            Arbitraries.longs().between(0, LAST_TIMER),
            Arbitraries.longs().between(0, 100_000))
        .as(Step::new)
        .list()
        .ofMaxSize(80);
  }

  @Provide
  static Arbitrary<List<Integer>> moments() {
    return Arbitraries.integers().between(0, 40).list().ofSize(2);
  }
}
