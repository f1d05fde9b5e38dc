package io.candlestream.stack;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Another source, whose reader pauses after some records until it is told to fail. When it is
 * started again it runs through.
 */
final class InterruptedSource<T, S extends SourceSplit, C> implements Source<T, S, C> {

  private static final long serialVersionUID = 1;

  /** By the source's id: the source itself is serialized on its way to the reader. */
  private static final Map<UUID, Interruption> INTERRUPTIONS = new ConcurrentHashMap<>();

  private static final class Interruption {
    private final CompletableFuture<Void> reached = new CompletableFuture<>();
    private final CompletableFuture<Void> failing = new CompletableFuture<>();
    private volatile boolean over;
  }

  private final Source<T, S, C> source;
  private final int records;
  private final UUID id = UUID.randomUUID();

  /**
   * @param records how many records are read before the pause
   */
  InterruptedSource(Source<T, S, C> source, int records) {
    this.source = source;
    this.records = records;
    INTERRUPTIONS.put(id, new Interruption());
  }

  /** Waits until the reader pauses. */
  void awaitPause() throws Exception {
    INTERRUPTIONS.get(id).reached.get(1, TimeUnit.MINUTES);
  }

  /** Lets the paused reader fail. */
  void fail() {
    INTERRUPTIONS.get(id).failing.complete(null);
  }

  @Override
  public SourceReader<T, S> createReader(SourceReaderContext context) throws Exception {
    return new Reader(source.createReader(context), INTERRUPTIONS.get(id));
  }

  @Override
  public Boundedness getBoundedness() {
    return source.getBoundedness();
  }

  @Override
  public SplitEnumerator<S, C> createEnumerator(SplitEnumeratorContext<S> context)
      throws Exception {
    return source.createEnumerator(context);
  }

  @Override
  public SplitEnumerator<S, C> restoreEnumerator(SplitEnumeratorContext<S> context, C checkpoint)
      throws Exception {
    return source.restoreEnumerator(context, checkpoint);
  }

  @Override
  public SimpleVersionedSerializer<S> getSplitSerializer() {
    return source.getSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<C> getEnumeratorCheckpointSerializer() {
    return source.getEnumeratorCheckpointSerializer();
  }

  @SuppressWarnings("try") // The interface lets close() throw anything.
  private final class Reader implements SourceReader<T, S> {

    private final SourceReader<T, S> reader;
    private final Interruption interruption;
    private int polled;

    Reader(SourceReader<T, S> reader, Interruption interruption) {
      this.reader = reader;
      this.interruption = interruption;
    }

    private boolean isPaused() {
      return !interruption.over && polled >= records;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
      if (!isPaused()) {
        InputStatus status = reader.pollNext(output);
        polled += status == InputStatus.MORE_AVAILABLE ? 1 : 0;
        return status;
      }
      if (interruption.failing.isDone()) {
        interruption.over = true;
        throw new IOException("failing as told, after " + records + " records");
      }
      interruption.reached.complete(null);
      return InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return isPaused() ? interruption.failing : reader.isAvailable();
    }

    @Override
    public void start() {
      reader.start();
    }

    @Override
    public List<S> snapshotState(long checkpointId) {
      return reader.snapshotState(checkpointId);
    }

    @Override
    public void addSplits(List<S> splits) {
      reader.addSplits(splits);
    }

    @Override
    public void notifyNoMoreSplits() {
      reader.notifyNoMoreSplits();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
      reader.handleSourceEvents(event);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
      reader.notifyCheckpointComplete(checkpointId);
    }

    @Override
    public void close() throws Exception {
      reader.close();
    }
  }
}
