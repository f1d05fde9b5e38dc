package io.candlestream.options;

import io.candlestream.config.Wildcards;
import io.candlestream.market.Instrument;
import java.util.List;
import picocli.CommandLine.Option;

/** Options that choose instruments; without any, all are chosen. */
public final class Instruments {

  @Option(
      names = "--symbol",
      paramLabel = "PATTERN",
      description =
          "Only these symbols; * stands for any characters, ? for one. Repeatable (default: all).")
  private List<String> symbols = List.of();

  @Option(
      names = "--source",
      paramLabel = "PATTERN",
      description = "Only symbols of these sources, likewise.")
  private List<String> sources = List.of();

  public boolean include(Instrument instrument) {
    return include(instrument.source(), instrument.symbol());
  }

  /** The same; what is not known, null, is included only where nothing is asked of it. */
  public boolean include(String source, String symbol) {
    return fits(symbols, symbol) && fits(sources, source);
  }

  private static boolean fits(List<String> patterns, String name) {
    return patterns.isEmpty()
        || name != null && patterns.stream().anyMatch(pattern -> Wildcards.match(pattern, name));
  }

  /** For the end of a sentence; empty where all are chosen. */
  @Override
  public String toString() {
    return (symbols.isEmpty() ? "" : " with a symbol like " + String.join(", ", symbols))
        + (sources.isEmpty() ? "" : " of a source like " + String.join(", ", sources));
  }
}
