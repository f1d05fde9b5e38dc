package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.DatabaseConfig;
import io.candlestream.config.JobConfig;
import io.candlestream.config.Timeframe;
import io.candlestream.servers.Edition;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every query of the dashboard of the market, as Grafana sends it, by a login that may only read.
 */
@ParameterizedClass
@EnumSource
class MarketDashboardIT {

  /** PostgreSQL's names of types that Grafana draws as numbers. */
  private static final List<String> NUMBERS = List.of("numeric", "float8", "int8", "int4");

  private static final Duration SHOWN = Duration.ofDays(3);

  private final Edition edition;
  private final TestDatabase database;
  private Connection reader;

  MarketDashboardIT(Edition edition) {
    this.edition = edition;
    this.database = TestDatabase.offering(edition);
  }

  /** What a query answers: its columns with their types, and whether there are rows. */
  private record Answer(Map<String, String> columns, boolean hasRows) {}

  @BeforeEach
  void fill() throws Exception {
    database.execute(
        """
        INSERT INTO market_data (
          symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap,
          trades, closed, ema_9, trend_direction, volatility_regime)
        SELECT
          'BTC-USD', 'coinbase', t, 100, 102, 99, 101, 5, 2, 500, 100, 3, true, 100.5, 'UP', 'LOW'
        FROM generate_series(
          date_trunc('minute', now()) - INTERVAL '2 days', now(), INTERVAL '10 minutes') AS t;
        INSERT INTO rejected_ticks (
          topic, partition, "offset", item, record_timestamp, reasons, raw)
        VALUES ('ticks', 0, 1, 0, now(), '{LATE,INVALID_PRICE}', '{}');
        INSERT INTO data_quality_events (
          kind, source, symbol, "timestamp", identity, trade_id, details)
        VALUES ('PRICE_SPIKE', 'coinbase', 'BTC-USD', now(), '7', '7', '{"price": 1}');
        INSERT INTO rejected_rows (
          table_name, key, "timestamp", content, sqlstate, constraint_name, reason)
        VALUES ('market_data', '{"a": 1}', now(), '{"a": 1}', '23514', 'by_hand', 'refused');
        """);
    DatabaseConfig login = JobConfig.of(database.loginOf("candlestream_reader")).database();
    reader = DriverManager.getConnection(login.url(), login.user(), login.password().reveal());
  }

  @AfterEach
  void drop() throws SQLException {
    if (reader != null) {
      reader.close();
    }
    database.close();
  }

  @Test
  void variablesOfferWhatIsStoredAndEveryPanelShowsWhatIsChosen() throws Exception {
    Dashboard dashboard = Dashboard.load("market.json");

    assertThat(offers(dashboard))
        .containsExactly(List.of("symbol", "BTC-USD"), List.of("source", "coinbase"));
    for (Timeframe timeframe : Timeframe.values()) {
      for (Dashboard.Panel panel : dashboard.panels()) {
        for (String query : panel.queries()) {
          Answer answer = answer(Dashboard.filledIn(query, values(timeframe.word())));
          assertThat(answer.hasRows()).as(panel.title() + " has rows").isEqualTo(isFilled(panel));
          assertShowable(panel, answer);
        }
      }
    }
    Map<String, String> another = values("1m");
    another.put("${source:sqlstring}", "'kraken'");
    String candles = dashboard.panels().get(0).queries().get(0);
    assertThat(answer(Dashboard.filledIn(candles, another)).hasRows()).isFalse();
  }

  /** Policies are TimescaleDB's, of the one edition that has them. */
  private boolean isFilled(Dashboard.Panel panel) {
    return edition == Edition.COMMUNITY || !panel.title().equals("Policies of the database");
  }

  /** The choices that it gives, each behind the name of its variable. */
  private List<List<String>> offers(Dashboard dashboard) throws SQLException {
    List<List<String>> offered = new ArrayList<>();
    for (Dashboard.Variable variable : dashboard.variables()) {
      List<String> choices = new ArrayList<>();
      choices.add(variable.name());
      try (Statement statement = reader.createStatement();
          ResultSet rows =
              statement.executeQuery(Dashboard.filledIn(variable.query(), values("1m")))) {
        while (rows.next()) {
          choices.add(rows.getString(1));
        }
      }
      offered.add(choices);
    }
    return offered;
  }

  private static Map<String, String> values(String timeframe) {
    Instant now = Instant.now();
    String from = "'" + now.minus(SHOWN) + "'";
    String to = "'" + now.plusSeconds(60) + "'";
    Map<String, String> values = new LinkedHashMap<>();
    for (String column : List.of("record_timestamp", "\"timestamp\"")) {
      values.put(
          "$__timeFilter(" + column + ")", "%s BETWEEN %s AND %s".formatted(column, from, to));
    }
    values.put("$__timeFrom()", from);
    values.put("$__timeTo()", to);
    values.put("$__interval_ms", "60000");
    values.put("${symbol:sqlstring}", "'BTC-USD'");
    values.put("${source:sqlstring}", "'coinbase'");
    values.put("${timeframe:sqlstring}", "'" + timeframe + "'");
    return values;
  }

  private Answer answer(String sql) throws SQLException {
    try (Statement statement = reader.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      ResultSetMetaData about = rows.getMetaData();
      Map<String, String> columns = new LinkedHashMap<>();
      for (int column = 1; column <= about.getColumnCount(); column++) {
        columns.put(about.getColumnLabel(column), about.getColumnTypeName(column));
      }
      return new Answer(columns, rows.next());
    }
  }

  private static void assertShowable(Dashboard.Panel panel, Answer answer) {
    Map<String, String> columns = answer.columns();
    Stream<String> others = columns.keySet().stream().filter(name -> !name.equals("time"));
    switch (panel.type()) {
      case "table" -> assertThat(columns).as(panel.title()).hasSizeGreaterThan(1);
      case "candlestick" -> {
        assertThat(columns).as(panel.title()).containsEntry("time", "timestamptz");
        assertThat(panel.fields()).hasSize(5);
        assertThat(columns.keySet()).containsAll(panel.fields());
        assertThat(others).allMatch(name -> NUMBERS.contains(columns.get(name)));
      }
      case "timeseries" -> {
        assertThat(columns).as(panel.title()).containsEntry("time", "timestamptz");
        boolean isLong = panel.format().equals("time_series");
        assertThat(columns.containsKey("metric")).as(panel.title()).isEqualTo(isLong);
        assertThat(others.filter(name -> !name.equals("metric")))
            .as(panel.title())
            .isNotEmpty()
            .allMatch(name -> NUMBERS.contains(columns.get(name)));
      }
      case "state-timeline" -> {
        assertThat(columns).as(panel.title()).containsEntry("time", "timestamptz");
        assertThat(others).isNotEmpty().allMatch(name -> columns.get(name).equals("text"));
      }
      default -> throw new AssertionError("no rule for a panel of type " + panel.type());
    }
  }
}
