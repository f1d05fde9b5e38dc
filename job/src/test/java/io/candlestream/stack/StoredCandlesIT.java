package io.candlestream.stack;

import static io.candlestream.indicator.IndicatorValues.orNull;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.IndicatorValues;
import io.candlestream.indicator.Indicators;
import io.candlestream.indicator.Past;
import io.candlestream.market.Candle;
import io.candlestream.market.Instrument;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.past.PastCandles;
import io.candlestream.past.PastCandles.Question;
import io.candlestream.past.StoredCandles;
import io.candlestream.servers.Edition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.metrics.SimpleCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What indicators go on from, read out of a database whose aggregates are out of date. */
@ParameterizedClass
@EnumSource
class StoredCandlesIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final double TOLERANCE = 1e-9;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final BatchComputation BATCH = new BatchComputation(MINUTE, null);
  private static final int INSTRUMENTS = 3;

  /** More candles of one and of five minutes than are read. */
  private static final Duration LENGTH = Duration.ofHours(40);

  private static final Instant LATE = GeneratedTicks.START.plus(Duration.ofHours(39));
  private static final Instant EARLY = GeneratedTicks.START.plus(Duration.ofMinutes(73));

  @TempDir private Path folder;

  private final Edition edition;
  private final TestDatabase database;
  private List<TickRecord> records;

  StoredCandlesIT(Edition edition) {
    this.edition = edition;
    database = TestDatabase.offering(edition, "schema.retention.base=0");
  }

  /** Every ninth tick comes when the aggregates have been refreshed. */
  @BeforeEach
  void write() throws Exception {
    List<GeneratedTicks.Arrival> ticks = GeneratedTicks.inTime(21, INSTRUMENTS, LENGTH);
    records = GeneratedTicks.lines(ticks);
    run(IntStream.range(0, ticks.size()).filter(i -> i % 9 != 0).mapToObj(ticks::get).toList());
    database.execute("CALL refresh_candles('2024-08-01Z', '2024-08-20Z')");
    run(ticks);
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void indicatorsGoOnAsIfTheyHadNeverStopped() throws Exception {
    assertGoesOn(LATE, Timeframe.values());
    assertGoesOn(LATE.plusSeconds(17 * 60), Timeframe.values());
  }

  /** Before an average of 200 candles is warm, before a true range is. */
  @Test
  void indicatorsThatAreNotYetWarmGoOn() throws Exception {
    assertGoesOn(EARLY, Timeframe.values());
    assertGoesOn(GeneratedTicks.START.plus(Duration.ofMinutes(4)), Timeframe.values());
  }

  @Test
  void candlesThatBeganBeforeTheMomentHaveWhatTheyHadByThen() throws Exception {
    Map<Instrument, Past> pasts = read(LATE);
    for (Instrument instrument : instruments()) {
      Past past = pasts.get(instrument);
      Instant before = Instant.EPOCH.plus(past.beforeMicros(), ChronoUnit.MICROS);
      List<TickRecord> earlier = new ArrayList<>();
      for (TickRecord record : records) {
        if (BATCH.marketData(List.of(record)).get(0).timestamp().isBefore(before)) {
          earlier.add(record);
        }
      }
      for (Past.OfTimeframe above : past.timeframes()) {
        Instant start =
            Instant.EPOCH.plus(above.timeframe().startOf(past.beforeMicros()), ChronoUnit.MICROS);
        String part =
            rows(BATCH.timeframe(above.timeframe().length(), earlier), instrument).stream()
                .filter(row -> row.timestamp().equals(start))
                .map(StoredCandlesIT::prices)
                .findFirst()
                .orElse("none");
        assertThat(above.part() == null ? "none" : prices(above.part())).isEqualTo(part);
      }
    }
  }

  @Test
  void candlesFromTheMomentOnAreReadOneByOne() throws Exception {
    Instrument instrument = instruments().get(0);
    List<Row> rows = rows(BATCH.marketData(records), instrument);
    List<Row> between =
        rows.stream()
            .filter(row -> !row.timestamp().isBefore(EARLY) && row.timestamp().isBefore(LATE))
            .toList();
    try (PastCandles pasts = open()) {
      Past past =
          pasts
              .read(List.of(new Question(instrument, micros(EARLY), micros(LATE))))
              .get(instrument);
      assertThat(past.between().stream().map(StoredCandlesIT::prices).toList())
          .isEqualTo(between.stream().map(StoredCandlesIT::prices).toList());
      Row last = rows.get(rows.indexOf(between.get(0)) - 1);
      assertThat(prices(past.last())).isEqualTo(prices(last));
      assertThat(past.beforeMicros()).isEqualTo(micros(last.timestamp().plus(MINUTE)));
    }
  }

  @Test
  void anInstrumentOfWhichNothingIsStoredIsLeftOut() throws Exception {
    assertThat(read(GeneratedTicks.START.minusSeconds(60))).isEmpty();
    try (PastCandles pasts = open()) {
      Instrument unknown = new Instrument("test", "NONE");
      assertThat(pasts.read(List.of(new Question(unknown, micros(LATE), micros(LATE))))).isEmpty();
    }
  }

  /** Then the aggregates have the only prices there are. */
  @Test
  void longerTimeframesGoOnWhereBaseCandlesAreDropped() throws Exception {
    if (edition == Edition.COMMUNITY) {
      database.execute("CALL refresh_candles('2024-08-01Z', '2024-08-20Z')");
      database.execute("SELECT drop_chunks('market_data', '2024-08-09Z'::timestamptz)");
      assertThat(database.query("SELECT count(*) > 0 FROM market_data")).containsExactly("t");
    }
    assertGoesOn(LATE, Timeframe.FIFTEEN_MINUTES, Timeframe.ONE_HOUR);
  }

  private void assertGoesOn(Instant moment, Timeframe... timeframes) throws Exception {
    Map<Instrument, Past> pasts = read(moment);
    assertThat(pasts).hasSize(INSTRUMENTS);
    List<Row> base = BATCH.marketData(records);
    for (Instrument instrument : instruments()) {
      Past past = pasts.get(instrument);
      assertGoesOn(past.indicators(), moment, rows(base, instrument));
      for (Timeframe timeframe : timeframes) {
        Past.OfTimeframe above =
            past.timeframes().stream()
                .filter(one -> one.timeframe() == timeframe)
                .findFirst()
                .orElseThrow();
        Instant start =
            Instant.EPOCH.plus(timeframe.startOf(past.beforeMicros()), ChronoUnit.MICROS);
        assertGoesOn(
            above.indicators(),
            start,
            rows(BATCH.timeframe(timeframe.length(), records), instrument));
      }
    }
  }

  /** From the last row before a moment on, all rows have the values that follow. */
  private static void assertGoesOn(Indicators past, Instant moment, List<Row> rows) {
    List<Row> expected = new ArrayList<>();
    List<Row> found = new ArrayList<>();
    Indicators indicators = past;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      if (!row.timestamp().isBefore(moment)) {
        indicators =
            indicators.update(
                Double.parseDouble(row.high()),
                Double.parseDouble(row.low()),
                Double.parseDouble(row.close()));
      } else if (i + 1 < rows.size() && rows.get(i + 1).timestamp().isBefore(moment)) {
        continue;
      }
      expected.add(row);
      found.add(with(indicators.values(), row));
    }
    assertThat(Row.difference(expected, found, TOLERANCE)).isEmpty();
  }

  private static Row with(IndicatorValues values, Row row) {
    return new Row(
        row.symbol(),
        row.source(),
        row.timestamp(),
        row.open(),
        row.high(),
        row.low(),
        row.close(),
        row.volume(),
        row.buyVolume(),
        row.turnover(),
        row.vwap(),
        row.trades(),
        row.closed(),
        orNull(values.ema9()),
        orNull(values.ema21()),
        orNull(values.ema50()),
        orNull(values.ema200()),
        orNull(values.rsi14()),
        orNull(values.macd()),
        orNull(values.macdSignal()),
        orNull(values.macdHistogram()),
        orNull(values.bbUpper()),
        orNull(values.bbMiddle()),
        orNull(values.bbLower()),
        orNull(values.atr14()),
        Objects.toString(values.trendDirection(), null),
        Objects.toString(values.volatilityRegime(), null));
  }

  private static String prices(Row row) {
    return List.of(row.open(), row.high(), row.low(), row.close(), row.volume(), row.trades())
        .toString();
  }

  private static String prices(Candle candle) {
    return List.of(
            candle.open(),
            candle.high(),
            candle.low(),
            candle.close(),
            candle.volume(),
            candle.trades())
        .toString();
  }

  private static List<Row> rows(List<Row> all, Instrument instrument) {
    return all.stream().filter(row -> row.symbol().equals(instrument.symbol())).toList();
  }

  private static List<Instrument> instruments() {
    return IntStream.range(0, INSTRUMENTS).mapToObj(i -> new Instrument("test", "S" + i)).toList();
  }

  private Map<Instrument, Past> read(Instant moment) throws Exception {
    try (PastCandles pasts = open()) {
      return pasts.read(
          instruments().stream()
              .map(instrument -> new Question(instrument, micros(moment), micros(moment)))
              .toList());
    }
  }

  private PastCandles open() {
    return StoredCandles.opener(JobConfig.of(database.settings())).open(new SimpleCounter());
  }

  private static long micros(Instant moment) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
  }

  private void run(List<GeneratedTicks.Arrival> ticks) throws Exception {
    Path file = folder.resolve("ticks.jsonl");
    Files.write(file, ticks.stream().map(tick -> new String(tick.json(), UTF_8)).toList());
    FLINK
        .start(
            JobConfig.of(
                Stream.concat(
                        database.settings().stream(),
                        Stream.of("source.type=files", "source.files.paths=" + file))
                    .toList()),
            1)
        .awaitEnd();
  }
}
