package io.candlestream.cluster;

import io.candlestream.servers.Await;
import java.io.IOException;
import java.time.Duration;

/** The moment at which a job that was submitted has proved itself. */
final class Arrival {

  private Arrival() {}

  /**
   * Waits until all its tasks run and it has committed: a checkpoint is complete, so all rows
   * before it are in the database.
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
              if (job.hasEnded()) {
                throw new SubmitException("job %s has ended%s".formatted(job.id(), because(job)));
              }
              if (!asked[0] && job.runs()) {
                job.checkpoint();
                asked[0] = true;
              }
              return job.completedCheckpoints() > 0;
            });
    if (!committed) {
      throw new SubmitException(
          "job %s has not committed within %d s%s"
              .formatted(job.id(), patience.toSeconds(), because(job)));
    }
  }

  private static String because(ClusterJob job) throws IOException, InterruptedException {
    return job.lastFailure().map(failure -> ": " + failure).orElse("");
  }
}
