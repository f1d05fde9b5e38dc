package io.candlestream.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.sink.Bisection.Refused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class BisectionTest {

  /** Rows 0, 1, 2 … of which some are refused. */
  record Batch(int size, Set<Integer> bad) {

    List<Integer> rows() {
      return IntStream.range(0, size).boxed().toList();
    }
  }

  /** A table that takes spans of rows, unless something is wrong with one. */
  private static final class Spans implements Bisection.Attempt<Integer, String> {

    private final Predicate<List<Integer>> refuses;
    private final List<Integer> written = new ArrayList<>();
    private int statements;

    Spans(Predicate<List<Integer>> refuses) {
      this.refuses = refuses;
    }

    static Spans refusing(Set<Integer> bad) {
      return new Spans(span -> span.stream().anyMatch(bad::contains));
    }

    @Override
    public Optional<String> write(List<Integer> rows) {
      assertThat(rows).isNotEmpty();
      statements++;
      if (refuses.test(rows)) {
        return Optional.of("among " + rows);
      }
      written.addAll(rows);
      return Optional.empty();
    }
  }

  @Property
  void exactlyTheRefusedRowsAreFoundAndAllOthersWrittenOnceInTheirOrder(
      @ForAll("batches") Batch batch) throws Exception {
    Spans spans = Spans.refusing(batch.bad());

    List<Refused<Integer, String>> refused = Bisection.write(batch.rows(), spans);

    assertThat(refused)
        .containsExactlyElementsOf(
            batch.rows().stream()
                .filter(batch.bad()::contains)
                .map(row -> new Refused<>(row, "among [" + row + "]"))
                .toList());
    assertThat(spans.written)
        .containsExactlyElementsOf(
            batch.rows().stream().filter(row -> !batch.bad().contains(row)).toList());
  }

  @Property
  void statementsAreBounded(@ForAll("batches") Batch batch) throws Exception {
    Spans spans = Spans.refusing(batch.bad());

    int refused = Bisection.write(batch.rows(), spans).size();

    int halvings = 32 - Integer.numberOfLeadingZeros(Math.max(0, batch.size() - 1));
    assertThat(spans.statements)
        .isLessThanOrEqualTo(2 * batch.size())
        .isLessThanOrEqualTo(1 + refused * (2 * halvings + 2));
  }

  @Example
  void oneRefusedRowOfFiveThousandCostsTwiceItsLogarithm() throws Exception {
    for (int bad = 0; bad < 5_000; bad++) {
      Spans spans = Spans.refusing(Set.of(bad));
      Bisection.write(new Batch(5_000, Set.of()).rows(), spans);
      assertThat(spans.statements).as("row %d", bad).isLessThanOrEqualTo(2 + 2 * 13);
    }
  }

  @Example
  void whereAllAreRefusedEachIsTriedLittleMoreThanOnce() throws Exception {
    Spans spans = new Spans(span -> true);

    assertThat(Bisection.write(new Batch(5_000, Set.of()).rows(), spans)).hasSize(5_000);
    assertThat(spans.written).isEmpty();
    assertThat(spans.statements).isLessThanOrEqualTo(5_000 + 13);
  }

  /** As two rows that only together violate a constraint. */
  @Property
  void rowsThatAreRefusedOnlyTogetherAreAllWritten(@ForAll("batches") Batch batch)
      throws Exception {
    Spans spans = new Spans(span -> span.size() > 3);

    assertThat(Bisection.write(batch.rows(), spans)).isEmpty();
    assertThat(spans.written).containsExactlyElementsOf(batch.rows());
  }

  @Example
  void anErrorThatIsNoRefusalEndsIt() {
    List<List<Integer>> attempts = new ArrayList<>();

    assertThatThrownBy(
            () ->
                Bisection.write(
                    List.of(1, 2, 3, 4),
                    rows -> {
                      attempts.add(rows);
                      if (rows.size() == 1) {
                        throw new IOException("the database is gone");
                      }
                      return Optional.of("refused");
                    }))
        .hasMessage("the database is gone");
    assertThat(attempts).containsExactly(List.of(1, 2, 3, 4), List.of(1, 2), List.of(1));
  }

  /** Few, many and all of them; scattered, and in runs. */
  @Provide
  Arbitrary<Batch> batches() {
    return Arbitraries.integers()
        .between(0, 600)
        .flatMap(
            size ->
                Arbitraries.integers()
                    .between(0, Math.max(0, size - 1))
                    .list()
                    .ofMaxSize(20)
                    .flatMap(
                        starts ->
                            Arbitraries.of(1, 1, 2, 7, 600)
                                .map(run -> new Batch(size, runs(starts, run, size)))));
  }

  private static Set<Integer> runs(List<Integer> starts, int length, int size) {
    Set<Integer> rows = new HashSet<>();
    for (int start : starts) {
      for (int row = start; row < Math.min(size, start + length); row++) {
        rows.add(row);
      }
    }
    return rows;
  }
}
