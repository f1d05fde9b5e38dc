package io.candlestream.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionsTest {
  @ParameterizedTest
  @CsvSource({
    "2.18, 2.18, false",
    "2.18.0, 2.18, false",
    "2.9.3, 2.18, true",
    "2.17.2, 2.18, true",
    "3.0, 2.18, false",
    "2, 2.18, true",
    "2.19.0-dev, 2.18, false",
    "13.22, 14, true",
    "14.0, 14, false",
    "18beta1, 14, false"
  })
  void versionsCompareNumberByNumber(String version, String oldest, boolean isOlder) {
    assertThat(Versions.isOlder(version, oldest)).isEqualTo(isOlder);
  }

  @Test
  void oldServerIsNamedBeforeItsExtension() {
    assertThat(Versions.complaint("13.4", Optional.of("2.3.0")))
        .hasValue("PostgreSQL 13.4 is older than 14: upgrade the server");
    assertThat(Versions.complaint("15.18", Optional.empty())).isEmpty();
    assertThat(Versions.complaint("15.18", Optional.of("2.27.2"))).isEmpty();
  }
}
