package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.config.JobConfig;
import io.candlestream.ingest.Decoding;
import io.candlestream.market.Input;
import io.candlestream.market.Tick;
import io.candlestream.oracle.TickRecord;
import io.candlestream.stack.SavepointFixture.Kind;
import io.candlestream.stack.SavepointFixture.Line;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * The records of a fixture that is to be written: half an hour up to midnight, then the savepoint,
 * then half an hour more. What is planted right after the savepoint comes out right only with what
 * the job had in its state: late ticks, corrections, copies, spikes, a gap, feeds that were silent;
 * late fills, and such as close what was bought before.
 *
 * <p>The records are stored with the savepoint. So this may change, and no older fixture does.
 */
final class SavepointStory {

  private static final Instant START = Instant.parse("2024-08-08T23:30:00Z");
  private static final long MINUTE = 60_000;
  private static final long MIDDLE = 18 * MINUTE;
  private static final long SAVEPOINT = 30 * MINUTE;
  private static final long END = 60 * MINUTE;

  /** Of the last ticks before the savepoint. */
  private static final long PARTING = SAVEPOINT - MINUTE / 2;

  /** Less than the out-of-orderness that watermarks allow for. */
  private static final int LONGEST_DELAY = 4_000;

  private static final Decoding DECODING = new Decoding(JobConfig.of(List.of()).validation());

  /** How an instrument's trades are identified. */
  private enum Ids {
    /** Rising by one. */
    NUMBERED,
    TEXT,
    UUIDS,
    NONE,
    /** Rising, but not by one; the order is in the sequence. */
    SEQUENCED;

    private String source() {
      return this == NUMBERED ? "numbered" : "venue";
    }
  }

  /** A record on its way; times are in milliseconds from the start. */
  private record Arrival(long at, Line line) {}

  private final Kind kind;
  private final Random random = new Random(20_240_808);
  private final List<Arrival> arrivals = new ArrayList<>();
  private int fills;

  private SavepointStory(Kind kind) {
    this.kind = kind;
  }

  /**
   * The lines before and after the savepoint. The last ticks before are one of each instrument,
   * next to each other; the fills and sentiment after these are to be read when all else is done.
   */
  static List<List<Line>> of(Kind kind) {
    SavepointStory story = new SavepointStory(kind);
    for (Ids ids : Ids.values()) {
      story.new Market(ids).trade();
    }
    story.arrive(Input.TICKS, 10 * MINUTE, 0, "MALFORMED", "no tick", Set.of());
    story.arrive(Input.TICKS, SAVEPOINT + MINUTE, 1, "MALFORMED", "{\"symbol\":", Set.of());
    if (kind == Kind.KAFKA) {
      story.fill();
      story.report();
    }
    story.arrivals.sort(Comparator.comparingLong(Arrival::at));
    return List.of(story.lines(0, SAVEPOINT), story.lines(SAVEPOINT, Long.MAX_VALUE));
  }

  private List<Line> lines(long from, long to) {
    return arrivals.stream()
        .filter(arrival -> arrival.at() >= from && arrival.at() < to)
        .map(Arrival::line)
        .toList();
  }

  /** Own trades of two accounts, each in a partition. */
  private void fill() {
    Position dollars = new Position(0, Ids.TEXT, "USD");
    Position sold = new Position(0, Ids.NONE, "USD");
    Position euros = new Position(1, Ids.TEXT, "EUR");
    Position numbered = new Position(1, Ids.NUMBERED, "USD");
    dollars.trade(MINUTE, "buy", "3", "1000.1");
    sold.trade(4 * MINUTE, "sell", "0.7", "999.9");
    numbered.trade(5 * MINUTE, "buy", "2", "1000.3");
    euros.trade(6 * MINUTE, "sell", "2", "910.5");
    arrive(Input.FILLS, 10 * MINUTE, 0, "MALFORMED", "no fill", Set.of());
    String copied = dollars.trade(20 * MINUTE, "buy", "1.5", "1000.2");
    dollars.arrive(20 * MINUTE, Line.DUPLICATE, copied);
    numbered.trade(21 * MINUTE, "buy", "0.5", "999.7");
    dollars.trade(PARTING - 10_000, "sell", "0.25", "1000.4");
    numbered.trade(PARTING - 10_000, "buy", "1", "1000.2");
    // No watermark comes after it: what it changes is still to go out.
    dollars.arrive(
        PARTING + MINUTE / 4, Line.BOOKED, dollars.json(22 * MINUTE, "buy", "1", "1001"));

    dollars.arrive(SAVEPOINT, Line.DUPLICATE, copied);
    dollars.arrive(SAVEPOINT, "LATE", dollars.json(16 * MINUTE - 1, "buy", "5", "1000"));
    // So nothing was held until the fill right before the savepoint.
    numbered.arrive(SAVEPOINT, Line.BOOKED, numbered.json(23 * MINUTE, "sell", "2.5", "1000.6"));
    dollars.trade(SAVEPOINT + 1, "sell", "1", "1000.7");
    sold.trade(SAVEPOINT + 2 * MINUTE, "buy", "1.7", "999.6");
    euros.trade(SAVEPOINT + 15 * MINUTE, "buy", "2", "910.1");
    numbered.trade(SAVEPOINT + 20 * MINUTE, "sell", "3", "999.9");
  }

