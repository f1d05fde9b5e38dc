package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Intervals;
import io.candlestream.market.SomeTick;
import io.candlestream.market.Tick;
import io.candlestream.market.Ticks;
import io.candlestream.state.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupTicksTest {

  private static final Intervals INTERVALS =
      Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMinutes(5));
  private static final SomeTick BTC = SomeTick.of("BTC");
  private static final SomeTick ETH = SomeTick.of("ETH");
  private static final Tick TICK = BTC.tick();

  private OneInputStreamOperatorTestHarness<Tick, Ticks> group;

  @BeforeEach
  void start() throws Exception {
    group = new OneInputStreamOperatorTestHarness<>(new GroupTicks(INTERVALS));
    group.setup(Types.of(Ticks.class).createSerializer(new SerializerConfigImpl()));
    group.open();
  }

  @AfterEach
  void close() throws Exception {
    group.close();
  }

  @Test
  void ticksOfAnInstrumentTravelTogetherInTheOrderInWhichTheyCame() throws Exception {
    Tick first = BTC.atSeconds(2).tick();
    Tick second = BTC.atSeconds(1).tick();
    Tick other = ETH.atSeconds(1).tick();
    take(first, other, second);
    assertThat(output()).isEmpty();
    group.processWatermark(1);
    assertThat(output())
        .containsExactlyInAnyOrder(
            new Ticks(first.instrument(), List.of(first, second)), Ticks.of(other));
  }

  @Test
  void thoseOfAnotherCandleAreAnotherGroupAndAllStayInOrder() throws Exception {
    Tick first = BTC.atSeconds(58).tick();
    Tick second = BTC.atSeconds(59).tick();
    Tick next = BTC.atSeconds(60).tick();
    Tick straggler = BTC.atSeconds(57).tick();
    take(first, second, next, straggler);
    group.processWatermark(1);
    assertThat(output())
        .containsExactly(
            new Ticks(first.instrument(), List.of(first, second)),
            Ticks.of(next),
            Ticks.of(straggler));
  }

  @Test
  void theyAreAheadOfAWatermark() throws Exception {
    take(TICK);
    group.processWatermark(1);
    assertThat(group.getOutput())
        .containsExactly(new StreamRecord<>(Ticks.of(TICK)), new Watermark(1));
  }

  @Test
  void theyAreAheadOfWordThatNothingComes() throws Exception {
    take(TICK);
    group.processWatermarkStatus(WatermarkStatus.IDLE);
    assertThat(group.getOutput())
        .containsExactly(new StreamRecord<>(Ticks.of(TICK)), WatermarkStatus.IDLE);
  }

  @Test
  void theyAreAheadOfACheckpointsBarrier() throws Exception {
    take(TICK);
    group.getOneInputOperator().prepareSnapshotPreBarrier(1);
    assertThat(output()).containsExactly(Ticks.of(TICK));
  }

  @Test
  void noneIsLeftAtTheEnd() throws Exception {
    take(TICK);
    group.getOneInputOperator().finish();
    assertThat(output()).containsExactly(Ticks.of(TICK));
  }

  @Test
  void noneWaitsForLong() throws Exception {
    group.setProcessingTime(100);
    take(TICK);
    group.setProcessingTime(100 + GroupTicks.LONGEST_WAIT_MILLIS - 1);
    take(TICK);
    assertThat(output()).isEmpty();
    group.setProcessingTime(100 + GroupTicks.LONGEST_WAIT_MILLIS);
    assertThat(SomeTick.each(output())).hasSize(2);

    take(TICK);
    group.setProcessingTime(100 + 2 * GroupTicks.LONGEST_WAIT_MILLIS);
    assertThat(output()).containsExactly(Ticks.of(TICK));
  }

  @Test
  void notMoreWaitThanFitInMemory() throws Exception {
    for (int i = 1; i < GroupTicks.MOST_TICKS; i++) {
      take((i % 2 == 0 ? BTC : ETH).tick());
    }
    assertThat(output()).isEmpty();
    take(TICK);
    assertThat(SomeTick.each(output())).hasSize(GroupTicks.MOST_TICKS);
  }

  @Test
  void aFewTicksWithMuchTextDoNotWaitEither() throws Exception {
    Tick large =
        new Tick(
            TICK.instrument(),
            TICK.order(),
            TICK.price(),
            TICK.size(),
            TICK.side(),
            new byte[GroupTicks.MOST_BYTES / 2]);
    take(large);
    assertThat(output()).isEmpty();
    take(large);
    assertThat(output()).hasSize(1);
  }

  private void take(Tick... ticks) throws Exception {
    for (Tick tick : ticks) {
      group.processElement(new StreamRecord<>(tick));
    }
  }

  private List<Ticks> output() {
    List<Ticks> output = new ArrayList<>(group.extractOutputValues());
    group.getOutput().clear();
    return output;
  }
}
