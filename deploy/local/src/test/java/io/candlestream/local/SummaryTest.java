package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SummaryTest {

  private static final JobCounts COUNTS =
      new JobCounts(
          1_000_000,
          20,
          new TreeMap<>(Map.of("STALE", 15L, "MALFORMED", 7L)),
          300,
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

  @Test
  void addsUpWhenEveryRecordIsUnderOneHead() {
    Summary summary = summary(1_000_324);

    assertThat(summary.addsUp()).isTrue();
    assertThat(printed(summary))
        .contains("records read            1,000,324")
        .contains("all 1,000,324 accounted for")
        .contains("(a tick may have several reasons)")
        .containsPattern("market_data +1,239 +rows written, 1 unchanged\n")
        .containsPattern(
            "rejected_ticks +20 +rows written, 0 unchanged, 7 refused: see rejected_rows\n");
  }

  @Test
  void doesNotAddUpWhenARecordIsMissing() {
    Summary summary = summary(1_000_325);

    assertThat(summary.addsUp()).isFalse();
    assertThat(printed(summary)).contains("DOES NOT ADD UP: there were 1,000,325 records to read");
  }

  @Test
  void recordsOfAFeedAreNoTradesSoBothAreCounted() {
    assertThat(
            printed(new Summary(OptionalLong.empty(), COUNTS, new Throughput(0), false))
                .lines()
                .skip(2)
                .limit(7))
        .containsExactly(
            "trades read             1,000,324   = accepted + rejected + duplicates + before the"
                + " start",
            "  accepted              1,000,000",
            "  rejected                     20   MALFORMED 7, STALE 15 (a tick may have several"
                + " reasons)",
            "  duplicates                  300",
            "  before the start              4",
            "other records                  50   hold no trade: books, heartbeats, headers",
            "candles closed              1,234");
  }

  private static Summary summary(long produced) {
    return new Summary(OptionalLong.of(produced), COUNTS, new Throughput(0), true);
  }

  private static String printed(Summary summary) {
    StringWriter text = new StringWriter();
    summary.print(new PrintWriter(text, true));
    return text.toString();
  }
}
