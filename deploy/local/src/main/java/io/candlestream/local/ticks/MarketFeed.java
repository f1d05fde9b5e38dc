package io.candlestream.local.ticks;

import io.candlestream.market.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A feed's ticks and, beside them, what follows from the same seed: fills of a few accounts at
 * prices and times of these ticks, and sentiment about their symbols. All are records for Kafka in
 * the order of their arrival, each for the topic of its {@link #input}. With or without the others,
 * the ticks are the same.
 *
 * <p>A cursor, as {@link TickGenerator} is.
 */
public final class MarketFeed {
  private final TickGenerator ticks;
  private final List<SideStream> beside;

  /** The current record; null where it is a tick. */
  private SideStream.Arrival arrived;

  private long reachedMicros;

  /**
   * @param ticks before their first record
   * @param inputs which of the others there are to be
   */
  public MarketFeed(long seed, TickGenerator ticks, Set<Input> inputs) {
    this.ticks = ticks;
    this.beside = new ArrayList<>();
    if (inputs.contains(Input.FILLS)) {
      beside.add(SideStream.fills(seed));
    }
    if (inputs.contains(Input.SENTIMENT)) {
      beside.add(SideStream.sentiment(seed));
    }
    beside.forEach(stream -> stream.follow(ticks));
  }

  /** {@link TickGenerator#continueLive} of all streams. */
  public void continueLive(double ticksPerSecond, long startMicros) {
    ticks.continueLive(ticksPerSecond, startMicros);
    beside.forEach(stream -> stream.follow(ticks));
  }

  /** Moves to the next record; false if there is none. What waits comes before the end. */
  public boolean advance() {
    if (advanceBeside(reachedMicros)) {
      return true;
    }
    arrived = null;
    if (!ticks.advance()) {
      return advanceBeside(Long.MAX_VALUE);
    }
    reachedMicros = ticks.recordTimestampMillis() * 1_000;
    if (ticks.kind() == TickKind.NORMAL) {
      Instrument traded = ticks.instrument();
      beside.forEach(stream -> stream.traded(traded, traded.lastTradeMicros()));
    }
    return true;
  }

  private boolean advanceBeside(long byMicros) {
    for (SideStream stream : beside) {
      if (stream.isDue(byMicros)) {
        arrived = stream.take();
        return true;
      }
    }
    return false;
  }

  /** Which stream the current record is of. */
  public Input input() {
    return arrived == null ? Input.TICKS : arrived.input();
  }

  /**
   * The Kafka key of the current record: the instrument, the account or the symbol, whatever the
   * payload says.
   */
  public byte[] key() {
    return arrived == null ? ticks.key() : arrived.key();
  }

  public byte[] payload() {
    return arrived == null ? ticks.payload() : arrived.payload();
  }

  /**
   * When the current record arrived, in milliseconds of the epoch; never before the record that
   * came before it.
   */
  public long recordTimestampMillis() {
    return ticks.recordTimestampMillis();
  }

  /** What the current record was made to be. */
  public TickKind kind() {
    return arrived == null ? ticks.kind() : arrived.kind();
  }
}
