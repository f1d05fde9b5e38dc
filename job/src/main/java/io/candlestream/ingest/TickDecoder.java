package io.candlestream.ingest;

import io.candlestream.feed.FeedReader;
import io.candlestream.feed.MalformedRecord;
import io.candlestream.feed.Trade;
import io.candlestream.feed.Trades;
import io.candlestream.market.Instrument;
import io.candlestream.market.Origin;
import io.candlestream.market.RejectReason;
import io.candlestream.market.RejectedTick;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Has the records of one file or partition read, in whatever format they are, and judges their
 * trades by the stateless rules. What cannot be read is {@link RejectReason#MALFORMED} and nothing
 * else; what can be read is rejected with every reason that applies. Not thread-safe.
 */
final class TickDecoder {

  private static final byte[] NO_BYTES = {};

  private final FeedReader reader;
  private final TickRules rules;
  private final Judgement judgement = new Judgement();

  TickDecoder(FeedReader reader, TickRules rules) {
    this.reader = reader;
    this.rules = rules;
  }

  /** As {@link FeedReader#remembers} says: if so, records before are to be {@link #recall}ed. */
  boolean remembers() {
    return reader.remembers();
  }

  /**
   * Reads a record again whose trades are known.
   *
   * @param raw the record, null for one without value
   */
  void recall(byte[] raw) {
    if (raw != null) {
      try {
        reader.read(raw, Trades.NOBODY);
      } catch (MalformedRecord rejectedBefore) {
        // It says nothing about later ones.
      }
    }
  }

  /**
   * @param raw the record, null for one without value
   * @param origin where it was read; its item is 0
   * @param clockMillis the time by which the age of its trades is judged
   */
  Verdict decode(byte[] raw, Origin origin, long clockMillis) {
    if (raw == null) {
      return Verdict.reject(malformed(NO_BYTES, origin));
    }
    judgement.begin(origin, clockMillis);
    try {
      reader.read(raw, judgement);
    } catch (MalformedRecord unreadable) {
      return Verdict.reject(malformed(raw, origin));
    }
    return judgement.verdict();
  }

  private static RejectedTick malformed(byte[] raw, Origin origin) {
    return new RejectedTick(origin, raw, List.of(RejectReason.MALFORMED), null, null, null);
  }

  /** Judges the trades of a record as they are read, of one record after the other. */
  private final class Judgement implements Trades {

    private Origin record;
    private long clockMillis;
    private int items;
    private List<Tick> accepted;
    private List<RejectedTick> rejected;

    void begin(Origin nextRecord, long nextClockMillis) {
      record = nextRecord;
      clockMillis = nextClockMillis;
      items = 0;
      accepted = List.of();
      rejected = List.of();
    }

    Verdict verdict() {
      return new Verdict(record, accepted, rejected);
    }

    @Override
    public void add(Trade trade, byte[] raw) {
      judge(trade, raw, nextOrigin());
    }

    @Override
    public void addMalformed(byte[] raw) {
      rejected = with(malformed(raw, nextOrigin()), rejected);
    }

    private Origin nextOrigin() {
      int item = items++;
      return item == 0
          ? record
          : new Origin(
              record.topic(),
              record.partition(),
              record.offset(),
              item,
              record.recordTimestampMillis());
    }

    private void judge(Trade trade, byte[] raw, Origin origin) {
      boolean validSource = TickRules.isSource(trade.source());
      boolean validSymbol = TickRules.isSymbol(trade.symbol());
      TickRules.Limits limits = rules.limitsOf(trade.symbol());
      boolean validPrice = trade.price() != null && limits.allowsPrice(trade.price());
      boolean validSize = trade.size() != null && limits.allowsSize(trade.size());
      boolean stale = rules.isStale(trade.timestampMicros(), clockMillis);
      boolean future = rules.isFuture(trade.timestampMicros(), clockMillis);
      if (validSource
          && validSymbol
          && trade.tradeId() != null
          && validPrice
          && validSize
          && !stale
          && !future) {
        Tick tick =
            new Tick(
                new Instrument(trade.source(), trade.symbol()),
                new TickOrder(trade.timestampMicros(), trade.sequence(), trade.tradeId(), origin),
                trade.price(),
                trade.size(),
                trade.side(),
                raw);
        accepted = with(tick, accepted);
        return;
      }
      List<RejectReason> reasons = new ArrayList<>();
      addIf(!validSource, RejectReason.INVALID_SOURCE, reasons);
      addIf(!validSymbol, RejectReason.INVALID_SYMBOL, reasons);
      addIf(trade.tradeId() == null, RejectReason.INVALID_TRADE_ID, reasons);
      addIf(!validPrice, RejectReason.INVALID_PRICE, reasons);
      addIf(!validSize, RejectReason.INVALID_SIZE, reasons);
      addIf(stale, RejectReason.STALE, reasons);
      addIf(future, RejectReason.FUTURE, reasons);
      rejected =
          with(
              new RejectedTick(
                  origin,
                  raw,
                  reasons,
                  validSource ? trade.source() : null,
                  validSymbol ? trade.symbol() : null,
                  trade.timestampMicros()),
              rejected);
    }

    /** Nearly all records hold one trade, for which the smallest list will do. */
    private static <T> List<T> with(T next, List<T> before) {
      if (before.isEmpty()) {
        return List.of(next);
      }
      List<T> list = before instanceof ArrayList<T> growing ? growing : new ArrayList<>(before);
      list.add(next);
      return list;
    }

    private static void addIf(boolean applies, RejectReason reason, List<RejectReason> reasons) {
      if (applies) {
        reasons.add(reason);
      }
    }
  }
}
