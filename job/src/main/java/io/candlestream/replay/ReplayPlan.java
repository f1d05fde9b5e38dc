package io.candlestream.replay;

import io.candlestream.config.JobConfig;
import io.candlestream.config.QualityConfig.OnAnomaly;
import io.candlestream.config.SourceConfig;
import io.candlestream.ingest.FileRecords;
import io.candlestream.ingest.LoneRecords;
import io.candlestream.ingest.TopicReach;
import io.candlestream.ingest.Verdict;
import io.candlestream.market.CandleKey;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Tick;
import io.candlestream.sink.Columns;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which candles are to be rebuilt so that selected rejects are in them, and what else of them was
 * rejected and is to stay out.
 *
 * @param candles with the trades that each has by now
 * @param replayed the rejects that are to come in, in an order by which they are known
 * @param leftOut those that stay out because they were not selected, and of their kind: spikes were
 *     found among distinct ticks only, everything else before
 * @param refused how many were selected and cannot come in, and why
 */
public record ReplayPlan(
    Map<CandleKey, Long> candles,
    List<Origin> replayed,
    LeftOut leftOut,
    Map<Refusal, Integer> refused) {

  /**
   * Rejects that stay out.
   *
   * @param anomalies by their candles; their copies were duplicates, as they had passed as the
   *     first of their trade
   * @param others whose copies, if there are any, count for themselves
   */
  public record LeftOut(Map<CandleKey, Set<Origin>> anomalies, Set<Origin> others) {}

  /**
   * Judges what is selected.
   *
   * @throws IOException if the database or the broker fails
   */
  public static ReplayPlan of(RejectSelection selection, JobConfig config, StoredRejects rejects)
      throws IOException, InterruptedException {
    Judge judge = new Judge(config, rejects);
    Set<CandleKey> candles = new HashSet<>();
    List<Origin> replayed = new ArrayList<>();
    Map<Refusal, Integer> refused = new EnumMap<>(Refusal.class);
    rejects.forEachSelected(
        selection,
        reject -> {
          Set<CandleKey> affected = new HashSet<>();
          Optional<Refusal> refusal = judge.judge(reject, affected);
          if (refusal.isPresent()) {
            refused.merge(refusal.get(), 1, Integer::sum);
          } else {
            candles.addAll(affected);
            replayed.add(reject.origin());
          }
        });
    return new ReplayPlan(
        rejects.trades(candles),
        replayed,
        leftOut(rejects.of(candles), replayed, judge.intervals),
        refused);
  }

  private static LeftOut leftOut(
      List<Reject> ofCandles, List<Origin> replayed, Intervals intervals) {
    Set<Origin> comingIn = new HashSet<>(replayed);
    Map<CandleKey, Set<Origin>> anomalies = new HashMap<>();
    Set<Origin> others = new HashSet<>();
    for (Reject reject : ofCandles) {
      if (comingIn.contains(reject.origin())) {
        continue;
      }
      if (reject.reasons().contains(RejectReason.ANOMALY)) {
        CandleKey candle =
            new CandleKey(
                new Instrument(reject.source(), reject.symbol()),
                intervals.startOf(reject.timestampMicros()));
        anomalies.computeIfAbsent(candle, none -> new HashSet<>()).add(reject.origin());
      } else {
        others.add(reject.origin());
      }
    }
    return new LeftOut(anomalies, others);
  }

  /** Where reading must begin so that no tick of the candles is missed. */
  Instant readFrom(JobConfig config) {
    return earliest(candles.keySet().stream()).minus(config.validation().maxAhead());
  }

  /** The start of the earliest candle. */
  public Instant from() {
    return earliest(candles.keySet().stream());
  }

  /** From when on an instrument changes, for each that does. */
  public Map<Instrument, Instant> instruments() {
    return candles.keySet().stream()
        .collect(
            Collectors.groupingBy(
                CandleKey::instrument,
                Collectors.collectingAndThen(
                    Collectors.toList(), keys -> earliest(keys.stream()))));
  }

  private static Instant earliest(Stream<CandleKey> candles) {
    return instant(candles.mapToLong(CandleKey::startMicros).min().orElseThrow());
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** Judges one reject after the other. */
  private static final class Judge {

    private final JobConfig config;
    private final LoneRecords records;
    private final Intervals intervals;
    private final Predicate<Place> isInSource;

    /** Candles that start before have been dropped. */
    private final long retainedFromMicros;

    /**
     * From when on an instrument's candles may still be in the state of a running job; asked for
     * once.
     */
    private final Map<Instrument, Long> notOverFromMicros = new HashMap<>();

    private final StoredRejects rejects;
    private final Optional<Instant> newestOfAll;

    /** A record, and the start of the earliest candle that it is in. */
    private record Place(Origin origin, Instant start) {}

    Judge(JobConfig config, StoredRejects rejects) throws IOException, InterruptedException {
      this.config = config;
      this.rejects = rejects;
      newestOfAll = rejects.newestStart();
      records = new LoneRecords(config.source(), config.validation());
      intervals =
          Intervals.of(
              config.candles().interval(),
              config.time().outOfOrderness(),
              config.time().allowedLateness());
      isInSource =
          switch (config.source().type()) {
            case KAFKA -> inTopics(config);
            case FILES -> inFiles(config.source());
          };
      retainedFromMicros = rejects.retainedFrom().map(Columns::micros).orElse(0L);
    }

    private static Predicate<Place> inTopics(JobConfig config) throws IOException {
      TopicReach reach = TopicReach.of(config.source().kafka());
      return place ->
          reach.has(
              place.origin().topic(),
              place.origin().partition(),
              place.origin().offset(),
              place.start().minus(config.validation().maxAhead()));
    }

    private static Predicate<Place> inFiles(SourceConfig source) {
      Set<String> paths = new HashSet<>();
      FileRecords.resolve(source.files().paths()).forEach(file -> paths.add(file.toString()));
      return place -> paths.contains(place.origin().topic());
    }

    /**
     * Why a reject cannot come in; empty if it can, as far as can be told before its record is read
     * again.
     *
     * @param candles takes those that it is in
     */
    Optional<Refusal> judge(Reject reject, Set<CandleKey> candles)
        throws IOException, InterruptedException {
      if (reject.reasons().contains(RejectReason.ANOMALY)
          && config.quality().onAnomaly() == OnAnomaly.REJECT) {
        return Optional.of(Refusal.STILL_ANOMALY);
      }
      Optional<Verdict<Tick>> verdict = records.judge(reject.raw(), reject.origin());
      if (verdict.isPresent()) {
        if (!verdict.get().rejected().isEmpty() || !verdict.get().hasAccepted()) {
          return Optional.of(Refusal.STILL_REJECTED);
        }
        verdict
            .get()
            .accepted()
            .forEach(tick -> candles.add(candle(tick.instrument(), tick.timestampMicros())));
      } else if (reject.source() == null
          || reject.symbol() == null
          || reject.timestampMicros() == null) {
        return Optional.of(Refusal.NOT_BY_ITSELF);
      } else {
        candles.add(
            candle(new Instrument(reject.source(), reject.symbol()), reject.timestampMicros()));
      }
      return refusal(reject.origin(), candles);
    }

    private CandleKey candle(Instrument instrument, long timestampMicros) {
      return new CandleKey(instrument, intervals.startOf(timestampMicros));
    }

    private Optional<Refusal> refusal(Origin origin, Set<CandleKey> candles)
        throws IOException, InterruptedException {
      if (candles.stream().anyMatch(candle -> candle.startMicros() < retainedFromMicros)) {
        return Optional.of(Refusal.DROPPED);
      }
      for (CandleKey candle : candles) {
        if (candle.startMicros() >= notOverFromMicros(candle.instrument())) {
          return Optional.of(Refusal.NOT_OVER);
        }
      }
      return isInSource.test(new Place(origin, earliest(candles.stream())))
          ? Optional.empty()
          : Optional.of(Refusal.NOT_IN_SOURCE);
    }

    private long notOverFromMicros(Instrument instrument) throws IOException, InterruptedException {
      Long known = notOverFromMicros.get(instrument);
      if (known == null) {
        known = askNotOverFromMicros(instrument);
        notOverFromMicros.put(instrument, known);
      }
      return known;
    }

    /**
     * The job drops a candle when both its watermark and the instrument's own newest tick have gone
     * so far beyond it. The newest stored candle says how far they have gone at least; where the
     * instrument has none, that of all instruments says it of the watermark.
     */
    private long askNotOverFromMicros(Instrument instrument)
        throws IOException, InterruptedException {
      if (config.source().type() == SourceConfig.Type.FILES) {
        return Long.MAX_VALUE;
      }
      return rejects
          .newestStart(instrument)
          .or(() -> newestOfAll)
          .map(
              newest ->
                  intervals.startOf(
                      Columns.micros(newest)
                          - intervals.outOfOrdernessMicros()
                          - intervals.allowedLatenessMicros()))
          .orElse(Long.MAX_VALUE);
    }
  }
}
