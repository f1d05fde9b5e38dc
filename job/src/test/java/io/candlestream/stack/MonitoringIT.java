package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.candlestream.config.JobConfig;
import io.candlestream.servers.Edition;
import io.candlestream.servers.Ports;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus learns of a running job: its metrics, by the names that others rely on. */
class MonitoringIT {

  private static final int METRICS_PORT = Ports.free();

  @RegisterExtension
  static final FlinkCluster FLINK =
      new FlinkCluster(
          Map.of(
              "metrics.reporter.prom.port",
              Integer.toString(METRICS_PORT),
              "pipeline.name",
              "candlestream"));

  private static final Path ALERTS = Path.of("..", "deploy", "prometheus", "alerts.yml");

  /** All of Flink's metrics begin so, and nothing else in an expression does. */
  private static final Pattern METRIC = Pattern.compile("\\bflink_\\w+");

  private static final String OWN = "flink_taskmanager_job_task_operator_candlestream_";

  private static final Instant START =
      Instant.now().truncatedTo(ChronoUnit.HOURS).minus(1, ChronoUnit.HOURS);

  @TempDir private Path directory;

  private final TestDatabase database = TestDatabase.offering(Edition.POSTGRES);
  private final Topic topic = Topic.create(1);

  @AfterEach
  void drop() {
    topic.close();
    database.close();
  }

  @Test
  void metricsDashboardAndAlertsAgreeWithWhatTheJobHasDone() throws Exception {
    try (PrometheusServer prometheus = PrometheusServer.start(directory, ALERTS, METRICS_PORT)) {
      database.execute("ALTER TABLE market_data ADD CONSTRAINT by_hand CHECK (symbol <> 'C')");
      JobRun job = FLINK.start(JobConfig.of(settings()), 1);
      sendTicks();
      job.eventually(() -> assertThat(database.candles()).hasSize(8));
      sendLateTicks();

      job.eventually(() -> assertThat(counts(prometheus)).isEqualTo(expected()));
      job.eventually(() -> assertEveryPanelShowsSomething(prometheus));
      job.eventually(() -> assertEveryMetricOfAnAlertIsThere(prometheus));
      job.eventually(() -> assertThat(firing(prometheus)).contains("RowsRefused"));
      assertThat(prometheus.query("{__name__=~\"flink_.*Shuffle.*\"}"))
          .as("what the configuration keeps from Prometheus")
          .isEmpty();
    }
  }

  private List<String> settings() {
    return Stream.of(
            database.settings(),
            topic.settings(),
            List.of(
                "source.kafka.start=earliest",
                "quality.sequential.x=trade-id",
                "quality.silent-after=1h",
                // Silence must not close the last candles, however slow the machine is.
                "time.idle-timeout=1h",
                "database.flush-every=100ms"))
        .flatMap(List::stream)
        .toList();
  }

  /**
   * Five minutes of A and B, the last of which is not over; of B one tick is missing, of A one
   * comes again, and once more with another price. One candle of C, which is refused. And two
   * rejects.
   */
  private void sendTicks() {
    sendTick("C", "c", START.plusSeconds(5), 100);
    for (int id = 0; id < 30; id++) {
      sendTick("A", "" + id, START.plusSeconds(10L * id), 100);
      if (id != 15) {
        sendTick("B", "" + id, START.plusSeconds(10L * id), 100);
      }
    }
    sendTick("A", "29", START.plusSeconds(290), 100);
    sendTick("A", "29", START.plusSeconds(290), 101);
    send("{");
    sendTick("A", "negative", START.plusSeconds(290), -1);
    topic.flush();
  }

  /**
   * One is rejected, as the watermark of the others is out. One corrects the second candle of A,
   * and the next moves the watermark, which lets that out.
   */
  private void sendLateTicks() {
    sendTick("A", "too late", START.minusSeconds(600), 100);
    sendTick("A", "late", START.plusSeconds(75), 100);
    sendTick("A", "last", START.plusSeconds(295), 100);
    topic.flush();
  }

  private void sendTick(String symbol, String id, Instant at, int price) {
    send(
        """
        {"source":"x","symbol":"%s","trade_id":"%s","price":%d,"size":1,"timestamp":"%s"}
        """
            .formatted(symbol, id, price, at));
  }

  private void send(String json) {
    topic.send(0, Instant.now(), json.getBytes(UTF_8));
  }

