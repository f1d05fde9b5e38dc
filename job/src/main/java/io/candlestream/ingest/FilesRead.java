package io.candlestream.ingest;

import io.candlestream.metrics.DurableCounters;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * How far a reader is with its files, one after the other, in bytes as they lie on the disk. What
 * is still to be read of a file that is begun is right after a restart, too; what has been read is
 * counted from the restart on.
 */
final class FilesRead {

  private final Counter files;
  private final Counter bytes;

  /** Written by the thread that reads, and looked at by others. */
  private volatile long bytesOpen;

  private volatile int filesOpen;

  private long size;
  private long position;

  FilesRead(MetricGroup operator) {
    MetricGroup metrics = operator.addGroup(DurableCounters.GROUP);
    files = metrics.counter("filesRead");
    bytes = metrics.counter("bytesRead");
    metrics.gauge("filesOpen", () -> filesOpen);
    metrics.gauge("bytesOpen", () -> bytesOpen);
  }

  /** The next file. */
  void begin(long sizeBytes) {
    size = sizeBytes;
    position = 0;
    bytesOpen = sizeBytes;
    filesOpen = 1;
  }

  /**
   * @param positionBytes how much of the file has been read by now
   */
  void advance(long positionBytes) {
    // A file that has grown since is as large as it was when its place in the order was found.
    long now = Math.min(positionBytes, size);
    bytes.inc(now - position);
    position = now;
    bytesOpen = size - now;
  }

  /** The file is read to its end. */
  void end() {
    advance(size);
    filesOpen = 0;
    files.inc();
  }
}
