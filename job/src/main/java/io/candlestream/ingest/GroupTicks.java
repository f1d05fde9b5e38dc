package io.candlestream.ingest;

import io.candlestream.market.Instrument;
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
 * Has ticks of one instrument travel together through the shuffle. They wait for others for {@value
 * #LONGEST_WAIT_MILLIS} ms at most, and never while time passes or a checkpoint is made: what comes
 * before a watermark or a barrier is what would without this, so that no tick becomes late by it
 * and there is nothing to be kept in state.
 */
public final class GroupTicks extends AbstractStreamOperator<Ticks>
    implements OneInputStreamOperator<Tick, Ticks> {

  private static final long serialVersionUID = 1;

  static final int MOST_TICKS = 1_024;
  static final int MOST_BYTES = 1 << 20;
  static final int LONGEST_WAIT_MILLIS = 5;

  private transient Map<Instrument, List<Tick>> waiting;
  private transient int ticks;
  private transient int bytes;
  private transient boolean isTimed;
  private transient StreamRecord<Ticks> record;

  @Override
  public void open() throws Exception {
    super.open();
    waiting = new HashMap<>();
    record = new StreamRecord<>(null);
  }

  @Override
  public void processElement(StreamRecord<Tick> element) {
    Tick tick = element.getValue();
    waiting.computeIfAbsent(tick.instrument(), instrument -> new ArrayList<>()).add(tick);
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

  private void emit() {
    waiting.forEach(
        (instrument, list) -> output.collect(record.replace(new Ticks(instrument, list))));
    waiting.clear();
    ticks = 0;
    bytes = 0;
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
