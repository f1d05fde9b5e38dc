package io.candlestream.local.ticks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipfSamplerTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 1_000, 100_000})
  void sharesAreInverseToTheRankAndSumToOne(int ranks) {
    ZipfSampler sampler = new ZipfSampler(ranks);
    assertThat(IntStream.range(0, ranks).mapToDouble(sampler::share).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(sampler.share(0) / sampler.share(ranks - 1)).isCloseTo(ranks, within(1e-6));
  }

  @Test
  void everyRankIsDrawnInItsShare() {
    int ranks = 50;
    int draws = 500_000;
    ZipfSampler sampler = new ZipfSampler(ranks);
    SeededRandom random = new SeededRandom(1, SeededRandom.Stream.TICKS);
    int[] drawn = new int[ranks];
    for (int draw = 0; draw < draws; draw++) {
      drawn[sampler.next(random)]++;
    }
    for (int rank = 0; rank < ranks; rank++) {
      double expected = draws * sampler.share(rank);
      assertThat((double) drawn[rank])
          .as("rank " + rank)
          .isCloseTo(expected, within(4.5 * Math.sqrt(expected)));
    }
  }
}
