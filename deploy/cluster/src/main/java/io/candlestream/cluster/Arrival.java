package io.candlestream.cluster;

import io.candlestream.servers.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The moment at which a job that was submitted has proved itself. */
final class Arrival {

  private Arrival() {}

  /**
   * Waits until all its tasks run and it has committed: a checkpoint is complete, so all rows
   * before it are in the database. A job whose input has ended has committed, too.
   *
   * @throws SubmitException if the job has ended, or has not committed in time; with its last
   *     failure
   */
  static void await(ClusterJob job, Duration patience) throws IOException, InterruptedException {
    boolean[] asked = {false};
    boolean committed =
        Await.isTrueWithin(
            patience,
            ClusterJob.BETWEEN_LOOKS,
            () -> {
              Optional<String> status = job.status();
              // One that ended after it had committed has done what is waited for.
              if (job.completedCheckpoints() > 0 || status.equals(ClusterJob.FINISHED)) {
                return true;
              }
              if (status.filter(ClusterJob.ENDED::contains).isPresent()) {
                throw new SubmitException(
                    "job %s is %s, and has never committed%s"
                        .formatted(job.id(), status.get(), because(job)));
              }
              if (!asked[0] && job.runs()) {
                job.checkpoint();
                asked[0] = true;
              }
              return false;
            });
    if (!committed) {
      throw new SubmitException(
          "job %s is %s, and has not committed within %d s%s"
              .formatted(
                  job.id(),
                  job.status().orElse("unknown to the cluster"),
                  patience.toSeconds(),
                  because(job)));
    }
  }

  private static String because(ClusterJob job) throws IOException, InterruptedException {
    return job.lastFailure().map(failure -> ": " + FlinkClient.withOurOptions(failure)).orElse("");
  }
}