  /** Sentiment of two providers, each in a partition. */
  private void report() {
    report(0, 0, Line.KEPT, wire(1, -50 * MINUTE));
    report(8 * MINUTE, 0, "MALFORMED", "no item");
    report(9 * MINUTE, 1, Line.KEPT, blog(1, 9 * MINUTE));
    report(9 * MINUTE, 1, Line.DUPLICATE, blog(1, 9 * MINUTE));
    report(20 * MINUTE, 0, Line.KEPT, wire(2, 20 * MINUTE));
    report(21 * MINUTE, 1, Line.KEPT, blog(2, 21 * MINUTE));
    report(PARTING + MINUTE / 4, 0, Line.KEPT, wire(3, PARTING));

    report(SAVEPOINT, 0, Line.DUPLICATE, wire(2, 20 * MINUTE));
    report(SAVEPOINT, 0, "LATE", wire(4, -40 * MINUTE));
    report(SAVEPOINT, 1, Line.DUPLICATE, blog(2, 21 * MINUTE));
    report(SAVEPOINT + MINUTE, 0, Line.KEPT, wire(5, SAVEPOINT + MINUTE));
    report(SAVEPOINT + 15 * MINUTE, 1, Line.KEPT, blog(3, SAVEPOINT));
  }

  private void report(long at, int partition, String becomes, String value) {
    arrive(Input.SENTIMENT, at, partition, becomes, value, Set.of());
  }

  private static String wire(int number, long time) {
    return "{\"symbol\":\"TEXT\",\"provider\":\"wire\",\"item_id\":\"%s\",\"score\":-0.%d,\"timestamp\":\"%s\"}"
        .formatted(new UUID(2_024, number), number, START.plusMillis(time));
  }

  private static String blog(int number, long time) {
    return ("{\"symbol\":\"NUMBERED\",\"provider\":\"blog\",\"item_id\":\"b-%1$d\",\"score\":0.5,"
                + "\"magnitude\":%1$d.5,\"text_ref\":\"https://blog.example/%1$d\",\"timestamp\":\"%2$s\"}")
        .formatted(number, START.plusMillis(time));
  }

  private void arrive(
      Input stream, long at, int partition, String becomes, String value, Set<String> events) {
    int ofKind = kind == Kind.KAFKA ? partition : 0;
    arrivals.add(new Arrival(at, new Line(stream, ofKind, becomes, List.copyOf(events), value)));
  }

  /** How an event is known in its table. */
  static String event(String kind, Tick tick, String identity) {
    return String.join(
        "|", kind, tick.instrument().symbol(), "" + tick.timestampMicros(), identity);
  }

  private static Tick tick(String json) {
    return DECODING.accept(new TickRecord("none", 0, 0, json.getBytes(UTF_8)));
  }

  /** One instrument. */
  private final class Market {

    private final Ids ids;
    private long price = 100_000;
    private long number = 1_000;

    /** Of its first tick after the savepoint. */
    private final Set<String> eventsOfFirst = new LinkedHashSet<>();

    Market(Ids ids) {
      this.ids = ids;
    }

    void trade() {
      tradeUntil(MIDDLE, 0);
      if (ids == Ids.TEXT) {
        spike(MIDDLE, "PRICE_SPIKE", "2000", "0.5");
      } else if (ids == Ids.NUMBERED) {
        String traded = json(MIDDLE + 1, "0.3");
        arrive(MIDDLE + 1, Line.CANDLE, traded, Set.of());
        conflict(MIDDLE + 2, traded);
        skipNumbers();
        String next = json(MIDDLE + 30_000, "0.3");
        arrive(
            MIDDLE + 30_000,
            Line.CANDLE,
            next,
            Set.of(event("SEQUENCE_GAP", tick(next), "" + tick(next).tradeId())));
      }
      tradeUntil(SAVEPOINT - MINUTE, MIDDLE + MINUTE);
      String last = parting();
      comeBack(last);
      tradeUntil(END, SAVEPOINT + MINUTE);
    }

    /** The last tick before the savepoint: by it, what was begun is known to be in the state. */
    private String parting() {
      long at = PARTING + ids.ordinal();
      if (ids == Ids.NUMBERED) {
        skipNumbers();
      }
      String last = json(at, "0.7");
      arrive(at, Line.CANDLE, last, Set.of());
      Tick tick = tick(last);
      if (ids == Ids.NUMBERED) {
        eventsOfFirst.add(event("SEQUENCE_GAP", tick, "" + tick.tradeId()));
      }
      return last;
    }

