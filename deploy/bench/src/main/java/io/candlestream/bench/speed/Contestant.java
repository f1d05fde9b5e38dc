package io.candlestream.bench.speed;

import com.sun.management.OperatingSystemMXBean;
import io.candlestream.Pipeline;
import io.candlestream.Sinks;
import io.candlestream.Sources;
import io.candlestream.bench.Backlog;
import io.candlestream.config.JobConfig;
import io.candlestream.local.Program;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reads a whole topic each time that it is told to, in a process of its own: every line of its
 * input is one more run, with settings of Flink for that run alone, and it prints what that has
 * cost. So both sides of a duel have the same heap and flags, and each the code that was compiled
 * for it alone, but where one process runs both. Of Flink there is one cluster in the process, as
 * users have it: a run costs the job, and not the start of a cluster.
 */
@Command(name = "contestant")
public final class Contestant implements Callable<Integer> {

  private static final String COST = "cost";

  /**
   * What a run took.
   *
   * @param cpuSeconds of the whole process, garbage collection and compilation included
   * @param ticks that were taken; of those that are only fetched, all; 0 where no counter says it
   * @param digest of the rows that came of them; 0 where none do, or they are in a database
   */
  record Cost(double cpuSeconds, double wallSeconds, long ticks, long digest) {

    /** What a line of output says; null where it says something else. */
    static Cost parse(String line) {
      String[] parts = line.split(" ");
      return parts[0].equals(COST)
          ? new Cost(
              Double.parseDouble(parts[1]),
              Double.parseDouble(parts[2]),
              Long.parseLong(parts[3]),
              Long.parseLong(parts[4]))
          : null;
    }

    @Override
    public String toString() {
      return COST + " " + cpuSeconds + " " + wallSeconds + " " + ticks + " " + digest;
    }
  }

  /** A whole run; returns how many ticks it took. */
  @FunctionalInterface
  private interface Run {
    /**
     * @param settings of Flink that its order came with
     */
    long run(Map<String, String> settings) throws Exception;
  }

  @Option(names = "--brokers", defaultValue = "none:0")
  private String brokers;

  @Option(names = "--topic", defaultValue = "ticks")
  private String topic;

  /** Fetches the records, and does nothing with them. */
  @Option(names = "--only-fetch")
  private boolean onlyFetches;

  /** A load that this process has in memory, instead of a topic: its ticks, symbols and minutes. */
  @Option(names = "--in-memory", arity = "3")
  private List<Integer> inMemory;

  /** Does it in a loop, without Flink. */
  @Option(names = "--plain")
  private boolean plain;

  /** Writes to the database of the configuration, and does not discard the rows. */
  @Option(names = "--store")
  private boolean stores;

  /** Leaves it to Flink SQL, which writes to this table. */
  @Option(names = "--sql")
  private String sqlTable;

  /** What that makes of late ticks. */
  @Option(names = "--sql-lateness", defaultValue = "LOSES")
  private SqlCandles.Lateness sqlLateness;

  @Option(names = "--set")
  private List<String> sets = List.of();

  @Option(names = "--flink")
  private Map<String, String> flink = Map.of();

  public static void main(String[] args) {
    Program.main(new Contestant(), args);
  }

  @Override
  public Integer call() throws Exception {
    if (onlyFetches) {
      takeOrders(settings -> fetch());
      return 0;
    }
    JobConfig config = config();
    MemoryLoad load =
        inMemory == null
            ? null
            : MemoryLoad.of(new TickLoad(inMemory.get(0), inMemory.get(1), inMemory.get(2)));
    if (plain) {
      takeOrders(settings -> new PlainLoop(config).run(load));
      return 0;
    }
    Sources kafka = Sources.of(config);
    Sources sources = load == null ? kafka : kafka.withTicks(MemoryLoad.source(config));
    try (SessionCluster cluster = SessionCluster.start(flink)) {
      takeOrders(settings -> job(cluster, settings, config, sources));
    }
    return 0;
  }

  private static void takeOrders(Run run) throws Exception {
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      Map<String, String> settings = new HashMap<>();
      for (String setting : order.isEmpty() ? List.<String>of() : List.of(order.split(" "))) {
        String[] keyAndValue = setting.split("=", 2);
        settings.put(keyAndValue[0], keyAndValue[1]);
      }
      FinalRows.forget();
      long cpuNanos = cpuNanos();
      long nanos = System.nanoTime();
      long ticks = run.run(settings);
      double cpuSeconds = (cpuNanos() - cpuNanos) / 1e9;
      double wallSeconds = (System.nanoTime() - nanos) / 1e9;
      System.out.println(new Cost(cpuSeconds, wallSeconds, ticks, FinalRows.digest()));
    }
  }

  private JobConfig config() {
    List<String> settings = new ArrayList<>(sets);
    settings.add("indicators.warm-start=false");
    return Backlog.config(brokers, topic, settings);
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

  private long job(
      SessionCluster cluster, Map<String, String> settings, JobConfig config, Sources sources)
      throws Exception {
    cluster.run(settings, env -> define(env, config, sources));
    return cluster.count("ticksAccepted");
  }

  private void define(StreamExecutionEnvironment env, JobConfig config, Sources sources) {
    if (sqlTable != null) {
      SqlCandles.define(env, config, sqlTable, sqlLateness);
    } else {
      Pipeline.define(
          env,
          config,
          sources,
          errors -> {
            throw new IllegalStateException("nothing is known of the past here");
          },
          stores ? Sinks.of(config.database()) : new FinalRows());
    }
  }
}
