package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarsTest {

  @ParameterizedTest
  @CsvSource({"500ms, PT0.5S", "5s, PT5S", "30m, PT30M", "24h, PT24H", "7d, PT168H", "0, PT0S"})
  void durationsAreANumberAndAUnit(String text, Duration duration) {
    assertThat(Scalars.duration(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "5 s",
        "-5s",
        "1.5s",
        "1h30m",
        "PT5S",
        "5S",
        "s",
        "36501d",
        "999999999999d"
      })
  void otherDurationsAreRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scalars.duration(text))
        .withMessageStartingWith("must be a duration");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.1000000000000000055511151231257827", "1e-9", "-3", "007.50"})
  void decimalsAreExact(String text) {
    assertThat(Scalars.decimal(text)).isEqualTo(new BigDecimal(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1e400", "0x10", "1_000", "Infinity", ".5", "1,5"})
  void otherDecimalsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Scalars.decimal(text));
  }

  @Test
  void choicesAreLowerCaseWords() {
    assertThat(Scalars.choice(SchemaConfig.Edition.class, "postgres"))
        .isEqualTo(SchemaConfig.Edition.POSTGRES);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scalars.choice(SchemaConfig.Edition.class, "POSTGRES"))
        .withMessage("must be one of auto, community, apache, postgres");
  }
}
