package io.candlestream.bench.speed;

import com.sun.management.OperatingSystemMXBean;
import io.candlestream.Pipeline;
import io.candlestream.Sources;
import io.candlestream.bench.Backlog;
import io.candlestream.config.JobConfig;
import io.candlestream.local.EmbeddedFlink;
import io.candlestream.local.Program;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.util.FileUtils;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reads a whole topic each time that it is told to, in a process of its own: every line of its
 * input is one more run, for which it prints what that has cost. So both sides of a duel have the
 * same heap and flags, and each the code that was compiled for it alone.
 */
@Command(name = "contestant")
public final class Contestant implements Callable<Integer> {

  private static final String COST = "cost";
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  /**
   * What a run took.
   *
   * @param cpuSeconds of the whole process, garbage collection and compilation included
   * @param ticks that were taken; of those that are only fetched, all
   */
  record Cost(double cpuSeconds, double wallSeconds, long ticks) {

    /** What a line of output says; null where it says something else. */
    static Cost parse(String line) {
      String[] parts = line.split(" ");
      return parts[0].equals(COST)
          ? new Cost(
              Double.parseDouble(parts[1]), Double.parseDouble(parts[2]), Long.parseLong(parts[3]))
          : null;
    }

    @Override
    public String toString() {
      return COST + " " + cpuSeconds + " " + wallSeconds + " " + ticks;
    }
  }

  @Option(names = "--brokers", required = true)
  private String brokers;

  @Option(names = "--topic", required = true)
  private String topic;

  /** Fetches the records, and does nothing with them. */
  @Option(names = "--only-fetch")
  private boolean onlyFetches;

  @Option(names = "--set")
  private List<String> sets = List.of();

  @Option(names = "--flink")
  private Map<String, String> flink = Map.of();

  public static void main(String[] args) {
    Program.main(new Contestant(), args);
  }

  @Override
  public Integer call() throws Exception {
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (orders.readLine() != null) {
      long cpuNanos = cpuNanos();
      long nanos = System.nanoTime();
      long ticks = onlyFetches ? fetch() : run();
      System.out.println(
          new Cost((cpuNanos() - cpuNanos) / 1e9, (System.nanoTime() - nanos) / 1e9, ticks));
    }
    return 0;
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private long fetch() {
    Map<String, Object> properties =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            brokers,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long wanted = consumer.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
      long fetched = 0;
      while (fetched < wanted) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
        fetched += records.count();
      }
      return fetched;
    }
  }

  private long run() throws Exception {
    Path directory = Files.createTempDirectory("candlestream-bench-");
    List<String> settings = new ArrayList<>(sets);
    settings.add("indicators.warm-start=false");
    JobConfig config = Backlog.config(brokers, topic, settings);
    try (EmbeddedFlink job =
        EmbeddedFlink.start(
            Backlog.flink(directory, flink),
            "bench",
            env ->
                Pipeline.define(
                    env,
                    config,
                    Sources.of(config),
                    errors -> {
                      throw new IllegalStateException("nothing is known of the past here");
                    },
                    new Discarding()))) {
      while (!job.awaitEnd(LOOK_EVERY)) {
        // Nothing is to be done until then.
      }
      return job.count("ticksAccepted");
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }
}
