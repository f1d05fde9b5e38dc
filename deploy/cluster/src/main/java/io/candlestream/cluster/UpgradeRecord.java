package io.candlestream.cluster;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.stream.Stream;

/**
 * How far an upgrade has come, and all it takes to go on with it.
 *
 * @param from the job that runs before it
 * @param to what is to run after it
 * @param migration of the database in between
 * @param trigger under which the savepoint was asked for
 * @param savepointDirectory below which it is to be found, and no other savepoint
 * @param savepoint where it is; null before it is complete
 * @param stoppedAtMillis when it was found complete; 0 before
 * @param isMigrated whether the database is as {@code to} needs it, so that this may be submitted
 * @param back what runs instead, where {@code to} did not; null as long as it may
 * @param isFinished whether {@code to}, or {@code back}, runs and has committed, or {@code from}
 *     was not stopped
 */
record UpgradeRecord(
    @JsonProperty("from") String from,
    @JsonProperty("to") Deployment to,
    @JsonProperty("migration") Migration migration,
    @JsonProperty("trigger") String trigger,
    @JsonProperty("savepoint-directory") String savepointDirectory,
    @JsonProperty("savepoint") String savepoint,
    @JsonProperty("stopped-at-millis") long stoppedAtMillis,
    @JsonProperty("migrated") boolean isMigrated,
    @JsonProperty("back") Deployment back,
    @JsonProperty("finished") boolean isFinished) {

  static UpgradeRecord begun(
      Deployment from,
      Deployment to,
      Migration migration,
      String trigger,
      String savepointDirectory) {
    return new UpgradeRecord(
        from.job(), to, migration, trigger, savepointDirectory, null, 0, false, null, false);
  }

  UpgradeRecord stopped(String where, long atMillis) {
    return new UpgradeRecord(
        from,
        to.again(to.job(), where),
        migration,
        trigger,
        savepointDirectory,
        where,
        atMillis,
        isMigrated,
        back,
        isFinished);
  }

  UpgradeRecord migrated() {
    return at(true, back, isFinished);
  }

  UpgradeRecord takenBackTo(Deployment old) {
    return at(isMigrated, old, isFinished);
  }

  UpgradeRecord finished() {
    return at(isMigrated, back, true);
  }

  private UpgradeRecord at(boolean migrated, Deployment instead, boolean finished) {
    return new UpgradeRecord(
        from,
        to,
        migration,
        trigger,
        savepointDirectory,
        savepoint,
        stoppedAtMillis,
        migrated,
        instead,
        finished);
  }

  @JsonIgnore
  boolean isStopped() {
    return savepoint != null;
  }

  @JsonIgnore
  boolean isTakenBack() {
    return back != null;
  }

  /** Whether its jobs are on the cluster of an address. */
  boolean isAt(String cluster) {
    return to.cluster().equals(cluster);
  }

  /** Whether a job is one that it has stopped or started. */
  boolean concerns(String job) {
    return Stream.of(from, to.job(), isTakenBack() ? back.job() : from).anyMatch(job::equals);
  }
}
