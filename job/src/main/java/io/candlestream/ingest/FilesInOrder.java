package io.candlestream.ingest;

import io.candlestream.market.Event;
import io.candlestream.metrics.DurableCounters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.file.src.AbstractFileSource;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.FileSourceSplitSerializer;
import org.apache.flink.connector.file.src.PendingSplitsCheckpoint;
import org.apache.flink.connector.file.src.assigners.FileSplitAssigner;
import org.apache.flink.connector.file.src.enumerate.NonSplittingRecursiveEnumerator;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.MetricGroup;

/**
 * Files that are begun in a given order, each read once and to its end. How much waits, is begun
 * and has been read is told as metrics.
 */
final class FilesInOrder<T extends Event> extends AbstractFileSource<Verdict<T>, FileSourceSplit> {

  private static final long serialVersionUID = 1;

  private final LineFormat<T> lines;
  private final Waiting waiting;

  FilesInOrder(List<Path> files, LineFormat<T> lines) {
    this(files, lines, new Waiting());
  }

  private FilesInOrder(List<Path> files, LineFormat<T> lines, Waiting waiting) {
    super(
        files.toArray(Path[]::new),
        // Each of these files is meant, even if it is hidden.
        () -> new NonSplittingRecursiveEnumerator(file -> true),
        waiting,
        lines,
        null);
    this.lines = lines;
    this.waiting = waiting;
  }

  @Override
  public SourceReader<Verdict<T>, FileSourceSplit> createReader(SourceReaderContext context) {
    lines.measureIn(context.metricGroup());
    return super.createReader(context);
  }

  @Override
  public SplitEnumerator<FileSourceSplit, PendingSplitsCheckpoint<FileSourceSplit>>
      createEnumerator(SplitEnumeratorContext<FileSourceSplit> context) {
    var enumerator = super.createEnumerator(context);
    waiting.measureIn(context.metricGroup());
    return enumerator;
  }

  @Override
  public SplitEnumerator<FileSourceSplit, PendingSplitsCheckpoint<FileSourceSplit>>
      restoreEnumerator(
          SplitEnumeratorContext<FileSourceSplit> context,
          PendingSplitsCheckpoint<FileSourceSplit> checkpoint) {
    var enumerator = super.restoreEnumerator(context, checkpoint);
    waiting.measureIn(context.metricGroup());
    return enumerator;
  }

  @Override
  public SimpleVersionedSerializer<FileSourceSplit> getSplitSerializer() {
    return FileSourceSplitSerializer.INSTANCE;
  }

  /** Makes the line of files that wait, and knows the one it has made. */
  private static final class Waiting implements FileSplitAssigner.Provider {

    private static final long serialVersionUID = 1;

    private transient Line line;

    @Override
    public FileSplitAssigner create(Collection<FileSourceSplit> files) {
      line = new Line(files);
      return line;
    }

    void measureIn(MetricGroup enumerator) {
      Line measured = line;
      MetricGroup metrics = enumerator.addGroup(DurableCounters.GROUP);
      metrics.gauge("filesWaiting", () -> measured.files);
      metrics.gauge("bytesWaiting", () -> measured.bytes);
    }
  }

  /** Hands out the files in their order, whichever reader asks; those that come back come first. */
  private static final class Line implements FileSplitAssigner {

    private final Deque<FileSourceSplit> waiting;

    /** Written by the thread that hands out, and looked at by others. */
    private volatile int files;

    private volatile long bytes;

    Line(Collection<FileSourceSplit> files) {
      waiting = new ArrayDeque<>(files);
      measure();
    }

    private void measure() {
      files = waiting.size();
      bytes = waiting.stream().mapToLong(FileSourceSplit::fileSize).sum();
    }

    @Override
    public Optional<FileSourceSplit> getNext(String hostname) {
      Optional<FileSourceSplit> next = Optional.ofNullable(waiting.poll());
      measure();
      return next;
    }

    @Override
    public void addSplits(Collection<FileSourceSplit> files) {
      List<FileSourceSplit> returned = new ArrayList<>(files);
      Collections.reverse(returned);
      returned.forEach(waiting::addFirst);
      measure();
    }

    @Override
    public Collection<FileSourceSplit> remainingSplits() {
      return List.copyOf(waiting);
    }
  }
}
