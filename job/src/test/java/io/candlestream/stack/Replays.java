package io.candlestream.stack;

import io.candlestream.config.JobConfig;
import io.candlestream.replay.Outcome;
import io.candlestream.replay.RejectSelection;
import io.candlestream.replay.Replay;
import io.candlestream.replay.ReplayPlan;
import io.candlestream.replay.StoredRejects;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Replays of rejects, as the command does them. */
final class Replays {

  private Replays() {}

  /**
   * What would be replayed.
   *
   * @param options of the command line, by which rejects are selected
   */
  static ReplayPlan plan(JobConfig config, String... options) throws Exception {
    try (StoredRejects rejects = new StoredRejects(config)) {
      return ReplayPlan.of(selection(options), config, rejects);
    }
  }

  static Outcome run(JobConfig config, Replay.Flink flink, String... options) throws Exception {
    try (StoredRejects rejects = new StoredRejects(config)) {
      ReplayPlan plan = ReplayPlan.of(selection(options), config, rejects);
      return Replay.run(plan, config, rejects, flink, said -> {});
    }
  }

  private static RejectSelection selection(String... options) {
    RejectSelection selection = new RejectSelection();
    new CommandLine(selection)
        .parseArgs(
            Stream.concat(Stream.of("--config=unread"), Stream.of(options)).toArray(String[]::new));
    return selection;
  }
}
