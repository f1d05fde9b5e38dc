package io.candlestream.bench.speed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import io.candlestream.config.JobConfig;
import io.candlestream.ingest.RecordDecoder;
import io.candlestream.ingest.TickDecoders;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.Origin;
import io.candlestream.market.Tick;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * Records read and judged by the stateless rules. Those in which a field is repeated are left out:
 * ours refuses them, and looking for them would cost the other side dear.
 */
final class Decoding {

  /** So few that they stay in the processor's cache, as what was just fetched from Kafka does. */
  private static final int TICKS = 1_000;

  private static final int ROUNDS = 1_000;
  private static final Target TARGET = Target.atLeast(3);
  private static final JsonFactory STRICT =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final Origin ORIGIN = new Origin("ticks", 0, 0, 0, 0);

  private final List<byte[]> records;
  private final long clockMillis;

  private Decoding(TickLoad load) {
    records = load.records().stream().filter(record -> !repeatsField(record)).toList();
    clockMillis = load.end().toEpochMilli();
  }

  private static boolean repeatsField(byte[] record) {
    try (JsonParser parser = STRICT.createParser(record)) {
      while (parser.nextToken() != null) {
        // It is enough to have read it.
      }
      return false;
    } catch (StreamReadException refused) {
      return refused.getOriginalMessage().startsWith("Duplicate field");
    } catch (IOException impossible) {
      throw new UncheckedIOException("cannot read from memory", impossible);
    }
  }

  static Finding measure(int pairs) throws Exception {
    return new Decoding(new TickLoad(TICKS, 1_000, 60)).compare(pairs);
  }

  private Finding compare(int pairs) throws Exception {
    RecordDecoder<Tick> ours = decoder("canonical");
    RecordDecoder<Tick> theirs = decoder(DatabindFormat.NAME);
    long accepted = requireEqual(ours, theirs);
    Duel.Outcome outcome =
        Duel.of(() -> decodeAll(ours, accepted), () -> decodeAll(theirs, accepted), 3, pairs);
    return Finding.of(
        "decode and rules, per tick",
        "Jackson databind to an object, and the same rules",
        outcome.timesCheaper(),
        TARGET,
        String.format(
            Locale.ROOT,
            "%.0f ns : %.0f ns; %,d records, %,d of them accepted",
            outcome.ours(),
            outcome.theirs(),
            records.size(),
            accepted));
  }

  private static RecordDecoder<Tick> decoder(String format) {
    return TickDecoders.of(
            JobConfig.of(List.of("source.kafka.topics=ticks", "source.format=" + format)))
        .ofPartition();
  }

  private long requireEqual(RecordDecoder<Tick> ours, RecordDecoder<Tick> theirs) {
    long accepted = 0;
    for (byte[] record : records) {
      Verdict<Tick> verdict = ours.decode(record, ORIGIN, clockMillis);
      if (!verdict.equals(theirs.decode(record, ORIGIN, clockMillis))) {
        throw new IllegalStateException("not the same verdict on " + new String(record));
      }
      accepted += verdict.accepted().size();
    }
    return accepted;
  }

  /** Returns the nanoseconds for each record. */
  private double decodeAll(RecordDecoder<Tick> decoder, long expected) throws Exception {
    return Cpu.nanosOf(
            () -> {
              for (int round = 0; round < ROUNDS; round++) {
                long accepted = 0;
                for (byte[] record : records) {
                  accepted += decoder.decode(record, ORIGIN, clockMillis).accepted().size();
                }
                if (accepted != expected) {
                  throw new IllegalStateException(accepted + " accepted, not " + expected);
                }
              }
            })
        / ((double) records.size() * ROUNDS);
  }
}
