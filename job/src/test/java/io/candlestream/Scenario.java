package io.candlestream;

import io.candlestream.oracle.TickRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A market, and all that can happen to its ticks on their way.
 *
 * @param trades what was traded, in the order of time
 * @param partitions how many partitions the instruments are spread over
 * @param interleaving decides which partition is read next
 * @param watermarkEvery after how many ticks the watermark moves
 * @param parallelism of the keyed operators at the start
 * @param failures what goes wrong
 * @param live whether candles are shown while they are open
 * @param fillsGaps whether there are candles without trades
 */
record Scenario(
    List<Trade> trades,
    int partitions,
    long interleaving,
    int watermarkEvery,
    int parallelism,
    List<Failure> failures,
    boolean live,
    boolean fillsGaps) {

  /** Gaps and delays count in sixtieths of a second, so that some minutes make hours. */
  private static final int SCALE = 60;

  static final long LENGTH_MILLIS = 60_000;
  static final long OUT_OF_ORDERNESS_MILLIS = 120_000;
  static final long ALLOWED_LATENESS_MILLIS = 300_000;

  /** A tick that comes later than this may meet a dropped candle. */
  static final int LATEST = (int) (OUT_OF_ORDERNESS_MILLIS + ALLOWED_LATENESS_MILLIS) / SCALE;

  /** Half an hour before midnight. */
  private static final long EPOCH_MILLIS = 1_723_159_800_000L;

  /** What the id of a trade looks like. */
  enum IdKind {
    NUMBER,
    QUOTED_NUMBER,
    TEXT,
    NONE
  }

  /**
   * @param gap how long after the trade before it, of whichever instrument
   * @param price in hundredths
   * @param size in thousandths
   * @param delay how long its tick is on the way, at most {@link #LATEST}
   * @param copyDelays the same for further copies of the tick, without limit; none for a tick
   *     without id, of which every copy is a trade
   */
  record Trade(
      int instrument,
      int gap,
      int price,
      int size,
      String side,
      IdKind id,
      boolean sequenced,
      int delay,
      List<Integer> copyDelays) {}

  /** What a restart goes on from. */
  enum Restart {
    CHECKPOINT,
    /** The same, but the indicators' past is read again. */
    RAISED_GENERATION,
    /** The database alone. */
    RESUME
  }

  /**
   * A crash, and a restart.
   *
   * @param checkpointAt the part of the ticks not yet read that the checkpoint waits for, in
   *     percent
   * @param crashAt the part of the ticks then left that the crash waits for, in percent
   * @param parallelism of the keyed operators from then on
   */
  record Failure(int checkpointAt, int crashAt, int parallelism, Restart restart) {}

  /** A copy of a tick on its way. */
  record Arrival(long timestampMillis, long atMillis, TickRecord record) {}

  /** Every copy of every tick, by partition and in the order of arrival. */
  List<List<Arrival>> arrivals() {
    List<List<Arrival>> arrivals = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      arrivals.add(new ArrayList<>());
    }
    long now = EPOCH_MILLIS;
    int number = 0;
    for (Trade trade : tradesWithLast()) {
      now += (long) trade.gap() * SCALE;
      int partition = trade.instrument() % partitions;
      byte[] json = json(trade, number, now).getBytes(StandardCharsets.UTF_8);
      // The offset names the tick, not the copy: where it lies in the topic is part of a tick.
      TickRecord record = new TickRecord("ticks", partition, number++, json);
      arrivals.get(partition).add(new Arrival(now, now + (long) trade.delay() * SCALE, record));
      if (trade.id() != IdKind.NONE) {
        for (int delay : trade.copyDelays()) {
          arrivals.get(partition).add(new Arrival(now, now + (long) delay * SCALE, record));
        }
      }
    }
    arrivals.forEach(partition -> partition.sort(Comparator.comparingLong(Arrival::atMillis)));
    return arrivals;
  }

  /**
   * At the end each instrument is traded once more: only then does a job without state come to know
   * that its predecessor had it, and write what that one could not.
   */
  private List<Trade> tradesWithLast() {
    List<Trade> all = new ArrayList<>(trades);
    trades.stream()
        .map(Trade::instrument)
        .distinct()
        .map(instrument -> new Trade(instrument, 1, 100, 1, "", IdKind.NUMBER, false, 0, List.of()))
        .forEach(all::add);
    return all;
  }

  /** Each tick once, in the order of time. */
  List<TickRecord> distinct() {
    return arrivals().stream()
        .flatMap(List::stream)
        .map(Arrival::record)
        .sorted(Comparator.comparingLong(TickRecord::offset))
        .distinct()
        .toList();
  }

  private static String json(Trade trade, int number, long timestampMillis) {
    StringBuilder json = new StringBuilder("{\"source\":\"venue\",\"symbol\":\"S");
    json.append(trade.instrument()).append('"');
    switch (trade.id()) {
      case NUMBER -> json.append(",\"trade_id\":").append(number);
      case QUOTED_NUMBER -> json.append(",\"trade_id\":\"").append(number).append('"');
      case TEXT -> json.append(",\"trade_id\":\"t-").append(number).append('"');
      case NONE -> {}
    }
    if (trade.sequenced()) {
      json.append(",\"sequence\":").append(1_000_000 - number);
    }
    json.append(",\"price\":\"").append(trade.price() / 100.0);
    json.append("\",\"size\":").append(trade.size() / 1000.0);
    if (!trade.side().isEmpty()) {
      json.append(",\"side\":\"").append(trade.side()).append('"');
    }
    return json.append(",\"timestamp\":").append(timestampMillis).append('}').toString();
  }
}
