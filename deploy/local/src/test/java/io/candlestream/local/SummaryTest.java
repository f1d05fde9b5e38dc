package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SummaryTest {

  private static final JobCounts COUNTS =
      new JobCounts(
          1_000_000,
          20,
          Map.of("STALE", 15L, "MALFORMED", 7L),
          300,
          4,
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

  private static Summary summary(long produced) {
    return new Summary(OptionalLong.of(produced), COUNTS, new Throughput(0));
  }

  private static String printed(Summary summary) {
    StringWriter text = new StringWriter();
    summary.print(new PrintWriter(text, true));
    return text.toString();
  }
}
