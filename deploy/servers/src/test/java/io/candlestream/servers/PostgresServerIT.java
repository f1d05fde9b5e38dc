package io.candlestream.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PostgresServerIT {

  @ParameterizedTest
  @EnumSource
  void serverOffersTheEditionItWasAskedFor(Edition edition) throws SQLException {
    try (PostgresServer server = offering(edition)) {
      assertThat(server.edition()).isEqualTo(edition);
      assertThatThrownBy(
              () -> DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), "guess"))
          .as("a wrong password is refused")
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));

      String url = server.createDatabase("prices \"of\" today");
      try (Connection connection = connect(server, url);
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE ticks (at timestamptz NOT NULL, price numeric)");
        statement.execute("INSERT INTO ticks VALUES (now(), 0.000020295)");
        assertThat(text(statement, "SELECT price FROM ticks")).isEqualTo("0.000020295");
        assertThat(
                text(statement, "SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'"))
            .as("a new database is empty")
            .isEqualTo("0");
      }

      server.dropDatabase("prices \"of\" today");
      assertThatThrownBy(() -> connect(server, url))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("3D000"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"COMMUNITY", "APACHE"})
  void hypertablesAreOfferedByBothLicencesAndColumnstoreByOne(Edition edition) throws SQLException {
    try (PostgresServer server = offering(edition)) {
      try (Connection connection = connect(server, server.createDatabase("hypertables"));
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE EXTENSION timescaledb");
        statement.execute("CREATE TABLE ticks (at timestamptz NOT NULL, price numeric)");
        statement.execute("SELECT create_hypertable('ticks', by_range('at', INTERVAL '1 day'))");
        assertThat(text(statement, "SELECT count(*) FROM timescaledb_information.hypertables"))
            .isEqualTo("1");

        String columnstore = "ALTER TABLE ticks SET (timescaledb.compress)";
        if (edition == Edition.COMMUNITY) {
          statement.execute(columnstore);
        } else {
          assertThatThrownBy(() -> statement.execute(columnstore)).hasMessageContaining("apache");
        }
      }
      server.dropDatabase("hypertables");
    }
  }

  @Test
  void closedServerIsGone() {
    PostgresServer server = PostgresServer.embedded();
    server.close();
    server.close();

    assertThatThrownBy(() -> connect(server, server.jdbcUrl("postgres")))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"));
  }

  @Test
  void serverOfAnInstallationThatIsClosedIsGoneWithItsData() throws SQLException {
    PostgresServer server = PostgresServer.installed(installation(), List.of());
    Path data;
    try (Connection connection = connect(server, server.jdbcUrl("postgres"));
        Statement statement = connection.createStatement()) {
      data = Path.of(text(statement, "SHOW data_directory"));
    }
    server.close();

    assertThat(data.getParent()).doesNotExist();
    assertThatThrownBy(() -> connect(server, server.jdbcUrl("postgres")))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"));
  }

  @Test
  void serverThatCannotStartSaysWhyInTheWordsOfItsLog() {
    PostgresInstallation installation = installation();

    assertThatThrownBy(
            () ->
                PostgresServer.installed(
                    installation, List.of("shared_preload_libraries = 'no_such_library'")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pg_ctl failed with exit code 1")
        .hasMessageContaining("could not access file \"no_such_library\"");
  }

  @Test
  void givenServerIsUsedUnderItsOwnCredentialsAndOutlivesItsClosing() throws SQLException {
    try (PostgresServer server = PostgresServer.embedded()) {
      String url =
          "%s?user=%s&ApplicationName=candles&password=%s"
              .formatted(server.jdbcUrl("postgres"), server.user(), server.password());
      try (PostgresServer given = PostgresServer.given(url)) {
        assertThat(given.user()).isEqualTo(server.user());
        assertThat(given.createDatabase("candles"))
            .isEqualTo(server.jdbcUrl("candles") + "?ApplicationName=candles");
      }

      try (Connection connection = connect(server, server.jdbcUrl("candles"));
          Statement statement = connection.createStatement()) {
        assertThat(text(statement, "SELECT current_database()")).isEqualTo("candles");
      }
    }
  }

  @Test
  void givenUrlOfAnotherFormIsRefusedWithoutShowingIt() {
    assertThatThrownBy(() -> PostgresServer.given("jdbc:postgresql:candles?password=secret"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jdbc:postgresql://host")
        .hasMessageNotContaining("secret");
  }

  @Test
  void sharedServerIsTheSameForAll() {
    Optional<PostgresServer> one = PostgresServer.shared(Edition.POSTGRES).server();

    assertThat(PostgresServer.shared(Edition.POSTGRES).server()).isPresent().isEqualTo(one);
  }

  private static PostgresServer offering(Edition edition) {
    ServerLookup lookup = PostgresServer.offering(edition);
    if (lookup.server().isEmpty()) {
      System.out.println("Skipping a test: " + lookup.reason());
    }
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    return lookup.server().orElseThrow();
  }

  private static PostgresInstallation installation() {
    Optional<PostgresInstallation> installation = PostgresInstallation.find();
    assumeThat(installation).as("a PostgreSQL installation that pg_config finds").isPresent();
    return installation.orElseThrow();
  }

  private static Connection connect(PostgresServer server, String url) throws SQLException {
    return DriverManager.getConnection(url, server.user(), server.password());
  }

  private static String text(Statement statement, String query) throws SQLException {
    try (ResultSet answer = statement.executeQuery(query)) {
      answer.next();
      return answer.getString(1);
    }
  }
}
