package io.candlestream.bench.speed;

import io.candlestream.config.JobConfig;
import io.candlestream.ingest.RecordDecoder;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.ingest.Verdict;
import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;

/** The records of a {@link TickLoad} in this process's memory, as a partition's would be. */
final class MemoryLoad {

  private static final int CHUNK_RECORDS = 1 << 16;
  private static final String TOPIC = "ticks";

  /** Whole records, one after the other. */
  private record Chunk(byte[] bytes, int[] ends) {

    byte[] record(int index) {
      return Arrays.copyOfRange(bytes, index == 0 ? 0 : ends[index - 1], ends[index]);
    }
  }

  private static MemoryLoad last;

  private final List<Chunk> chunks = new ArrayList<>();
  private final int size;
  private final long clockMillis;

  private MemoryLoad(TickLoad load) {
    size = Math.toIntExact(load.ticks());
    clockMillis = load.end().toEpochMilli();
    TickGenerator generator = load.generator();
    for (int left = size; left > 0; left -= CHUNK_RECORDS) {
      chunks.add(chunk(generator, Math.min(left, CHUNK_RECORDS)));
    }
  }

  private static Chunk chunk(TickGenerator generator, int records) {
    byte[] bytes = new byte[records * 200];
    int[] ends = new int[records];
    int end = 0;
    for (int i = 0; i < records && generator.advance(); i++) {
      byte[] record = generator.payload();
      if (end + record.length > bytes.length) {
        bytes = Arrays.copyOf(bytes, bytes.length * 2);
      }
      System.arraycopy(record, 0, bytes, end, record.length);
      end += record.length;
      ends[i] = end;
    }
    return new Chunk(Arrays.copyOf(bytes, end), ends);
  }

  static MemoryLoad of(TickLoad load) {
    last = new MemoryLoad(load);
    return last;
  }

  int size() {
    return size;
  }

  /** A record's bytes, in an array of its own as they come from a consumer. */
  byte[] record(int index) {
    return chunks.get(index / CHUNK_RECORDS).record(index % CHUNK_RECORDS);
  }

  Verdict<Tick> decode(int index, RecordDecoder<Tick> decoder) {
    return decoder.decode(record(index), new Origin(TOPIC, 0, index, 0, clockMillis), clockMillis);
  }

  /** The whole of what was loaded last in this process. */
  static Source<Verdict<Tick>, ?, ?> source(JobConfig config) {
    TickDecoders decoders = TickDecoders.of(config);
    return new DataGeneratorSource<>(new Reading(decoders), last.size(), decoders.verdicts());
  }

  private static final class Reading implements GeneratorFunction<Long, Verdict<Tick>> {

    private static final long serialVersionUID = 1;

    private final TickDecoders decoders;
    private transient RecordDecoder<Tick> decoder;

    Reading(TickDecoders decoders) {
      this.decoders = decoders;
    }

    @Override
    public void open(SourceReaderContext context) {
      decoder = decoders.ofPartition();
    }

    @Override
    public Verdict<Tick> map(Long index) {
      return last.decode(Math.toIntExact(index), decoder);
    }
  }
}
