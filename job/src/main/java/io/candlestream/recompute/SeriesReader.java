package io.candlestream.recompute;

import io.candlestream.recompute.Recompute.Series;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/** One subtask's part: computes the rows of one series at a time, a page of candles at a time. */
final class SeriesReader implements SourceReader<Recomputed, Series> {

  private final SourceReaderContext context;
  private final StoredSeries stored;

  /** What is still to do. The first is under way: after a failure it begins anew. */
  private final Deque<Series> series = new ArrayDeque<>();

  private boolean noneWillFollow;
  private SeriesRows underWay;
  private Iterator<Recomputed> page = Collections.emptyIterator();
  private CompletableFuture<Void> available = new CompletableFuture<>();

  SeriesReader(SourceReaderContext context, StoredSeries stored) {
    this.context = context;
    this.stored = stored;
  }

  @Override
  public void start() {
    if (series.isEmpty()) {
      context.sendSplitRequest();
    }
  }

  @Override
  public InputStatus pollNext(ReaderOutput<Recomputed> output) throws Exception {
    if (page.hasNext()) {
      output.collect(page.next());
      return InputStatus.MORE_AVAILABLE;
    }
    if (series.isEmpty()) {
      return waitForMore();
    }
    if (underWay == null) {
      underWay = SeriesRows.begin(series.peek(), stored);
    }
    Optional<List<Recomputed>> next = underWay.next();
    if (next.isPresent()) {
      page = next.get().iterator();
    } else {
      underWay = null;
      series.poll();
      output.collect(Recomputed.SERIES);
      if (series.isEmpty()) {
        context.sendSplitRequest();
      }
    }
    return InputStatus.MORE_AVAILABLE;
  }

  private InputStatus waitForMore() {
    if (noneWillFollow) {
      return InputStatus.END_OF_INPUT;
    }
    available = new CompletableFuture<>();
    return InputStatus.NOTHING_AVAILABLE;
  }

  @Override
  public List<Series> snapshotState(long checkpoint) {
    return List.copyOf(series);
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    return available;
  }

  @Override
  public void addSplits(List<Series> more) {
    series.addAll(more);
    available.complete(null);
  }

  @Override
  public void notifyNoMoreSplits() {
    noneWillFollow = true;
    available.complete(null);
  }

  @Override
  public void close() {
    stored.close();
  }
}
