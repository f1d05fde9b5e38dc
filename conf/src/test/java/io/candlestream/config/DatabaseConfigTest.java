package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseConfigTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://localhost:5432/candlestream",
        "jdbc:postgresql://a:1,b:2,[::1]:5432/db?targetServerType=primary&user=me@corp",
        "jdbc:postgresql:db",
        "jdbc:postgresql://host/?ssl=true&options="
      })
  void takesWhatTheDriverTakes(String url) {
    assertThat(DatabaseConfig.requirePostgresqlUrl(url)).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "postgresql://host/db",
        "jdbc:mysql://host/db",
        "jdbc:postgresql://me:hunter2@host/db",
        "jdbc:postgresql://me:hun/ter2@host/db",
        "jdbc:postgresql://me:1?hunter2@host/db",
        "jdbc:postgresql://host/db?ssl"
      })
  void refusesOtherUrlsWithoutQuotingThem(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatabaseConfig.requirePostgresqlUrl(url))
        .withMessageStartingWith("must look like jdbc:postgresql://host:5432/name")
        .withMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"?password=hunter2", "?ssl=true&PASSWORD="})
  void refusesAPasswordInTheUrl(String parameters) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DatabaseConfig.requirePostgresqlUrl("jdbc:postgresql://h/db" + parameters))
        .withMessage(
            "must hold no password, as addresses are shown and logged; leave it out, and set"
                + " database.password");
  }

  @ParameterizedTest
  @CsvSource({
    "?sslPassword=hunter2&a=b, ?sslPassword=***&a=b",
    "?a=b&sslpassword=x=y&c=d, ?a=b&sslpassword=***&c=d",
    "?a=b, ?a=b"
  })
  void displayUrlMasksPasswords(String parameters, String shown) {
    DatabaseConfig database =
        JobConfig.of(List.of("database.url=jdbc:postgresql://h/db" + parameters)).database();

    assertThat(database.displayUrl()).isEqualTo("jdbc:postgresql://h/db" + shown);
  }
}
