package io.candlestream.ingest;

import io.candlestream.feed.FeedReader;
import io.candlestream.feed.MalformedRecord;
import io.candlestream.feed.Trade;
import io.candlestream.feed.Trades;
import io.candlestream.market.Input;
import io.candlestream.market.Instrument;
import io.candlestream.market.Names;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Tick;
import io.candlestream.market.TickOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Has the records of one file or partition read, in whatever format they are, and judges their
 * trades by the stateless rules. What cannot be read is {@link RejectReason#MALFORMED} and nothing
 * else; what can be read is rejected with every reason that applies. Not thread-safe.
 */
final class TickDecoder implements RecordDecoder<Tick> {

  private static final int KNOWN_INSTRUMENTS = 1 << 11;

  /**
   * What was found out about an instrument when its names were read last.
   *
   * @param instrument null where one of its names is none
   */
  private record Known(
      String source,
      String symbol,
      boolean validSource,
      boolean validSymbol,
      Instrument instrument,
      RecordRules.Limits limits) {

    boolean isOf(Trade trade) {
      return symbol.equals(trade.symbol()) && source.equals(trade.source());
    }
  }

  private final FeedReader reader;
  private final RecordRules rules;
  private final Known[] known = new Known[KNOWN_INSTRUMENTS];
  private final Judgement judgement = new Judgement();

  TickDecoder(FeedReader reader, RecordRules rules) {
    this.reader = reader;
    this.rules = rules;
  }

  @Override
  public boolean remembers() {
    return reader.remembers();
  }

  @Override
  public void recall(byte[] raw) {
    if (raw != null) {
      try {
        reader.read(raw, Trades.NOBODY);
      } catch (MalformedRecord rejectedBefore) {
        // It says nothing about later ones.
      }
    }
  }

  @Override
  public Verdict<Tick> decode(byte[] raw, Origin origin, long clockMillis) {
    if (raw == null) {
      return Verdict.reject(malformed(null, origin));
    }
    judgement.begin(origin, clockMillis);
    try {
      reader.read(raw, judgement);
    } catch (MalformedRecord unreadable) {
      return Verdict.reject(malformed(raw, origin));
    }
    return judgement.verdict();
  }

  private static Reject malformed(byte[] raw, Origin origin) {
    return Reject.malformed(Input.TICKS, raw, origin);
  }

  /** Judges the trades of a record as they are read, of one record after the other. */
  private final class Judgement implements Trades {

    private Origin record;
    private long clockMillis;
    private int items;
    private List<Tick> accepted;
    private List<Reject> rejected;

    void begin(Origin nextRecord, long nextClockMillis) {
      record = nextRecord;
      clockMillis = nextClockMillis;
      items = 0;
      accepted = List.of();
      rejected = List.of();
    }

    Verdict<Tick> verdict() {
      return new Verdict<>(record, accepted, rejected);
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
      Known of = known(trade);
      RecordRules.Limits limits = of.limits();
      boolean validPrice = trade.price() != null && limits.allowsPrice(trade.price());
      boolean validSize = trade.size() != null && limits.allowsSize(trade.size());
      boolean stale = rules.isStale(trade.timestampMicros(), clockMillis);
      boolean future = rules.isFuture(trade.timestampMicros(), clockMillis);
      if (of.instrument() != null
          && trade.tradeId() != null
          && validPrice
          && validSize
          && !stale
          && !future) {
        Tick tick =
            new Tick(
                of.instrument(),
                new TickOrder(trade.timestampMicros(), trade.sequence(), trade.tradeId(), origin),
                trade.price(),
                trade.size(),
                trade.side(),
                raw);
        accepted = with(tick, accepted);
        return;
      }
      Reasons reasons = new Reasons();
      reasons.addUnless(of.validSource(), RejectReason.INVALID_SOURCE);
      reasons.addUnless(of.validSymbol(), RejectReason.INVALID_SYMBOL);
      reasons.addUnless(trade.tradeId() != null, RejectReason.INVALID_TRADE_ID);
      reasons.addUnless(validPrice, RejectReason.INVALID_PRICE);
      reasons.addUnless(validSize, RejectReason.INVALID_SIZE);
      reasons.addUnless(!stale, RejectReason.STALE);
      reasons.addUnless(!future, RejectReason.FUTURE);
      rejected =
          with(
              new Reject(
                  Input.TICKS,
                  origin,
                  raw,
                  reasons.list(),
                  of.validSource() ? trade.source() : null,
                  of.validSymbol() ? trade.symbol() : null,
                  trade.timestampMicros()),
              rejected);
    }

    private Known known(Trade trade) {
      int hash = 31 * trade.source().hashCode() + trade.symbol().hashCode();
      int slot = (hash ^ hash >>> 15) & KNOWN_INSTRUMENTS - 1;
      Known there = known[slot];
      if (there != null && there.isOf(trade)) {
        return there;
      }
      Known learned = learn(trade.source(), trade.symbol());
      if (learned.instrument() != null) {
        // Of names that are none, one may be as long as a record.
        known[slot] = learned;
      }
      return learned;
    }

    private Known learn(String source, String symbol) {
      boolean validSource = Names.isSource(source);
      boolean validSymbol = Names.isSymbol(symbol);
      return new Known(
          source,
          symbol,
          validSource,
          validSymbol,
          validSource && validSymbol ? new Instrument(source, symbol) : null,
          rules.limitsOf(symbol));
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
  }
}