  private static Map<String, Long> expected() {
    Map<String, Long> counts = new TreeMap<>();
    counts.put("candlesClosed", 9L);
    counts.put("candlesCorrected", 1L);
    counts.put("dedupEntries", 62L);
    counts.put("indicatorRowsRecomputed", 2L);
    counts.put("instruments", 3L);
    counts.put("kind_qualityEvents CONFLICTING_DUPLICATE", 1L);
    counts.put("kind_qualityEvents SEQUENCE_GAP", 1L);
    counts.put("reason_ticksRejected INVALID_PRICE", 1L);
    counts.put("reason_ticksRejected LATE", 1L);
    counts.put("reason_ticksRejected MALFORMED", 1L);
    counts.put("table_rowsRefused market_data", 1L);
    counts.put("table_rowsUnchanged market_data", 2L);
    counts.put("table_rowsWritten data_quality_events", 2L);
    counts.put("table_rowsWritten market_data", 9L);
    counts.put("table_rowsWritten rejected_ticks", 3L);
    counts.put("ticksAccepted", 62L);
    counts.put("ticksDuplicate", 2L);
    counts.put("ticksRejected", 3L);
    return counts;
  }

  /**
   * All that the job measures but times, where it is not 0, by its name and its label; summed up
   * over operators.
   */
  private static Map<String, Long> counts(PrometheusServer prometheus) throws Exception {
    Map<String, Long> counts = new TreeMap<>();
    for (JsonNode series :
        prometheus.query(
            "sum by (__name__, kind, reason, table) ({__name__=~\"%s.*\", __name__!~\".*Millis.*|.*Ms\"}) > 0"
                .formatted(OWN))) {
      JsonNode labels = series.get("metric");
      StringJoiner name = new StringJoiner(" ");
      name.add(labels.get("__name__").asText().substring(OWN.length()));
      for (String label : List.of("kind", "reason", "table")) {
        if (labels.has(label)) {
          name.add(labels.get(label).asText());
        }
      }
      counts.put(name.toString(), series.get("value").get(1).asLong());
    }
    return counts;
  }

  private static void assertEveryPanelShowsSomething(PrometheusServer prometheus) throws Exception {
    Dashboard dashboard = Dashboard.load("pipeline.json");
    assertThat(dashboard.variables())
        .containsExactly(
            new Dashboard.Variable(
                "job", "label_values(flink_jobmanager_job_numRestarts, job_name)"));
    assertThat(prometheus.labelValues("job_name", "flink_jobmanager_job_numRestarts"))
        .extracting(JsonNode::asText)
        .containsExactly("candlestream");
    List<String> empty = new ArrayList<>();
    for (Dashboard.Panel panel : dashboard.panels()) {
      for (String query : panel.queries()) {
        String filled =
            Dashboard.filledIn(query, Map.of("$job", "candlestream", "$__rate_interval", "1m"));
        if (prometheus.query(filled).isEmpty()) {
          empty.add(panel.title() + ": " + filled);
        }
      }
    }
    assertThat(empty).as("queries without a series").isEmpty();
  }

  private static void assertEveryMetricOfAnAlertIsThere(PrometheusServer prometheus)
      throws Exception {
    List<String> wrong = new ArrayList<>();
    for (JsonNode group : prometheus.rules()) {
      for (JsonNode rule : group.get("rules")) {
        if (!rule.get("health").asText().equals("ok")) {
          wrong.add(rule.get("name").asText() + ": " + rule.path("lastError").asText());
        }
        for (String metric :
            new TreeSet<>(
                METRIC
                    .matcher(rule.get("query").asText())
                    .results()
                    .map(MatchResult::group)
                    .toList())) {
          if (prometheus.query(metric).isEmpty()) {
            wrong.add(rule.get("name").asText() + ": no series of " + metric);
          }
        }
      }
    }
    assertThat(wrong).as("alerts without what they watch").isEmpty();
  }

  private static List<String> firing(PrometheusServer prometheus) throws Exception {
    List<String> firing = new ArrayList<>();
    for (JsonNode group : prometheus.rules()) {
      for (JsonNode rule : group.get("rules")) {
        if (rule.get("state").asText().equals("firing")) {
          firing.add(rule.get("name").asText());
        }
      }
    }
    return firing;
  }
}
