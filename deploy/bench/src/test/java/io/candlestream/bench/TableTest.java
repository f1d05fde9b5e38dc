package io.candlestream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.bench.Table.Column;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

  private static final List<Column> COLUMNS =
      List.of(new Column("store", "from"), new Column("rows", "rows"), new Column("p50_ms", "ms"));

  private final Table table =
      new Table(
          "calls",
          "Calls",
          COLUMNS,
          List.of(List.of("row store", 1_440L, 2.5), List.of("columnstore", 7L, 1234.567)));

  @Test
  void textStandsToTheLeftAndNumbersToTheRight() {
    StringWriter printed = new StringWriter();

    table.print(new PrintWriter(printed));

    assertThat(printed.toString().lines())
        .containsExactly(
            "Calls",
            "  from          rows        ms",
            "  row store    1,440      2.50",
            "  columnstore      7  1,234.57",
            "");
  }

  @Test
  void jsonHoldsTheNumbersUnrounded() {
    assertThat(table.json())
        .hasToString(
            """
            [{"store":"row store","rows":1440,"p50_ms":2.5},\
            {"store":"columnstore","rows":7,"p50_ms":1234.567}]\
            """);
  }

  @Test
  void rowOfAnotherWidthIsRefused() {
    assertThatThrownBy(() -> new Table("calls", "Calls", COLUMNS, List.of(List.of("row store"))))
        .hasMessage("calls has 3 columns, a row of it 1");
  }
}
