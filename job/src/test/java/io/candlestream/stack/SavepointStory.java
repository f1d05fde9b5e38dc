package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.candlestream.config.JobConfig;
import io.candlestream.ingest.Decoding;
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
 * the job had in its state: late ticks, corrections, copies, spikes, a gap, feeds that were silent.
 *
 * <p>The records are stored with the savepoint. So this may change, and no older fixture does.
 */
final class SavepointStory {

  private static final Instant START = Instant.parse("2024-08-08T23:30:00Z");
  private static final long MINUTE = 60_000;
  private static final long MIDDLE = 18 * MINUTE;
  private static final long SAVEPOINT = 30 * MINUTE;
  private static final long END = 60 * MINUTE;

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
    SEQUENCED
  }

  /** A record on its way; times are in milliseconds from the start. */
  private record Arrival(long at, Line line) {}

  private final Kind kind;
  private final Random random = new Random(20_240_808);
  private final List<Arrival> arrivals = new ArrayList<>();

  private SavepointStory(Kind kind) {
    this.kind = kind;
  }

  /** The lines before and after the savepoint; the last before are one of each instrument. */
  static List<List<Line>> of(Kind kind) {
    SavepointStory story = new SavepointStory(kind);
    for (Ids ids : Ids.values()) {
      story.new Market(ids).trade();
    }
    story.arrive(10 * MINUTE, 0, "MALFORMED", "no tick", Set.of());
    story.arrive(SAVEPOINT + MINUTE, 1, "MALFORMED", "{\"symbol\":", Set.of());
    story.arrivals.sort(Comparator.comparingLong(Arrival::at));
    return List.of(story.lines(0, SAVEPOINT), story.lines(SAVEPOINT, Long.MAX_VALUE));
  }

  private List<Line> lines(long from, long to) {
    return arrivals.stream()
        .filter(arrival -> arrival.at() >= from && arrival.at() < to)
        .map(Arrival::line)
        .toList();
  }

  private void arrive(long at, int partition, String becomes, String value, Set<String> events) {
    arrivals.add(
        new Arrival(
            at, new Line(kind == Kind.KAFKA ? partition : 0, becomes, List.copyOf(events), value)));
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
      long at = SAVEPOINT - MINUTE / 2 + ids.ordinal();
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
      SavepointStory.this.arrive(at, ids.ordinal() % 2, becomes, value, events);
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
              ids == Ids.NUMBERED ? "numbered" : "venue",
              ids,
              id,
              price,
              size,
              random.nextBoolean() ? "buy" : "sell",
              START.plusMillis(time));
    }
  }
}
