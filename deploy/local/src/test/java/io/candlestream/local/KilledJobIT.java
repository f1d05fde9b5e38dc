package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.SharedData;
import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.schema.Migrations;
import io.candlestream.servers.Edition;
import io.candlestream.servers.Jdk;
import io.candlestream.servers.KafkaBroker;
import io.candlestream.servers.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The law of the job on real parts: six real instruments through Kafka into a real database, while
 * the job's process is killed again and again. In the end, the table holds what a plain computation
 * over the same ticks yields, digit by digit.
 */
class KilledJobIT {

  private static final String TOPIC = "ticks";
  private static final int PARTITIONS = 4;

  /** After so many parts of the ticks, each time, the process is killed. */
  private static final int PARTS = 4;

  private static final Pattern INSTRUMENT =
      Pattern.compile("\"source\":\"([^\"]+)\",\"symbol\":\"([^\"]+)\"");

  private static final Duration PATIENCE = Duration.ofSeconds(100);

  private final PostgresServer postgres =
      PostgresServer.shared(Edition.POSTGRES).server().orElseThrow();

  @TempDir private Path directory;

  @Test
  @Timeout(300)
  void killedProcessesLoseNothingAndCountNothingTwice() throws Exception {
    List<TickRecord> ticks = TickRecord.linesOf(SharedData.require("binance-6-streams.jsonl.gz"));
    String url = postgres.createDatabase("killed_job");
    Migrations.of(
            JobConfig.of(
                List.of(
                    "database.url=" + url,
                    "database.user=" + postgres.user(),
                    "database.password=" + postgres.password())))
        .migrate();
    List<Row> expected = new BatchComputation(Duration.ofMinutes(1), null).marketData(ticks);

    try (KafkaBroker broker = KafkaBroker.start(directory.resolve("kafka"));
        KafkaProducer<byte[], byte[]> producer = producer(broker)) {
      broker.createTopic(TOPIC, PARTITIONS);
      Path config = writeConfig(broker, url);
      for (int part = 0; part < PARTS; part++) {
        Process job = start(config, part);
        try {
          int before = rows(url).size();
          if (part > 0) {
            send(everyThird(ticks.subList(size(ticks, part - 1), size(ticks, part))), producer);
          }
          send(ticks.subList(size(ticks, part), size(ticks, part + 1)), producer);
          if (part < PARTS - 1) {
            Path checkpoints = checkpoints(part);
            await(
                job,
                "more rows and a checkpoint",
                () -> rows(url).size() > before && newestCheckpoint(checkpoints).isPresent());
          } else {
            await(job, "every row", () -> Row.difference(expected, rows(url)).isEmpty());
          }
        } finally {
          job.destroyForcibly().waitFor();
        }
      }
    }
    assertThat(Row.difference(expected, rows(url))).isEmpty();
  }

  private static int size(List<TickRecord> ticks, int parts) {
    return ticks.size() * parts / PARTS;
  }

  private static KafkaProducer<byte[], byte[]> producer(KafkaBroker broker) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static void send(List<TickRecord> ticks, KafkaProducer<byte[], byte[]> producer) {
    for (TickRecord tick : ticks) {
      producer.send(new ProducerRecord<>(TOPIC, instrument(tick), tick.json()));
    }
    producer.flush();
  }

  /** Copies that come after the crash, when some of their candles are dropped already. */
  private static List<TickRecord> everyThird(List<TickRecord> ticks) {
    return IntStream.range(0, ticks.size()).filter(i -> i % 3 == 0).mapToObj(ticks::get).toList();
  }

  private static byte[] instrument(TickRecord tick) {
    Matcher matcher = INSTRUMENT.matcher(new String(tick.json(), StandardCharsets.UTF_8));
    assertThat(matcher.find()).isTrue();
    return (matcher.group(1) + '/' + matcher.group(2)).getBytes(StandardCharsets.UTF_8);
  }

  private Path writeConfig(KafkaBroker broker, String url) throws IOException {
    return Files.writeString(
        directory.resolve("job.yaml"),
        """
        source:
          kafka:
            bootstrap-servers: %s
            topics: %s
            start: earliest
        validation:
          max-age: 0
        time:
          idle-timeout: 2s
        database:
          url: %s
          user: %s
          password: ${KILLED_JOB_PASSWORD}
          flush-every: 50ms
        """
            .formatted(broker.bootstrapServers(), TOPIC, url, postgres.user()));
  }

  private Path checkpoints(int attempt) {
    return directory.resolve("checkpoints-" + attempt);
  }

  /** Starts the job as a process of its own, from the newest checkpoint of the attempt before. */
  private Process start(Path config, int attempt) throws IOException {
    List<String> command =
        Jdk.command(RunLocal.class, "-Xmx1g", "-D" + Program.HOME_PROPERTY + "=" + Program.home());
    command.add("--config=" + config);
    Map<String, String> flink =
        Map.of(
            "execution.checkpointing.dir", checkpoints(attempt).toUri().toString(),
            "execution.checkpointing.interval", "100ms",
            "execution.checkpointing.min-pause", "0ms",
            "parallelism.default", Integer.toString(1 + attempt % 3),
            "rest.port", "0");
    flink.forEach((key, value) -> command.add("--flink=" + key + "=" + value));
    if (attempt > 0) {
      Path checkpoint = newestCheckpoint(checkpoints(attempt - 1)).orElseThrow();
      command.add("--flink=execution.state-recovery.path=" + checkpoint.toUri());
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("KILLED_JOB_PASSWORD", postgres.password());
    builder.redirectErrorStream(true);
    builder.redirectOutput(directory.resolve("job-" + attempt + ".log").toFile());
    return builder.start();
  }

  private static Optional<Path> newestCheckpoint(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(checkpoints)) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .map(Path::getParent)
          .max(Comparator.comparingInt(KilledJobIT::number));
    }
  }

  private static int number(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().substring("chk-".length()));
  }

  private List<Row> rows(String url) throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(url, postgres.user(), postgres.password())) {
      return Row.read(connection);
    }
  }

  private void await(Process job, String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(job.isAlive()).as("the job runs; %s", logs()).isTrue();
      assertThat(System.nanoTime()).as("in time: %s; %s", what, logs()).isLessThan(deadline);
      job.waitFor(100, TimeUnit.MILLISECONDS);
    }
  }

  private String logs() throws IOException {
    StringBuilder logs = new StringBuilder();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "job-*.log")) {
      for (Path file : files) {
        logs.append('\n').append(file.getFileName()).append(":\n").append(Files.readString(file));
      }
    }
    return logs.toString();
  }
}
