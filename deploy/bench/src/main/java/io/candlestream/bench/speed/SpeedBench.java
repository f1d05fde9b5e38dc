package io.candlestream.bench.speed;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.candlestream.bench.Table;
import io.candlestream.local.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how fast the job is, in all its parts and as a whole, beside what else there is. */
@Command(
    name = "speed.sh",
    sortOptions = false,
    description = {
      "Measures the job, its parts and as a whole, each beside another way to do the same, in"
          + " turns",
      "and on the same input; both must come to the same results.",
      "Exits with 1 if a target is not met."
    })
public final class SpeedBench implements Callable<Integer> {

  /** What measures one row of the table, or several. */
  @FunctionalInterface
  private interface Measurement {
    List<Finding> measure(int pairs) throws Exception;
  }

  /** By the numbers that --rows takes. */
  private static final Map<Integer, Measurement> ROWS =
      new TreeMap<>(
          Map.of(
              4, pairs -> List.of(Decoding.measure(pairs)),
              5, pairs -> List.of(IndicatorUpdates.measure(pairs)),
              11, pairs -> TradeIdBytes.measure()));

  @Option(
      names = "--rows",
      paramLabel = "N",
      split = ",",
      description = "Which rows of the table to measure (default: all).")
  private List<Integer> rows = List.copyOf(ROWS.keySet());

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "7",
      description =
          "Pairs of runs for each, after warming up; 6 or more (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(names = "--json", paramLabel = "FILE", description = "Where to write the table in JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    Program.main(new SpeedBench(), args);
  }

  @Override
  public Integer call() throws Exception {
    require(ROWS.keySet().containsAll(rows), "--rows: there are " + ROWS.keySet());
    require(pairs >= Spread.FEWEST, "--pairs: must be " + Spread.FEWEST + " or more");
    PrintWriter err = spec.commandLine().getErr();
    List<List<Object>> lines = new ArrayList<>();
    boolean allMet = true;
    for (int row : rows) {
      err.println("Row " + row + " …");
      err.flush();
      for (Finding finding : ROWS.get(row).measure(pairs)) {
        lines.add(line(row, finding));
        allMet &= finding.isMet();
      }
    }
    Table table = table(lines);
    table.print(spec.commandLine().getOut());
    write(table);
    return allMet ? 0 : 1;
  }

  private void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private static List<Object> line(int row, Finding finding) {
    return List.of(
        (long) row,
        finding.what(),
        finding.against(),
        finding.target().toString(),
        finding.median(),
        finding.worse(),
        finding.isMet() ? "met" : "NOT MET",
        finding.detail());
  }

  private static Table table(List<List<Object>> lines) {
    return new Table(
        "speed",
        "Speed",
        List.of(
            new Table.Column("row", "#"),
            new Table.Column("what", "what"),
            new Table.Column("against", "against"),
            new Table.Column("target", "target"),
            new Table.Column("median", "median"),
            new Table.Column("worse", "worse end of 95%"),
            new Table.Column("met", ""),
            new Table.Column("detail", "in numbers")),
        lines);
  }

  private void write(Table table) throws IOException {
    if (json != null) {
      JsonMapper.builder()
          .build()
          .writerWithDefaultPrettyPrinter()
          .writeValue(json.toFile(), table.json());
    }
  }
}
