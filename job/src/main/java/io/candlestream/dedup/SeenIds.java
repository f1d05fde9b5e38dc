package io.candlestream.dedup;

import io.candlestream.market.DropFrontier;
import io.candlestream.market.TradeId;
import io.candlestream.state.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.metrics.Counter;

/** The ids that were seen of each key, interval by interval, until the frontier passes these. */
final class SeenIds {

  /** By the interval's start. */
  private final MapState<Long, TradeIds> seen;

  private final Counter entries;

  /**
   * @param entries how many there are
   */
  SeenIds(KeyedStateStore store, Counter entries) {
    this.seen =
        store.getMapState(
            new MapStateDescriptor<>(
                "seen", BasicTypeInfo.LONG_TYPE_INFO, Types.of(TradeIds.class)));
    this.entries = entries;
  }

  /** The ids of an interval, to add to; what was added counts when they are put back. */
  TradeIds of(long start) throws Exception {
    TradeIds ids = seen.get(start);
    return ids == null ? new TradeIds() : ids;
  }

  /**
   * Keeps the ids of an interval.
   *
   * @param added so many of them are new
   */
  void put(long start, TradeIds ids, long added) throws Exception {
    seen.put(start, ids);
    entries.inc(added);
  }

  /** Whether an id is there, in any interval. */
  boolean contains(TradeId id) throws Exception {
    for (TradeIds ids : seen.values()) {
      if (ids.contains(id)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Forgets the ids of intervals that the frontier has passed.
   *
   * @param dropped takes the start of each
   */
  void drop(DropFrontier frontier, LongConsumer dropped) throws Exception {
    List<Long> starts = new ArrayList<>();
    seen.keys().forEach(starts::add);
    for (Long start : starts) {
      if (frontier.isDropped(start)) {
        entries.dec(of(start).size());
        seen.remove(start);
        dropped.accept(start);
      }
    }
  }
}
