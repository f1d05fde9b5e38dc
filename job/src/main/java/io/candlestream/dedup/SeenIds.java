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

  /** Adds an id to an interval; false if it was there already. */
  boolean add(TradeId id, long start) throws Exception {
    TradeIds ids = seen.get(start);
    if (ids == null) {
      ids = new TradeIds();
    }
    if (!ids.add(id)) {
      return false;
    }
    seen.put(start, ids);
    entries.inc();
    return true;
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

  /** How many ids an interval has. */
  long count(long start) throws Exception {
    TradeIds ids = seen.get(start);
    return ids == null ? 0 : ids.size();
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
        entries.dec(count(start));
        seen.remove(start);
        dropped.accept(start);
      }
    }
  }
}
