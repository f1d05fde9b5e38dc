package io.candlestream.recompute;

import io.candlestream.config.JobConfig;
import io.candlestream.recompute.Recompute.Series;
import io.candlestream.sink.Retries;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The recomputed rows of some series. A subtask takes one series after the other, the next when it
 * is through with one: a long series keeps nobody waiting, and checkpoints come between any two
 * rows.
 */
final class SeriesSource implements Source<Recomputed, Series, Collection<Series>> {

  private final List<Series> series;
  private final JobConfig config;

  SeriesSource(List<Series> series, JobConfig config) {
    this.series = List.copyOf(series);
    this.config = config;
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SplitEnumerator<Series, Collection<Series>> createEnumerator(
      SplitEnumeratorContext<Series> context) {
    return new FirstComeFirstServed(context, series);
  }

  @Override
  public SplitEnumerator<Series, Collection<Series>> restoreEnumerator(
      SplitEnumeratorContext<Series> context, Collection<Series> left) {
    return new FirstComeFirstServed(context, left);
  }

  @Override
  public SourceReader<Recomputed, Series> createReader(SourceReaderContext context) {
    return new SeriesReader(
        context, new StoredSeries(config, Retries.errors(context.metricGroup())));
  }

  @Override
  public SimpleVersionedSerializer<Series> getSplitSerializer() {
    return new SeriesSerializer();
  }

  @Override
  public SimpleVersionedSerializer<Collection<Series>> getEnumeratorCheckpointSerializer() {
    return new SeriesSerializer.OfMany();
  }

  /** Hands out the series. */
  private static final class FirstComeFirstServed
      implements SplitEnumerator<Series, Collection<Series>> {

    private final SplitEnumeratorContext<Series> context;
    private final Deque<Series> left;

    FirstComeFirstServed(SplitEnumeratorContext<Series> context, Collection<Series> left) {
      this.context = context;
      this.left = new ArrayDeque<>(left);
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {
      if (left.isEmpty()) {
        context.signalNoMoreSplits(subtask);
      } else {
        context.assignSplit(left.poll(), subtask);
      }
    }

    @Override
    public void addSplitsBack(List<Series> series, int subtask) {
      left.addAll(series);
    }

    @Override
    public Collection<Series> snapshotState(long checkpoint) {
      return new ArrayList<>(left);
    }

    @Override
    public void start() {}

    @Override
    public void addReader(int subtask) {}

    @Override
    public void close() {}
  }
}
