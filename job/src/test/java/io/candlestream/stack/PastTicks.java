package io.candlestream.stack;

import io.candlestream.oracle.TickRecord;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * What the instruments of {@link GeneratedTicks} did before its start: as many ticks as wanted, a
 * file for each symbol and day of arrival, some ticks late, some twice, some on both sides of
 * midnight. Whatever their number, few are in memory.
 */
final class PastTicks {

  private static final Duration MEAN_DISTANCE = Duration.ofSeconds(4);
  private static final double SHARE_LATE = 0.002;

  private final Path directory;
  private final long count;

  private PastTicks(Path directory, long count) {
    this.directory = directory;
    this.count = count;
  }

  /**
   * Writes the files.
   *
   * @param ticks about so many, all instruments together
   */
  static PastTicks write(Path directory, int instruments, long ticks) throws IOException {
    long written = 0;
    for (int instrument = 0; instrument < instruments; instrument++) {
      long micros = ticks / instruments * MEAN_DISTANCE.toMillis() * 1_000;
      written += writeInstrument(directory, instrument, -micros);
    }
    return new PastTicks(directory, written);
  }

  private static long writeInstrument(Path directory, int instrument, long fromMicros)
      throws IOException {
    Random random = new Random(instrument);
    long price = 100_000;
    long tradeId = 0;
    Queue<GeneratedTicks.Arrival> underWay =
        new PriorityQueue<>(Comparator.comparing(GeneratedTicks.Arrival::at));
    try (Days days = new Days(directory, "S" + instrument)) {
      for (long at = fromMicros; at < 0; at += distanceMicros(random)) {
        price += random.nextInt(41) - 20;
        Instant time = GeneratedTicks.START.plusNanos(at * 1_000);
        String json =
            GeneratedTicks.tick(
                "S" + instrument,
                time,
                tradeId++,
                GeneratedTicks.price(instrument, price),
                BigDecimal.valueOf(random.nextInt(100_000), 4).toPlainString(),
                random.nextBoolean() ? "buy" : "sell");
        underWay.addAll(GeneratedTicks.arrivals(instrument, at, json, SHARE_LATE, random));
        while (underWay.element().at().isBefore(time)) {
          days.write(underWay.remove());
        }
      }
      while (!underWay.isEmpty()) {
        days.write(underWay.remove());
      }
      return days.written;
    }
  }

  /** One in fifty is so long that candles may be missing. */
  private static long distanceMicros(Random random) {
    return random.nextInt(random.nextInt(50) == 0 ? 180_000_000 : 4_500_000);
  }

  Path directory() {
    return directory;
  }

  /** How many there are, copies included. */
  long count() {
    return count;
  }

  /** All of an instrument, in the order of their arrival. */
  List<TickRecord> of(int instrument) throws IOException {
    List<TickRecord> ticks = new ArrayList<>();
    for (Path file : files(instrument)) {
      ticks.addAll(TickRecord.linesOf(file));
    }
    return ticks;
  }

  private List<Path> files(int instrument) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("S" + instrument + "-"))
          .sorted()
          .toList();
    }
  }

  /** Writes arrivals in their order, those of each day to a file. */
  private static final class Days implements AutoCloseable {

    private final Path directory;
    private final String symbol;
    private Instant midnight = Instant.MIN;
    private OutputStream out = OutputStream.nullOutputStream();
    private long written;

    Days(Path directory, String symbol) {
      this.directory = directory;
      this.symbol = symbol;
    }

    void write(GeneratedTicks.Arrival tick) throws IOException {
      if (!tick.at().isBefore(midnight)) {
        out.close();
        LocalDate day = LocalDate.ofInstant(tick.at(), ZoneOffset.UTC);
        midnight = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        Path file = directory.resolve("%s-%s.jsonl.gz".formatted(symbol, day));
        out = new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(file)));
      }
      out.write(tick.json());
      out.write('\n');
      written++;
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
