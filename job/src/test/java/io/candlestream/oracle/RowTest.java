package io.candlestream.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowTest {

  @Test
  void equalListsDoNotDiffer() {
    assertThat(Row.difference(List.of(), List.of())).isEmpty();
    assertThat(Row.difference(List.of(row(0, "1.5", 2.0)), List.of(row(0, "1.5", 2.0)))).isEmpty();
  }

  @Test
  void missingUnexpectedAndDifferentRowsAreNamedWithTheirColumns() {
    String difference =
        Row.difference(
            List.of(row(0, "1.5", 2.0), row(1, "1.5", null), row(2, "7", 2.0)),
            List.of(row(0, "1.50", Math.nextUp(2.0)), row(2, "7", 2.0), row(3, "7", 2.0)));

    assertThat(difference.lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("3 differences; expected 3 rows, found 3"),
            line -> assertThat(line).isEqualTo("different  venue ABC 1970-01-01T00:00:00Z"),
            line -> assertThat(line).endsWith(" close: expected 1.5, found 1.50"),
            line -> assertThat(line).endsWith(" ema9: expected 2.0, found 2.0000000000000004"),
            line ->
                assertThat(line).startsWith("missing    venue ABC 1970-01-01T00:01:00Z open=1 "),
            line ->
                assertThat(line).startsWith("unexpected venue ABC 1970-01-01T00:03:00Z open=1 "));
  }

  @Test
  void toleranceIsRelativeToTheLargerOfValueAndClose() {
    List<Row> expected = List.of(row(0, "1000", 2.0));

    assertThat(Row.difference(expected, List.of(row(0, "1000", 2.0000009)), 1e-9)).isEmpty();
    assertThat(Row.difference(expected, List.of(row(0, "1000", 2.0000011)), 1e-9)).isNotEmpty();
    assertThat(Row.difference(expected, List.of(row(0, "1000", null)), 1e-9)).isNotEmpty();
    assertThat(Row.difference(expected, List.of(row(0, "1000", Double.NaN)), 1e-9)).isNotEmpty();
    assertThatThrownBy(() -> Row.difference(expected, expected, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLongDifferenceIsCutAndCounted() {
    List<Row> expected = IntStream.range(0, 40).mapToObj(i -> row(i, "1", null)).toList();

    assertThat(Row.difference(expected, List.of()).lines())
        .hasSize(7)
        .last()
        .isEqualTo("... and 35 more");
  }

  private static Row row(int minute, String close, Double ema9) {
    return new Row(
        "ABC",
        "venue",
        Instant.EPOCH.plusSeconds(60L * minute),
        "1",
        "2000",
        "1",
        close,
        "0",
        "0",
        "0",
        null,
        1,
        true,
        ema9,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }
}
