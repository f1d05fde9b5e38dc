package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.candlestream.servers.Ports;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Prometheus of the machine's, in a process of its own, that scrapes one Flink every second and
 * watches over the alert rules of the project.
 */
final class PrometheusServer implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final URI api;
  private final Process process;
  private final Path log;

  private PrometheusServer(URI api, Process process, Path log) {
    this.api = api;
    this.process = process;
    this.log = log;
  }

  /**
   * The path of a program of Debian's package prometheus; where this machine lacks it, the test is
   * skipped.
   */
  static String require(String program) {
    Optional<Path> found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(directory -> Path.of(directory, program))
            .filter(Files::isExecutable)
            .findFirst();
    assumeThat(found)
        .as("%s is not on the PATH: install the package prometheus".formatted(program))
        .isPresent();
    return found.orElseThrow().toString();
  }

  /**
   * Starts it.
   *
   * @param directory for its data, configuration and log
   * @param rules the file of alert rules
   * @param metricsPort of the Flink on this machine
   */
  static PrometheusServer start(Path directory, Path rules, int metricsPort) throws Exception {
    String program = require("prometheus");
    Path configuration = directory.resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        global:
          scrape_interval: 1s
          evaluation_interval: 1s
        rule_files: [%s]
        scrape_configs:
          - job_name: flink
            static_configs:
              - targets: ["127.0.0.1:%d"]
        """
            .formatted(rules.toAbsolutePath().normalize(), metricsPort));
    String address = "127.0.0.1:" + Ports.free();
    Path log = directory.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                program,
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=" + address)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    PrometheusServer server =
        new PrometheusServer(URI.create("http://" + address + "/"), process, log);
    try {
      Eventually.holds(server::assertReady);
      return server;
    } catch (Exception | Error e) {
      server.close();
      throw e;
    }
  }

  private void assertReady() throws Exception {
    if (!process.isAlive()) {
      throw new IllegalStateException("Prometheus has ended: " + Files.readString(log));
    }
    try {
      assertThat(get("-/ready").statusCode()).isEqualTo(200);
    } catch (IOException notYet) {
      throw new AssertionError("Prometheus does not listen", notYet);
    }
  }

  /**
   * The series that an expression yields by now.
   *
   * @throws IllegalArgumentException if it is no valid expression
   */
  JsonNode query(String expression) throws Exception {
    return data("api/v1/query?query=" + encoded(expression)).get("result");
  }

  /** The values of a label among the series of a metric. */
  JsonNode labelValues(String label, String metric) throws Exception {
    return data("api/v1/label/%s/values?match[]=%s".formatted(label, encoded(metric)));
  }

  /** The alert rules, and how they stand. */
  JsonNode rules() throws Exception {
    return data("api/v1/rules?type=alert").get("groups");
  }

  private JsonNode data(String path) throws Exception {
    HttpResponse<String> response = get(path);
    JsonNode answer = JSON.readTree(response.body());
    if (response.statusCode() != 200) {
      throw new IllegalArgumentException(path + ": " + answer.path("error").asText());
    }
    return answer.get("data");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(api.resolve(path.replace("[]", "%5B%5D"))).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
