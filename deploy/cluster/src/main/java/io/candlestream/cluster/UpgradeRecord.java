package io.candlestream.cluster;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How far an upgrade has come.
 *
 * @param from the job that runs before it
 * @param to what is to run after it
 * @param trigger under which the savepoint was asked for
 * @param savepointDirectory below which it is to be found
 * @param savepoint where it is; null before it is complete
 * @param back what runs instead, where {@code to} did not; null as long as it may
 * @param isFinished whether {@code to}, or {@code back}, runs and has committed
 */
record UpgradeRecord(
    @JsonProperty("from") String from,
    @JsonProperty("to") Deployment to,
    @JsonProperty("trigger") String trigger,
    @JsonProperty("savepoint-directory") String savepointDirectory,
    @JsonProperty("savepoint") String savepoint,
    @JsonProperty("back") Deployment back,
    @JsonProperty("finished") boolean isFinished) {

  UpgradeRecord stopped(String where) {
    return new UpgradeRecord(
        from, to.again(to.job(), where), trigger, savepointDirectory, where, back, isFinished);
  }

  UpgradeRecord takenBackTo(Deployment old) {
    return new UpgradeRecord(from, to, trigger, savepointDirectory, savepoint, old, isFinished);
  }

  UpgradeRecord finished() {
    return new UpgradeRecord(from, to, trigger, savepointDirectory, savepoint, back, true);
  }

  @JsonIgnore
  boolean isStopped() {
    return savepoint != null;
  }

  @JsonIgnore
  boolean isTakenBack() {
    return back != null;
  }
}
