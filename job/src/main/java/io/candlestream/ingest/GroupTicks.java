package io.candlestream.ingest;

import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Has ticks of one instrument and candle travel together through the shuffle, unless one of another
 * candle comes between them. They wait for others for {@value #LONGEST_WAIT_MILLIS} ms at most, and
 * never while time passes or a checkpoint is made: what comes before a watermark or a barrier is
 * what would without this, so that no tick becomes late by it and there is nothing to be kept in
 * state.
 */
public final class GroupTicks extends AbstractStreamOperator<Ticks>
    implements OneInputStreamOperator<Tick, Ticks> {

  private static final long serialVersionUID = 1;

  static final int MOST_TICKS = 1_024;
  static final int MOST_BYTES = 1 << 20;
  static final int LONGEST_WAIT_MILLIS = 5;

  private final Intervals intervals;

  /** The last group of each instrument. */
  private transient Map<Instrument, Group> growing;

  /** Those before, in their order. */
  private transient List<Ticks> complete;

  private transient int ticks;
  private transient int bytes;
  private transient boolean isTimed;
  private transient StreamRecord<Ticks> record;

  private record Group(long startMicros, List<Tick> list) {}

  public GroupTicks(Intervals intervals) {
    this.intervals = intervals;
  }

  @Override
  public void open() throws Exception {
    super.open();
    growing = new HashMap<>();
    complete = new ArrayList<>();
    record = new StreamRecord<>(null);
  }

  @Override
  public void processElement(StreamRecord<Tick> element) {
    Tick tick = element.getValue();
    groupOf(tick).list().add(tick);
    ticks++;
    bytes += tick.raw().length;
    if (ticks >= MOST_TICKS || bytes >= MOST_BYTES) {
      emit();
    } else if (!isTimed) {
      isTimed = true;
      getProcessingTimeService()
          .registerTimer(
              getProcessingTimeService().getCurrentProcessingTime() + LONGEST_WAIT_MILLIS,
              now -> {
                isTimed = false;
                emit();
              });
    }
  }

  private Group groupOf(Tick tick) {
    Group last = growing.get(tick.instrument());
    if (last != null && intervals.contains(last.startMicros(), tick.timestampMicros())) {
      return last;
    }
    if (last != null) {
      complete.add(new Ticks(tick.instrument(), last.list()));
    }
    Group next = new Group(intervals.startOf(tick.timestampMicros()), new ArrayList<>());
    growing.put(tick.instrument(), next);
    return next;
  }

  private void emit() {
    complete.forEach(this::emit);
    complete.clear();
    growing.forEach((instrument, group) -> emit(new Ticks(instrument, group.list())));
    growing.clear();
    ticks = 0;
    bytes = 0;
  }

  private void emit(Ticks group) {
    output.collect(record.replace(group));
  }

  @Override
  public void processWatermark(Watermark watermark) throws Exception {
    emit();
    super.processWatermark(watermark);
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    emit();
    super.processWatermarkStatus(status);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpoint) {
    emit();
  }

  @Override
  public void finish() throws Exception {
    emit();
    super.finish();
  }
}
