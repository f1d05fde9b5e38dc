package io.candlestream.portfolio;

import io.candlestream.market.Fill;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.state.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** The operator that keeps the portfolio, in some subtasks, with its tables behind it. */
final class PortfolioStation {

  private static final int MAX_PARALLELISM = 16;

  /** So few that even short histories have several pages. */
  private static final int PAGE_FILLS = 3;

  /** The state of all subtasks. */
  record Snapshot(OperatorSubtaskState state, int parallelism) {}

  private final List<KeyedTwoInputStreamOperatorTestHarness<Instrument, Fill, Mark, PositionRow>>
      subtasks = new ArrayList<>();

  private final PortfolioTables tables;
  private final List<Reject> late = new ArrayList<>();
  private long fillsWatermark = Long.MIN_VALUE;
  private long marksWatermark = Long.MIN_VALUE;

  /**
   * @param snapshot to go on from; null to begin
   */
  PortfolioStation(Intervals intervals, int parallelism, Snapshot snapshot, PortfolioTables tables)
      throws Exception {
    this.tables = tables;
    for (int index = 0; index < parallelism; index++) {
      KeyedTwoInputStreamOperatorTestHarness<Instrument, Fill, Mark, PositionRow> subtask =
          new KeyedTwoInputStreamOperatorTestHarness<>(
              KeepPortfolio.operator(intervals, PAGE_FILLS),
              Fill::instrument,
              Mark::instrument,
              Types.of(Instrument.class),
              MAX_PARALLELISM,
              parallelism,
              index);
      subtask.setup();
      if (snapshot != null) {
        subtask.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                snapshot.state(), MAX_PARALLELISM, snapshot.parallelism(), parallelism, index));
      }
      subtask.open();
      subtasks.add(subtask);
    }
  }

  void fill(Fill fill) throws Exception {
    of(fill.instrument()).processElement1(new StreamRecord<>(fill));
    write();
  }

  void mark(Mark mark) throws Exception {
    of(mark.instrument()).processElement2(new StreamRecord<>(mark));
    write();
  }

  private KeyedTwoInputStreamOperatorTestHarness<Instrument, Fill, Mark, PositionRow> of(
      Instrument instrument) {
    return subtasks.get(
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            instrument, MAX_PARALLELISM, subtasks.size()));
  }

  /** Watermarks never go back. */
  void watermarks(long ofFills, long ofMarks) throws Exception {
    for (var subtask : subtasks) {
      if (ofFills > fillsWatermark) {
        subtask.processWatermark1(new Watermark(ofFills));
      }
      if (ofMarks > marksWatermark) {
        subtask.processWatermark2(new Watermark(ofMarks));
      }
    }
    fillsWatermark = Math.max(fillsWatermark, ofFills);
    marksWatermark = Math.max(marksWatermark, ofMarks);
    write();
  }

  private void write() {
    for (var subtask : subtasks) {
      for (Object output : subtask.getOutput()) {
        if (output instanceof StreamRecord<?> record) {
          tables.add((PositionRow) record.getValue());
        }
      }
      subtask.getOutput().clear();
      drain(subtask.getSideOutput(KeepPortfolio.BOOKED)).forEach(tables::add);
      drain(subtask.getSideOutput(KeepPortfolio.SNAPSHOTS)).forEach(tables::add);
      late.addAll(drain(subtask.getSideOutput(KeepPortfolio.LATE)));
    }
  }

  private static <T> List<T> drain(Queue<StreamRecord<T>> output) {
    List<T> drained = new ArrayList<>();
    while (output != null && !output.isEmpty()) {
      drained.add(output.poll().getValue());
    }
    return drained;
  }

  /** What came too late since the beginning. */
  List<Reject> late() {
    return late;
  }

  Snapshot snapshot() throws Exception {
    List<OperatorSubtaskState> states = new ArrayList<>();
    for (var subtask : subtasks) {
      states.add(subtask.snapshot(1, 1));
    }
    return new Snapshot(
        AbstractStreamOperatorTestHarness.repackageState(
            states.toArray(OperatorSubtaskState[]::new)),
        subtasks.size());
  }

  void close() throws Exception {
    for (var subtask : subtasks) {
      subtask.close();
    }
  }
}
