package io.candlestream.state;

import io.candlestream.market.DropFrontier;
import io.candlestream.market.Intervals;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;

/** The {@link DropFrontier} of each key. */
public final class KeptFrontier {

  /** What is to be done when the frontier has passed something. */
  @FunctionalInterface
  public interface Dropping {
    void drop(DropFrontier frontier) throws Exception;
  }

  private final ValueState<DropFrontier> state;
  private final Intervals intervals;

  public KeptFrontier(KeyedStateStore store, Intervals intervals) {
    this.state =
        store.getState(new ValueStateDescriptor<>("frontier", Types.uncopied(DropFrontier.class)));
    this.intervals = intervals;
  }

  /** Where it is by now; null before the key's first event. */
  public DropFrontier value() throws Exception {
    return state.value();
  }

  /** Has the key's highest timestamp begin anew; what is dropped stays dropped. */
  public void forgetHighest() throws Exception {
    DropFrontier known = state.value();
    if (known != null) {
      state.update(known.forgetHighest());
    }
  }

  /**
   * The frontier once an event of this timestamp has come.
   *
   * @param watermarkMillis no further event is expected up to here; milliseconds, inclusive
   */
  public DropFrontier advance(long timestampMicros, long watermarkMillis, Dropping dropping)
      throws Exception {
    DropFrontier known = state.value();
    DropFrontier before = known == null ? DropFrontier.START : known;
    DropFrontier now = before.advance(timestampMicros, watermarkMillis, intervals);
    if (now != before) {
      state.update(now);
    }
    if (now.droppedBeforeMicros() > before.droppedBeforeMicros()) {
      dropping.drop(now);
    }
    return now;
  }
}
