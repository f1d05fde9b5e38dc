package io.candlestream.local;

import io.candlestream.market.Input;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What a run has done, in numbers that must add up.
 *
 * @param produced the records there were to read, by stream; none where only the job knows
 * @param counts what the job says it has done with them
 * @param throughput how fast it was
 * @param isRecordATick whether each record is one tick, as it is in the canonical format; in others
 *     a record may hold several, or none
 */
record Summary(
    Map<Input, Long> produced, JobCounts counts, Throughput throughput, boolean isRecordATick) {

  /** Whether every record is accounted for: accepted, rejected, a duplicate or before the start. */
  boolean addsUp() {
    return produced.keySet().stream().allMatch(this::addsUp);
  }

  private boolean addsUp(Input input) {
    return produced.get(input) == counts.done(input);
  }

  void print(PrintWriter out) {
    out.println();
    out.println("Summary");
    counts.inputs().forEach((input, events) -> events(out, input, events));
    line(out, "candles closed", counts.candlesClosed(), "");
    line(out, "  corrected later", counts.candlesCorrected(), "");
    line(out, "  rows recomputed", counts.indicatorRowsRecomputed(), "");
    tables(counts, out);
    out.println(
        text(
            "%-18s %12.1f s   %,.0f ticks/s",
            "elapsed", throughput.elapsed().toMillis() / 1e3, throughput.overall()));
    OptionalDouble steady = throughput.steady();
    out.println(
        text(
            "%-18s %14s   %s",
            "steady rate",
            "",
            steady.isPresent()
                ? text(
                    "%,.0f ticks/s after the first %d s, source to table",
                    steady.getAsDouble(), Throughput.WARM_UP.toSeconds())
                : text("not known: the run was over within %d s", Throughput.WARM_UP.toSeconds())));
    out.flush();
  }

  /** The rows of each table, and restarts if there were any. */
  static void tables(JobCounts counts, PrintWriter out) {
    counts.tables().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(table -> rows(out, table.getKey(), table.getValue()));
    if (counts.restarts() > 0) {
      line(out, "restarts", counts.restarts(), "");
    }
  }

  private void events(PrintWriter out, Input input, JobCounts.Events events) {
    boolean isTicks = input == Input.TICKS;
    line(out, input.word() + " read", counts.done(input), addition(input));
    line(out, "  accepted", events.accepted(), "");
    line(out, "  rejected", events.rejected(), reasons(events));
    line(out, "  duplicates", events.duplicates(), "");
    if (isTicks) {
      line(out, "  before the start", counts.beforeStart(), "");
    }
    if (isTicks && !isRecordATick) {
      line(
          out,
          "other records",
          counts.recordsWithoutTrades(),
          "hold no trade: books, heartbeats, headers");
    }
  }

  private String addition(Input input) {
    String sum =
        "= accepted + rejected + duplicates" + (input == Input.TICKS ? " + before the start" : "");
    if (!produced.containsKey(input)) {
      return sum;
    }
    return addsUp(input)
        ? text("%s: all %,d accounted for", sum, produced.get(input))
        : text("DOES NOT ADD UP: there were %,d records to read", produced.get(input));
  }

  private static String reasons(JobCounts.Events events) {
    List<String> reasons = new ArrayList<>();
    events.rejectedFor().forEach((reason, count) -> reasons.add(text("%s %,d", reason, count)));
    long sum = events.rejectedFor().values().stream().mapToLong(Long::longValue).sum();
    return reasons.stream().collect(Collectors.joining(", "))
        + (sum > events.rejected() ? " (one may have several reasons)" : "");
  }

  private static void rows(PrintWriter out, String table, JobCounts.Rows rows) {
    line(
        out,
        table,
        rows.written(),
        text("rows written, %,d unchanged", rows.unchanged())
            + (rows.refused() > 0 ? text(", %,d refused: see rejected_rows", rows.refused()) : ""));
  }

  static void line(PrintWriter out, String head, long count, String remark) {
    out.println(text("%-19s %,13d   %s", head, count, remark).stripTrailing());
  }

  private static String text(String layout, Object... values) {
    return String.format(Locale.ROOT, layout, values);
  }
}
