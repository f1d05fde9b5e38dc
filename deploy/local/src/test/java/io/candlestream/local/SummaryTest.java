package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Input;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SummaryTest {

  private static final JobCounts.Events TICKS =
      new JobCounts.Events(
          1_000_000, 20, new TreeMap<>(Map.of("STALE", 15L, "MALFORMED", 7L)), 300);
  private static final JobCounts.Events FILLS =
      new JobCounts.Events(5_000, 3, Map.of("INVALID_FEE", 3L), 100);

  @Test
  void addsUpWhenEveryRecordIsUnderOneHead() {
    Summary summary = summary(Map.of(Input.TICKS, 1_000_324L), Map.of(Input.TICKS, TICKS));

    assertThat(summary.addsUp()).isTrue();
    assertThat(printed(summary))
        .contains("ticks read              1,000,324")
        .contains("all 1,000,324 accounted for")
        .contains("(one may have several reasons)")
        .containsPattern("market_data +1,239 +rows written, 1 unchanged\n")
        .containsPattern(
            "rejected_ticks +20 +rows written, 0 unchanged, 7 refused: see rejected_rows\n")
        .doesNotContain("fills read");
  }

  @Test
  void doesNotAddUpWhenARecordOfAnyStreamIsMissing() {
    Map<Input, JobCounts.Events> read = Map.of(Input.TICKS, TICKS, Input.FILLS, FILLS);
    Summary ofTicks = summary(Map.of(Input.TICKS, 1_000_325L, Input.FILLS, 5_103L), read);
    Summary ofFills = summary(Map.of(Input.TICKS, 1_000_324L, Input.FILLS, 5_104L), read);

    assertThat(ofTicks.addsUp()).isFalse();
    assertThat(printed(ofTicks)).contains("DOES NOT ADD UP: there were 1,000,325 records to read");
    assertThat(ofFills.addsUp()).isFalse();
    assertThat(printed(ofFills)).contains("DOES NOT ADD UP: there were 5,104 records to read");
  }

  @Test
  void everyStreamThatIsReadHasHeadsOfItsOwn() {
    Summary summary =
        summary(
            Map.of(Input.TICKS, 1_000_324L, Input.FILLS, 5_103L, Input.SENTIMENT, 0L),
            new EnumMap<>(
                Map.of(
                    Input.TICKS,
                    TICKS,
                    Input.FILLS,
                    FILLS,
                    Input.SENTIMENT,
                    JobCounts.Events.NONE)));

    assertThat(summary.addsUp()).isTrue();
    assertThat(printed(summary).lines().skip(2).limit(14))
        .containsExactly(
            "ticks read              1,000,324   = accepted + rejected + duplicates + before the"
                + " start: all 1,000,324 accounted for",
            "  accepted              1,000,000",
            "  rejected                     20   MALFORMED 7, STALE 15 (one may have several"
                + " reasons)",
            "  duplicates                  300",
            "  before the start              4",
            "fills read                  5,103   = accepted + rejected + duplicates: all 5,103"
                + " accounted for",
            "  accepted                  5,000",
            "  rejected                      3   INVALID_FEE 3",
            "  duplicates                  100",
            "sentiment read                  0   = accepted + rejected + duplicates: all 0"
                + " accounted for",
            "  accepted                      0",
            "  rejected                      0",
            "  duplicates                    0",
            "candles closed              1,234");
  }

  @Test
  void recordsOfAFeedAreNoTradesSoBothAreCounted() {
    JobCounts counts = counts(Map.of(Input.TICKS, TICKS));

    assertThat(
            printed(new Summary(Map.of(), counts, new Throughput(0), false))
                .lines()
                .skip(2)
                .limit(7))
        .containsExactly(
            "ticks read              1,000,324   = accepted + rejected + duplicates + before the"
                + " start",
            "  accepted              1,000,000",
            "  rejected                     20   MALFORMED 7, STALE 15 (one may have several"
                + " reasons)",
            "  duplicates                  300",
            "  before the start              4",
            "other records                  50   hold no trade: books, heartbeats, headers",
            "candles closed              1,234");
  }

  private static Summary summary(Map<Input, Long> produced, Map<Input, JobCounts.Events> counted) {
    return new Summary(produced, counts(counted), new Throughput(0), true);
  }

  private static JobCounts counts(Map<Input, JobCounts.Events> inputs) {
    return new JobCounts(
        inputs,
        4,
        50,
        1_234,
        5,
        6,
        Map.of(
            "market_data",
            new JobCounts.Rows(1_239, 1, 0),
            "rejected_ticks",
            new JobCounts.Rows(20, 0, 7)),
        0);
  }

  private static String printed(Summary summary) {
    StringWriter text = new StringWriter();
    summary.print(new PrintWriter(text, true));
    return text.toString();
  }
}
