package io.candlestream.ingest;

import io.candlestream.config.StartPosition;
import io.candlestream.market.Input;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.Tick;
import io.candlestream.metrics.DurableCounters;
import io.candlestream.state.Types;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Parts accepted ticks from rejected ones, and leaves out those whose candle began before the job
 * did: where reading starts in the middle of a partition, there are candles of which ticks are
 * missing, and which must not be written.
 *
 * <p>No accepted tick is further ahead of its record's timestamp than is allowed. So none that was
 * not read is later than the position, if that is a time, or else the timestamp of the first record
 * read, + so much. Where records are much younger than their ticks, in a topic that was filled in
 * one go, the first tick says it: whatever is ahead of it by more than a candle, the
 * out-of-orderness and the allowed lateness would have made it late.
 *
 * <p>This looks at partitions, not at instruments: it is exact where all ticks of an instrument are
 * in one partition, as they are when the instrument is the record's key.
 */
public final class AcceptTicks extends ProcessFunction<Verdict<Tick>, Tick>
    implements CheckpointedFunction {

  public static final OutputTag<Reject> REJECTED =
      new OutputTag<>("rejected", Types.of(Reject.class));

  /**
   * Where reading a partition began; kept for as long as the job lives.
   *
   * @param completeFromMicros the first moment from which on no tick is missing
   */
  public record PartitionStart(String topic, int partition, long completeFromMicros) {}

  private record Partition(String topic, int number) {}

  private static final long FROM_ITS_FIRST_RECORD = Long.MIN_VALUE;

  private final Intervals intervals;
  private final long maxAheadMicros;
  private final StartPosition start;

  private transient Map<Partition, Long> completeFrom;

  /** The partition of the record before, and its entry: most records follow one of their own. */
  private transient Partition last;

  private transient long lastCompleteFrom;

  private transient ListState<PartitionStart> starts;
  private transient DurableCounters counters;
  private transient Counter beforeStart;
  private transient Counter withoutTrades;
  private transient RejectCounters rejected;

  /**
   * @param maxAhead how far accepted ticks may be ahead of their records
   * @param start where reading began, for partitions that are not read from their first record on
   */
  public AcceptTicks(Intervals intervals, Duration maxAhead, StartPosition start) {
    this.intervals = intervals;
    this.maxAheadMicros = maxAhead.toMillis() * 1_000;
    this.start = start;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    // Any subtask may be given any partition after a restart, so each gets to know all of them.
    starts =
        context
            .getOperatorStateStore()
            .getUnionListState(
                new ListStateDescriptor<>("partitionStarts", Types.of(PartitionStart.class)));
    completeFrom = new HashMap<>();
    for (PartitionStart start : starts.get()) {
      completeFrom.put(new Partition(start.topic(), start.partition()), start.completeFromMicros());
    }
    counters = DurableCounters.restore(getRuntimeContext(), context);
    beforeStart = counters.counter("ticksBeforeStart");
    withoutTrades = counters.counter("recordsWithoutTrades");
    rejected = new RejectCounters(Input.TICKS, counters);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    counters.save();
    starts.clear();
    for (Map.Entry<Partition, Long> start : completeFrom.entrySet()) {
      Partition partition = start.getKey();
      starts.add(new PartitionStart(partition.topic(), partition.number(), start.getValue()));
    }
  }

  @Override
  public void processElement(Verdict<Tick> verdict, Context context, Collector<Tick> out) {
    long from = completeFrom(verdict);
    for (Tick tick : verdict.accepted()) {
      if (beginsBefore(from, tick)) {
        beforeStart.inc();
      } else {
        out.collect(tick);
      }
    }
    for (Reject tick : verdict.rejected()) {
      rejected.count(tick);
      context.output(REJECTED, tick);
    }
    if (verdict.isWithoutEvents()) {
      withoutTrades.inc();
    }
  }

  /** Whether a tick's candle does; of nearly all it is said without a division. */
  private boolean beginsBefore(long moment, Tick tick) {
    return tick.timestampMicros() - intervals.lengthMicros() < moment
        && intervals.startOf(tick.timestampMicros()) < moment;
  }

  /** From when on the partition is complete; settled by the first record that has ticks. */
  private long completeFrom(Verdict<Tick> verdict) {
    Origin origin = verdict.origin();
    if (last != null
        && last.number() == origin.partition()
        && last.topic().equals(origin.topic())) {
      return lastCompleteFrom;
    }
    Partition partition = new Partition(origin.topic(), origin.partition());
    Long known = completeFrom.get(partition);
    if (known == null) {
      if (origin.offset() == 0) {
        known = FROM_ITS_FIRST_RECORD;
      } else if (verdict.hasAccepted()) {
        known = completeFromFirst(verdict);
      } else {
        return FROM_ITS_FIRST_RECORD;
      }
      completeFrom.put(partition, known);
    }
    last = partition;
    lastCompleteFrom = known;
    return known;
  }

  private long completeFromFirst(Verdict<Tick> verdict) {
    if (start.kind() == StartPosition.Kind.TIMESTAMP) {
      return start.timestamp().toEpochMilli() * 1_000 + maxAheadMicros;
    }
    long byTick =
        verdict.highestTimestampMicros()
            + intervals.lengthMicros()
            + intervals.outOfOrdernessMicros()
            + intervals.allowedLatenessMicros();
    long recordMillis = verdict.origin().recordTimestampMillis();
    return recordMillis == 0 ? byTick : Math.min(byTick, recordMillis * 1_000 + maxAheadMicros);
  }
}
