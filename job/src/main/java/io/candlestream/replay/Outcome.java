package io.candlestream.replay;

import io.candlestream.market.Origin;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobExecutionResult;

/**
 * What has become of the rejects that were to be replayed.
 *
 * @param in those that are in their candles now
 * @param out how many are not, and why
 */
public record Outcome(List<Origin> in, Map<Refusal, Integer> out) {

  static final String ACCEPTED = "acceptedRejects";
  static final String REJECTED = "rejectedRejects";

  /**
   * What a {@link Rebuild} that has ended says of those of its plan.
   *
   * @throws IllegalStateException if it does not say: it failed when its sources had ended
   */
  static Outcome of(JobExecutionResult run, ReplayPlan plan) {
    BitSet accepted = run.getAccumulatorResult(ACCEPTED);
    BitSet rejected = run.getAccumulatorResult(REJECTED);
    if (accepted == null || rejected == null) {
      throw new IllegalStateException(
          "the rebuild failed when all had been read, and no longer knows what was: replay again");
    }
    List<Origin> in = new ArrayList<>();
    Map<Refusal, Integer> out = new EnumMap<>(Refusal.class);
    for (int place = 0; place < plan.replayed().size(); place++) {
      if (rejected.get(place)) {
        out.merge(Refusal.STILL_REJECTED, 1, Integer::sum);
      } else if (accepted.get(place)) {
        in.add(plan.replayed().get(place));
      } else {
        out.merge(Refusal.NOT_IN_SOURCE, 1, Integer::sum);
      }
    }
    return new Outcome(in, out);
  }
}
