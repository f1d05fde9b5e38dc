package io.candlestream.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.candlestream.config.JobConfig;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.Jdk;
import io.candlestream.stack.Canaries;
import io.candlestream.stack.Eventually;
import io.candlestream.stack.Processes;
import io.candlestream.stack.RestWalk;
import io.candlestream.stack.SecuredServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a local run, as a process of its own, shows of its secrets, and whom it lets in. */
@Timeout(180)
class LocalSecurityIT {

  private static final String KAFKA_PASSWORD = "canary+kafka-6b1f0e";
  private static final String DATABASE_PASSWORD = "canary+database-93d2c4";
  private static final Canaries CANARIES = new Canaries(List.of(KAFKA_PASSWORD, DATABASE_PASSWORD));

  private static final Pattern WEB_UI = Pattern.compile("Web UI +(http://localhost:\\d+)");

  @TempDir private static Path directory;
  private static SecuredServers servers;
  private static Process run;

  @BeforeAll
  static void startRun() throws Exception {
    servers = SecuredServers.start(directory.resolve("servers"));
    servers.broker().createTopic("ticks", 1);
    servers.broker().users().add("candles", KAFKA_PASSWORD);
    servers.broker().users().allow("candles", AclOperation.READ, ResourceType.TOPIC, "ticks");
    servers
        .broker()
        .users()
        .allow("candles", AclOperation.READ, ResourceType.GROUP, "candlestream");
    servers.database().createDatabase("canary");
    Migrations.of(
            JobConfig.of(
                List.of(
                    "database.url=" + servers.url("canary"),
                    "database.user=" + servers.database().user(),
                    "database.password=" + servers.database().password())))
        .migrate();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE ROLE candles LOGIN PASSWORD '%s' IN ROLE candlestream_writer"
              .formatted(DATABASE_PASSWORD));
    }
    run = start();
  }

  @AfterAll
  static void stop() throws Exception {
    try {
      run.destroyForcibly().waitFor();
    } finally {
      servers.close();
    }
  }

  @Test
  void secretsAppearNowhere() throws Exception {
    String endpoint = endpoint();
    send(30);
    Eventually.holds(() -> assertThat(rows()).isPositive());
    String job = job(endpoint);
    savepoint(endpoint, job);
    Map<String, String> well = RestWalk.of(endpoint);

    servers.database().close();
    send(60);
    Eventually.holds(
        () -> assertThat(get(endpoint + "/jobs/" + job + "/exceptions")).contains("PSQLException"));
    Map<String, String> ill = RestWalk.of(endpoint);

    assertThat(well.keySet())
        .as("the walk was long")
        .contains("/jobs/" + job + "/config", "/jobmanager/config", "/jobs/" + job + "/plan")
        .anyMatch(path -> path.endsWith(".js"))
        .hasSizeGreaterThan(60);
    Stream.of(well, ill)
        .forEach(
            walk ->
                walk.forEach((path, answer) -> assertThat(CANARIES.in(answer)).as(path).isEmpty()));
    assertThat(Files.readString(log())).contains(" INFO ").contains("PSQLException");
    assertThat(savepointsBelow(directory.resolve("run"))).isNotEmpty();
    assertThat(CANARIES.below(directory.resolve("run")))
        .as("logs, output, checkpoints and a savepoint")
        .isEmpty();
    assertThat(Processes.commandLines())
        .anyMatch(line -> line.contains(RunLocal.class.getName()))
        .allSatisfy(line -> assertThat(CANARIES.in(line)).isEmpty());
  }

  @Test
  void listensOnTheLoopbackAddressOnly() throws Exception {
    String port = endpoint().replaceFirst(".*:", "");

    List<String> listening = Processes.listening(run.pid());

    assertThat(listening)
        .as("the web UI is among them")
        .anyMatch(address -> address.endsWith(":%04X".formatted(Integer.parseInt(port))))
        .allMatch(Processes::isLoopback);
  }

  private static Process start() throws IOException {
    Path own = Files.createDirectory(directory.resolve("run"));
    Path kafkaPassword =
        Files.writeString(directory.resolve("kafka-password"), KAFKA_PASSWORD + "\n");
    Path config =
        Files.writeString(
            own.resolve("job.yaml"),
            """
            source:
              kafka:
                bootstrap-servers: %s
                topics: ticks
                start: earliest
                properties:
                  security.protocol: SASL_SSL
                  ssl.truststore.type: PEM
                  ssl.truststore.location: %s
                  sasl.mechanism: SCRAM-SHA-512
                  sasl.jaas.config: >-
                    org.apache.kafka.common.security.scram.ScramLoginModule required
                    username="candles" password="${file:%s}";
            validation: {max-age: 0}
            time: {idle-timeout: 1s}
            database:
              url: %s
              user: candles
              password: ${CANARY_PASSWORD}
              max-retries: 0
            """
                .formatted(
                    servers.broker().securedBootstrapServers(),
                    servers.authority().certificate(),
                    kafkaPassword,
                    servers.url("canary")));
    // More than is logged by default, such as the settings of Kafka's clients.
    Path logging =
        Files.writeString(
            own.resolve("log4j2.properties"),
            """
            rootLogger.level = INFO
            rootLogger.appenderRef.file.ref = file
            appender.file.type = File
            appender.file.name = file
            appender.file.fileName = %s
            appender.file.layout.type = PatternLayout
            appender.file.layout.pattern = %%d %%-5p %%c - %%m%%n%%xEx
            """
                .formatted(log()));
    List<String> command =
        Jdk.command(
            RunLocal.class,
            "-Xmx1g",
            "-D" + Program.HOME_PROPERTY + "=" + Program.home(),
            "-Dlog4j2.configurationFile=" + logging);
    command.add("--config=" + config);
    Map.of(
            "execution.checkpointing.dir", own.resolve("checkpoints").toUri().toString(),
            "execution.checkpointing.interval", "1s",
            "execution.checkpointing.min-pause", "0ms",
            "web.log.path", log().toString(),
            "rest.port", "0")
        .forEach((key, value) -> command.add("--flink=" + key + "=" + value));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CANARY_PASSWORD", DATABASE_PASSWORD);
    return builder
        .redirectOutput(own.resolve("out").toFile())
        .redirectError(own.resolve("err").toFile())
        .start();
  }

  private static Path log() {
    return directory.resolve("run").resolve("run.log");
  }

  private static String endpoint() throws Exception {
    Path out = directory.resolve("run").resolve("out");
    Eventually.holds(
        () ->
            assertThat(Files.readString(out))
                .as(() -> read(directory.resolve("run").resolve("err")))
                .containsPattern(WEB_UI));
    Matcher webUi = WEB_UI.matcher(Files.readString(out));
    assertThat(webUi.find()).isTrue();
    return webUi.group(1);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String job(String endpoint) throws Exception {
    return new ObjectMapper().readTree(get(endpoint + "/jobs")).at("/jobs/0/id").asText();
  }

  private static void savepoint(String endpoint, String job) throws Exception {
    URI savepoints = URI.create(endpoint + "/jobs/" + job + "/savepoints");
    String request =
        "{\"target-directory\": \"%s\"}"
            .formatted(directory.resolve("run").resolve("savepoint").toUri());
    String id =
        new ObjectMapper()
            .readTree(
                HttpClient.newHttpClient()
                    .send(
                        HttpRequest.newBuilder(savepoints)
                            .POST(HttpRequest.BodyPublishers.ofString(request))
                            .build(),
                        HttpResponse.BodyHandlers.ofString())
                    .body())
            .get("request-id")
            .asText();
    Eventually.holds(() -> assertThat(get(savepoints + "/" + id)).contains("\"location\""));
  }

  private static String get(String address) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** A tick a minute for so many minutes, of an instrument of its own. */
  private static void send(int minutes) {
    Instant start = Instant.parse("2024-08-08T12:00:00Z");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers.broker().bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int minute = 0; minute < minutes; minute++) {
        String tick =
            "{\"source\":\"test\",\"symbol\":\"A%d\",\"trade_id\":%d,\"price\":10,\"size\":1,\"timestamp\":\"%s\"}"
                .formatted(minutes, minute, start.plusSeconds(60L * minute));
        producer.send(new ProducerRecord<>("ticks", tick.getBytes(UTF_8)));
      }
    }
  }

  private static long rows() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT count(*) FROM market_data")) {
      result.next();
      return result.getLong(1);
    }
  }

  private static Connection connect() throws Exception {
    return DriverManager.getConnection(
        servers.url("canary"), servers.database().user(), servers.database().password());
  }

  private static List<Path> savepointsBelow(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.endsWith("_metadata")).toList();
    }
  }
}