    /** What comes first after the savepoint. */
    private void comeBack(String last) {
      long at = SAVEPOINT + ids.ordinal();
      switch (ids) {
        case NUMBERED -> arrive(at, Line.DUPLICATE, last, Set.of());
        case TEXT -> {
          arrive(at, "LATE", json(2 * MINUTE, "0.1"), Set.of());
          arrive(at, Line.DUPLICATE, last, Set.of());
          conflict(at, last);
          spike(at + 100, "PRICE_SPIKE", "2000", "0.5");
        }
        case UUIDS -> {
          arrive(at, Line.CANDLE, json(SAVEPOINT - 3 * MINUTE, "0.4"), Set.of());
          arrive(at, Line.DUPLICATE, last, Set.of());
        }
        case NONE -> {
          if (kind == Kind.FILES) {
            arrive(at, Line.DUPLICATE, last, Set.of());
          }
        }
        case SEQUENCED -> spike(at + 100, "SIZE_SPIKE", "1000", "50000");
      }
      String next = json(at + 200, "0.6");
      arrive(at + 200, Line.CANDLE, next, eventsOfFirst);
    }

    private void tradeUntil(long end, long from) {
      for (long minute = from; minute < end; minute += MINUTE) {
        if (random.nextInt(5) > 0) {
          long time = minute + random.nextInt(20_000);
          for (int left = 1 + random.nextInt(2); left > 0; left--) {
            tradeAt(time);
            time += 1 + random.nextInt(20_000);
          }
        }
      }
    }

    private void tradeAt(long time) {
      price += random.nextInt(41) - 20;
      String json = json(time, BigDecimal.valueOf(1_000 + random.nextInt(9_000), 4).toString());
      long at = time + random.nextInt(LONGEST_DELAY);
      arrive(at, Line.CANDLE, json, Set.of());
      if (random.nextInt(10) == 0 && (ids != Ids.NONE || kind == Kind.FILES)) {
        arrive(at + random.nextInt(LONGEST_DELAY), Line.DUPLICATE, json, Set.of());
      }
    }

    private void conflict(long at, String json) {
      String other = json.replaceFirst("\"size\":\"[^\"]+\"", "\"size\":\"7777\"");
      Tick tick = tick(other);
      arrive(
          at,
          Line.DUPLICATE,
          other,
          Set.of(
              event(
                  "CONFLICTING_DUPLICATE",
                  tick,
                  "%s %s %s %s"
                      .formatted(tick.tradeId(), tick.price(), tick.size(), tick.side()))));
    }

    private void spike(long at, String event, String price, String size) {
      String json = json(at, price, size);
      arrive(at, "ANOMALY", json, Set.of(event(event, tick(json), "" + tick(json).tradeId())));
    }

    private void skipNumbers() {
      number += 3;
    }

    private void arrive(long at, String becomes, String value, Set<String> events) {
      SavepointStory.this.arrive(Input.TICKS, at, ids.ordinal() % 2, becomes, value, events);
    }

    private String json(long time, String size) {
      return json(time, BigDecimal.valueOf(price, 2).toString(), size);
    }

    private String json(long time, String price, String size) {
      number++;
      String id =
          switch (ids) {
            case NUMBERED -> "\"trade_id\":" + number + ",";
            case TEXT -> "\"trade_id\":\"t-" + number + "\",";
            case UUIDS ->
                "\"trade_id\":\"" + new UUID(random.nextLong(), random.nextLong()) + "\",";
            case NONE -> "";
            case SEQUENCED -> "\"trade_id\":%d,\"sequence\":%d,".formatted(7 * number, number);
          };
      return ("{\"source\":\"%s\",\"symbol\":\"%s\",%s\"price\":\"%s\",\"size\":\"%s\","
              + "\"side\":\"%s\",\"timestamp\":\"%s\"}")
          .formatted(
              ids.source(),
              ids,
              id,
              price,
              size,
              random.nextBoolean() ? "buy" : "sell",
              START.plusMillis(time));
    }
  }

  /** What an account holds of an instrument for a currency. */
  private final class Position {

    private final int partition;
    private final Ids of;
    private final String currency;

    Position(int partition, Ids of, String currency) {
      this.partition = partition;
      this.of = of;
      this.currency = currency;
    }

    /** A fill that arrives at once. */
    String trade(long time, String side, String size, String price) {
      String json = json(time, side, size, price);
      arrive(time, Line.BOOKED, json);
      return json;
    }

    void arrive(long at, String becomes, String value) {
      SavepointStory.this.arrive(Input.FILLS, at, partition, becomes, value, Set.of());
    }

    /** Those of the second account have numbers for ids, and no fees. */
    String json(long time, String side, String size, String price) {
      fills++;
      String more =
          partition == 0
              ? "\"f-%1$d\",\"fee\":\"0.000%1$d\",\"fee_currency\":\"BNB\",\"order_id\":\"o-%1$d\""
                  .formatted(fills)
              : "" + fills;
      return ("{\"account\":\"desk-%d\",\"source\":\"%s\",\"symbol\":\"%s\",\"fill_id\":%s,\"side\":\"%s\","
                  + "\"size\":\"%s\",\"price\":\"%s\",\"currency\":\"%s\",\"timestamp\":\"%s\"}")
          .formatted(
              partition + 1,
              of.source(),
              of,
              more,
              side,
              size,
              price,
              currency,
              START.plusMillis(time));
    }
  }
}
