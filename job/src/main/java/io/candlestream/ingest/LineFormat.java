package io.candlestream.ingest;

import io.candlestream.market.Event;
import io.candlestream.market.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.IteratorResultIterator;
import org.apache.flink.core.fs.Path;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/**
 * Files of lines, a record each, decoded and judged as they are read. An event cannot be stale
 * here: files are old by nature.
 *
 * <p>A position in a file is the number of the next line, so that it holds in compressed files too;
 * after a restart the lines before it are read past.
 */
final class LineFormat<T extends Event> implements BulkFormat<Verdict<T>, FileSourceSplit> {

  /** Of a longer line only so much is kept: Kafka's own default limit of a record. */
  static final int MAX_LINE_BYTES = 1 << 20;

  private static final int BATCH_LINES = 1_000;
  private static final int BATCH_BYTES = 1 << 20;

  private final Decoders<T> decoders;

  /** Null where nobody measures. */
  private transient FilesRead measured;

  LineFormat(Decoders<T> decoders) {
    this.decoders = decoders;
  }

  /** Has the files that are read from now on, one after the other, told as metrics. */
  void measureIn(MetricGroup operator) {
    measured = new FilesRead(operator);
  }

  @Override
  public Reader<Verdict<T>> createReader(Configuration config, FileSourceSplit split)
      throws IOException {
    return new LineReader(split, 0);
  }

  @Override
  public Reader<Verdict<T>> restoreReader(Configuration config, FileSourceSplit split)
      throws IOException {
    return new LineReader(
        split,
        split.getReaderPosition().map(CheckpointedPosition::getRecordsAfterOffset).orElse(0L));
  }

  /** A line's number is known only when the lines before it were read. */
  @Override
  public boolean isSplittable() {
    return false;
  }

  @Override
  public TypeInformation<Verdict<T>> getProducedType() {
    return decoders.verdicts();
  }

  private final class LineReader implements Reader<Verdict<T>> {

    private final Path path;
    private final long modifiedMillis;
    private final FileLines lines;
    private final FilesRead read;

    /** For the part that was read last; each begins anew. */
    private RecordDecoder<T> decoder;

    private int decodedPart;

    LineReader(FileSourceSplit split, long firstLine) throws IOException {
      path = split.path();
      modifiedMillis = Math.max(split.fileModificationTime(), 0);
      lines = FileLines.open(path);
      read = measured == null ? new FilesRead(new UnregisteredMetricsGroup()) : measured;
      read.begin(split.fileSize());
      try {
        decoder = begin();
        readPast(firstLine);
      } catch (IOException | RuntimeException e) {
        lines.close();
        throw e;
      }
    }

    private RecordDecoder<T> begin() {
      return decoders.ofFile(path.toString(), lines.partName());
    }

    /** What was emitted before a restart; a format may have to know it nevertheless. */
    private void readPast(long firstLine) throws IOException {
      while (lines.number() < firstLine) {
        byte[] line = nextLine();
        if (line == null) {
          break;
        }
        if (decoder.remembers()) {
          decoder.recall(line);
        }
      }
    }

    @Override
    public RecordIterator<Verdict<T>> readBatch() throws IOException {
      long firstLine = lines.number();
      List<Verdict<T>> batch = new ArrayList<>(BATCH_LINES);
      int bytes = 0;
      while (batch.size() < BATCH_LINES && bytes < BATCH_BYTES) {
        Origin origin = new Origin(path.toString(), 0, lines.number(), 0, modifiedMillis);
        byte[] line = nextLine();
        if (line == null) {
          break;
        }
        bytes += line.length;
        batch.add(decoder.decode(line, origin, System.currentTimeMillis()));
      }
      if (batch.isEmpty()) {
        read.end();
        return null;
      }
      read.advance(lines.bytesRead());
      return new IteratorResultIterator<>(
          batch.iterator(), CheckpointedPosition.NO_OFFSET, firstLine);
    }

    private byte[] nextLine() throws IOException {
      byte[] line = lines.next();
      if (lines.part() != decodedPart) {
        decodedPart = lines.part();
        decoder = begin();
      }
      return line;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  /** The lines of a stream as bytes, without their line feeds. */
  static final class Lines implements AutoCloseable {

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private byte[] line = new byte[512];
    private long number;

    Lines(InputStream in) {
      this.in = in;
    }

    /** How many lines have been read. */
    long number() {
      return number;
    }

    /** The next line, at most {@link #MAX_LINE_BYTES} of it; null at the end. */
    byte[] next() throws IOException {
      int length = 0;
      boolean started = false;
      while (position < limit || fill()) {
        started = true;
        int feed = position;
        while (feed < limit && buffer[feed] != '\n') {
          feed++;
        }
        length = append(length, feed - position);
        boolean complete = feed < limit;
        position = complete ? feed + 1 : feed;
        if (complete) {
          break;
        }
      }
      if (!started) {
        return null;
      }
      number++;
      return Arrays.copyOf(line, length);
    }

    private int append(int length, int count) {
      int taken = Math.min(count, MAX_LINE_BYTES - length);
      if (length + taken > line.length) {
        line =
            Arrays.copyOf(
                line, Math.min(Math.max(length + taken, line.length * 2), MAX_LINE_BYTES));
      }
      System.arraycopy(buffer, position, line, length, taken);
      return length + taken;
    }

    private boolean fill() throws IOException {
      position = 0;
      limit = Math.max(in.read(buffer), 0);
      return limit > 0;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
