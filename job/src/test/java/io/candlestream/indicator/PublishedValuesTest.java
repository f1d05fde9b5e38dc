package io.candlestream.indicator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.SharedData;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real series with the full-precision outputs of TA-Lib's C library, version 0.4.0. */
class PublishedValuesTest {

  private static final Map<String, Function<IndicatorValues, Double>> INDICATORS =
      Map.of(
          "ema50", IndicatorValues::ema50,
          "rsi14", IndicatorValues::rsi14,
          "macd", IndicatorValues::macd,
          "macd_signal", IndicatorValues::macdSignal,
          "macd_hist", IndicatorValues::macdHistogram,
          "bb_upper20_2", IndicatorValues::bbUpper,
          "bb_middle20", IndicatorValues::bbMiddle,
          "bb_lower20_2", IndicatorValues::bbLower,
          "atr14", IndicatorValues::atr14);

  private static final Map<String, Integer> OTHER_EMA_PERIODS =
      Map.of("ema10", 10, "ema12", 12, "ema20", 20, "ema26", 26);

  @ParameterizedTest
  @ValueSource(
      strings = {"oracles/talib040-regtest-252.csv.gz", "oracles/talib040-spy-2017-2018.csv.gz"})
  void areReproducedFromTheFirstToTheLast(String file) throws IOException {
    Table table = Table.read(SharedData.require(file));
    double[] close = table.numbers("close");
    List<IndicatorValues> values =
        new Bars(table.numbers("high"), table.numbers("low"), close).indicators();

    INDICATORS.forEach(
        (column, indicator) ->
            assertColumn(
                table,
                column,
                close,
                values.stream().map(indicator).map(IndicatorValues::orNull).toList()));
    OTHER_EMA_PERIODS.forEach(
        (column, period) -> assertColumn(table, column, close, emas(close, period)));
  }

  private static List<Double> emas(double[] close, int period) {
    Double[] values = new Double[close.length];
    Ema ema = Ema.of(period);
    for (int i = 0; i < close.length; i++) {
      ema = ema.update(close[i]);
      values[i] = IndicatorValues.orNull(ema.value());
    }
    return Arrays.asList(values);
  }

  private static void assertColumn(
      Table table, String column, double[] close, List<Double> actual) {
    List<String> cells = table.column(column);
    assertThat(actual).hasSameSizeAs(cells);
    Map<String, Double> wrong = new TreeMap<>();
    for (int i = 0; i < close.length; i++) {
      if (!agree(cells.get(i), actual.get(i), close[i])) {
        wrong.put("row " + i + ", expected '" + cells.get(i) + "'", actual.get(i));
      }
    }
    assertThat(wrong).as(column).isEmpty();
  }

  private static boolean agree(String cell, Double actual, double close) {
    if (cell.isEmpty() || actual == null) {
      return cell.isEmpty() && actual == null;
    }
    double expected = Double.parseDouble(cell);
    return Math.abs(actual - expected) <= 1e-9 * Math.max(Math.abs(expected), Math.abs(close));
  }

  private record Table(List<String> header, List<List<String>> rows) {

    static Table read(Path file) throws IOException {
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), UTF_8))) {
        List<List<String>> lines =
            reader.lines().map(line -> List.of(line.split(",", -1))).toList();
        return new Table(lines.get(0), lines.subList(1, lines.size()));
      }
    }

    List<String> column(String name) {
      int index = header.indexOf(name);
      assertThat(index).as("column %s", name).isNotNegative();
      return rows.stream().map(row -> row.get(index)).toList();
    }

    double[] numbers(String name) {
      return column(name).stream().mapToDouble(Double::parseDouble).toArray();
    }
  }
}
