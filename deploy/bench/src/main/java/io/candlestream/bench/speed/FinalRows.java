package io.candlestream.bench.speed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.Sinks;
import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import io.candlestream.market.CandleKey;
import io.candlestream.market.Fill;
import io.candlestream.market.Intervals;
import io.candlestream.market.Reject;
import io.candlestream.market.Sentiment;
import io.candlestream.portfolio.PositionRow;
import io.candlestream.portfolio.SnapshotRow;
import io.candlestream.quality.QualityEvent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Where the rows of a job go that is measured without a database: of candles the last of each is
 * kept, so that two jobs can be held to the same rows; all else goes nowhere. One job at a time in
 * a process.
 */
final class FinalRows implements Sinks {

  private static final String BASE = "market_data";

  private static final Map<Key, CandleRow> ROWS = new ConcurrentHashMap<>();

  private record Key(String table, CandleKey candle) {}

  static void forget() {
    ROWS.clear();
  }

  static void put(CandleRow row) {
    put(BASE, row);
  }

  static void put(Timeframe timeframe, CandleRow row) {
    put(timeframe.word(), row);
  }

  private static void put(String table, CandleRow row) {
    ROWS.put(
        new Key(table, new CandleKey(row.candle().instrument(), row.candle().startMicros())), row);
  }

  /** Equal for equal rows, in whatever order they came. */
  static long digest() {
    long digest = 0;
    CRC32C crc = new CRC32C();
    for (Map.Entry<Key, CandleRow> row : ROWS.entrySet()) {
      crc.reset();
      crc.update((row.getKey() + " " + row.getValue()).getBytes(UTF_8));
      digest += crc.getValue();
    }
    return digest;
  }

  /** Takes the rows of a table. */
  private record Keeping(String table) implements Sink<CandleRow> {

    @Override
    public SinkWriter<CandleRow> createWriter(WriterInitContext context) {
      return new SinkWriter<>() {
        @Override
        public void write(CandleRow row, Context context) {
          put(table, row);
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
      };
    }
  }

  @Override
  public Sink<CandleRow> marketData() {
    return new Keeping(BASE);
  }

  @Override
  public Sink<CandleRow> indicators(Timeframe timeframe) {
    return new Keeping(timeframe.word());
  }

  @Override
  public Sink<Reject> rejectedTicks() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<QualityEvent> dataQualityEvents() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<Long> jobProgress(String job, Intervals intervals) {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<Fill> tradeHistory() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<PositionRow> portfolioPositions() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<SnapshotRow> portfolioSnapshots() {
    return new DiscardingSink<>();
  }

  @Override
  public Sink<Sentiment> sentimentData() {
    return new DiscardingSink<>();
  }
}
