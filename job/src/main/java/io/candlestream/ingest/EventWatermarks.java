package io.candlestream.ingest;

import io.candlestream.market.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.util.clock.RelativeClock;

/**
 * Event time by accepted events alone, of a record with several the latest: a rejected one, or a
 * record without any, neither moves a watermark nor keeps its split from counting as idle.
 *
 * <p>A split's watermark is its highest timestamp − the out-of-orderness. A split that is silent
 * for the idle timeout no longer holds the others back. Where all splits of a reader are silent,
 * its watermark follows the machine's clock, so that the last candles close; as the watermark
 * downstream is the least of all readers that are not idle, this shows only once all are silent.
 * Should a feed that is behind the clock resume, the watermark stands until event time has passed
 * that clock; until then its candles go out when they leave the state. Nothing is lost by it: what
 * an instrument's own ticks have not passed is never dropped.
 */
public final class EventWatermarks<T extends Event> implements WatermarkStrategy<Verdict<T>> {

  private final Duration outOfOrderness;

  /** Null: no split ever counts as idle. */
  private final Duration idleTimeout;

  private final long strideMillis;

  private transient SilentReader reader;

  private EventWatermarks(Duration outOfOrderness, Duration idleTimeout, long strideMillis) {
    this.outOfOrderness = outOfOrderness;
    this.idleTimeout = idleTimeout;
    this.strideMillis = strideMillis;
  }

  /** For input that ends: it is read as fast as it comes, and is over when it is over. */
  public static <T extends Event> EventWatermarks<T> bounded(Duration outOfOrderness) {
    return new EventWatermarks<>(outOfOrderness, null, Long.MAX_VALUE);
  }

  public static <T extends Event> EventWatermarks<T> unbounded(
      Duration outOfOrderness, Duration idleTimeout) {
    return new EventWatermarks<>(outOfOrderness, idleTimeout, Long.MAX_VALUE);
  }

  /** The same, with a watermark not only now and then but whenever a split is so much further. */
  public EventWatermarks<T> atLeastEvery(Duration stride) {
    return new EventWatermarks<>(outOfOrderness, idleTimeout, stride.toMillis());
  }

  @Override
  public TimestampAssigner<Verdict<T>> createTimestampAssigner(
      TimestampAssignerSupplier.Context context) {
    return (verdict, recordTimestamp) ->
        verdict.hasAccepted()
            ? Math.floorDiv(verdict.highestTimestampMicros(), 1_000)
            : recordTimestamp;
  }

  /** Flink asks first for the generator of the reader as a whole, then for one of each split. */
  @Override
  public WatermarkGenerator<Verdict<T>> createWatermarkGenerator(
      WatermarkGeneratorSupplier.Context context) {
    if (idleTimeout == null) {
      return new Split(context.getInputActivityClock());
    }
    if (reader == null) {
      reader = new SilentReader(context.getInputActivityClock());
      return reader;
    }
    Split split = new Split(context.getInputActivityClock());
    reader.splits.add(split);
    return split;
  }

  /** The watermarks of one Kafka partition or file. */
  private final class Split implements WatermarkGenerator<Verdict<T>> {

    private final Silence silence;
    private long highestMillis = Long.MIN_VALUE;

    /** The highest timestamp when a watermark was last emitted; before the first, the first. */
    private long emittedMillis = Long.MIN_VALUE;

    private boolean idle;

    Split(RelativeClock clock) {
      silence = new Silence(clock);
    }

    @Override
    public void onEvent(Verdict<T> verdict, long timestampMillis, WatermarkOutput output) {
      if (!verdict.hasAccepted()) {
        return;
      }
      highestMillis = Math.max(highestMillis, timestampMillis);
      silence.end();
      if (idle) {
        idle = false;
        output.markActive();
      }
      if (emittedMillis == Long.MIN_VALUE) {
        emittedMillis = highestMillis;
      } else if (highestMillis - emittedMillis > strideMillis) {
        emit(output);
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      if (silence.isOver(idleTimeout)) {
        idle = true;
        output.markIdle();
      } else if (highestMillis != Long.MIN_VALUE) {
        emit(output);
      }
    }

    private void emit(WatermarkOutput output) {
      emittedMillis = highestMillis;
      output.emitWatermark(new Watermark(highestMillis - outOfOrderness.toMillis() - 1));
    }
  }

  /** The reader as a whole: no tick comes by here, but time passes while all splits are idle. */
  private final class SilentReader implements WatermarkGenerator<Verdict<T>> {

    private final List<Split> splits = new ArrayList<>();
    private final Silence silence;

    SilentReader(RelativeClock clock) {
      silence = new Silence(clock);
    }

    @Override
    public void onEvent(Verdict<T> verdict, long timestampMillis, WatermarkOutput output) {}

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      boolean allIdle = splits.stream().allMatch(split -> split.idle);
      if (allIdle && (!splits.isEmpty() || silence.isOver(idleTimeout))) {
        output.emitWatermark(
            new Watermark(System.currentTimeMillis() - outOfOrderness.toMillis() - 1));
        output.markIdle();
      }
    }
  }

  /** How long there has been nothing, by a clock that stands still under backpressure. */
  private static final class Silence {

    private final RelativeClock clock;
    private long sinceNanos;
    private boolean ended;

    Silence(RelativeClock clock) {
      this.clock = clock;
      this.sinceNanos = clock.relativeTimeNanos();
    }

    void end() {
      ended = true;
    }

    boolean isOver(Duration timeout) {
      if (ended) {
        ended = false;
        sinceNanos = clock.relativeTimeNanos();
      }
      return timeout != null && clock.relativeTimeNanos() - sinceNanos > timeout.toNanos();
    }
  }
}
