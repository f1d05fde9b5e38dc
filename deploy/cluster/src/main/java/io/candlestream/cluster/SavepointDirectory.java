package io.candlestream.cluster;

import java.io.IOException;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;

/**
 * A directory for the savepoints that one trigger asks for, and no others: what is in it is found
 * by a program that does not know its name, and a cluster that has forgotten it.
 *
 * @param path of any of Flink's file systems
 */
record SavepointDirectory(String path) {

  /** Of a trigger's, to tell the directories of several upgrades of a job apart. */
  private static final int TRIGGER_DIGITS = 8;

  /** A complete savepoint has it. */
  private static final String METADATA = "_metadata";

  static SavepointDirectory below(String parent, String job, String trigger) {
    return new SavepointDirectory(
        "%s/upgrade-of-%s-%s"
            .formatted(parent.replaceFirst("/+$", ""), job, trigger.substring(0, TRIGGER_DIGITS)));
  }

  /** Whether a savepoint is in it, however its file system is written. */
  boolean holds(String savepoint) {
    return new Path(savepoint).getParent().getName().equals(new Path(path).getName());
  }

  /** The newest complete savepoint; empty, too, where only the cluster can look. */
  Optional<String> newest() throws IOException {
    try {
      Path directory = new Path(path);
      FileSystem files = directory.getFileSystem();
      FileStatus newest = null;
      for (FileStatus one :
          files.exists(directory) ? files.listStatus(directory) : new FileStatus[0]) {
        if (files.exists(new Path(one.getPath(), METADATA))
            && (newest == null || newest.getModificationTime() < one.getModificationTime())) {
          newest = one;
        }
      }
      return Optional.ofNullable(newest).map(found -> found.getPath().toString());
    } catch (UnsupportedFileSystemSchemeException onlyTheClusterReachesIt) {
      return Optional.empty();
    }
  }
}
