package io.candlestream.replay;

import io.candlestream.RefreshAggregates;
import io.candlestream.Sinks;
import io.candlestream.candle.TouchedRange;
import io.candlestream.config.JobConfig;
import io.candlestream.recompute.Recompute;
import io.candlestream.recompute.Recompute.Series;
import io.candlestream.sink.Columns;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Brings rejects in: rebuilds their candles, computes the indicators from there on again, refreshes
 * the aggregates, and only then marks the rejects as replayed. So it can be run again wherever it
 * has failed, and a second time it finds nothing to do.
 */
public final class Replay {

  private Replay() {}

  /** Runs jobs that end. */
  public interface Flink {

    /**
     * Runs a job to its end.
     *
     * @param name the job's, for people
     */
    JobExecutionResult run(String name, Consumer<StreamExecutionEnvironment> topology)
        throws Exception;
  }

  /**
   * @param plan with at least one reject to be replayed
   * @param say is told what is done to the aggregates
   */
  public static Outcome run(
      ReplayPlan plan, JobConfig config, StoredRejects rejects, Flink flink, Consumer<String> say)
      throws Exception {
    JobExecutionResult rebuilt =
        flink.run("candlestream rebuild", env -> Rebuild.define(env, config, plan));
    Outcome outcome = Outcome.of(rebuilt, plan);
    int refused = rejects.refused(plan.candles().keySet());
    if (refused > 0) {
      throw new IOException(
          "the database refuses %d of the rebuilt candles, see rejected_rows: remove the cause, CALL"
                  .formatted(refused)
              + " replay_rejected_rows('market_data'), and replay the rejects again");
    }
    if (config.candles().fillGaps()) {
      rejects.fillGaps(plan.candles().keySet());
    }
    List<Series> series =
        plan.instruments().entrySet().stream()
            .map(each -> new Series(each.getKey(), Columns.micros(each.getValue())))
            .toList();
    flink.run(
        "candlestream recompute",
        env -> Recompute.define(env, config, series, Sinks.of(config.database())));
    RefreshAggregates.over(
        Optional.of(TouchedRange.since(Columns.micros(plan.from()))), config.database(), say);
    rejects.mark(outcome.in());
    return outcome;
  }
}
