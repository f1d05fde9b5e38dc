package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  @ParameterizedTest
  @ValueSource(strings = {"0", "1ms", "1500ms", "1s", "75s", "1m", "90m", "1h", "36h", "1d", "7d"})
  void textIsWhatTheConfigurationReads(String text) {
    assertThat(Durations.text(Scalars.duration(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1500ms,1500ms", "86705s,1d 5m 5s", "36h,1d 12h", "90m,1h 30m", "7d,7d"})
  void wordsAreEachUnitsShare(String text, String words) {
    assertThat(Durations.words(Scalars.duration(text))).isEqualTo(words);
  }
}
