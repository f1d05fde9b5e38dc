package io.candlestream.bench.speed;

import io.candlestream.local.TopicFeed;
import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.market.Input;
import io.candlestream.servers.KafkaBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.apache.flink.util.FileUtils;

/** Whole jobs, from a real broker on, whose rows are discarded. */
final class WholeJob implements AutoCloseable {

  private static final int PARTITIONS = 4;

  /** So many runs on the whole load it takes until all that is hot is compiled. */
  static final int WARM_UPS = 6;

  /** What makes a contestant keep its state in RocksDB. */
  static final List<String> ROCKS_DB =
      List.of(
          "--flink",
          "state.backend.type=rocksdb",
          "--flink",
          "taskmanager.memory.managed.size=512m");

  /** What leaves a job no time for any checkpoint but the last. */
  private static final String ONLY_LAST_CHECKPOINT = checkpointsEvery("1h");

  /** What leaves none to the jobs of a contestant. */
  static final List<String> NO_CHECKPOINTS = List.of("--flink", ONLY_LAST_CHECKPOINT);

  private final long records;
  private final long valid;
  private final Path directory;
  private final KafkaBroker broker;

  /** What a broker is to hold. */
  @FunctionalInterface
  interface Records {

    /** Sends them all, and returns of how many ticks a job must accept one. */
    long sendTo(TopicFeed feed);
  }

  private WholeJob(long records, long valid, Path directory, KafkaBroker broker) {
    this.records = records;
    this.valid = valid;
    this.directory = directory;
    this.broker = broker;
  }

  /** Starts a broker that holds a load. */
  static WholeJob on(TickLoad load) throws IOException {
    return on(load.ticks(), feed -> send(load, feed));
  }

  private static long send(TickLoad load, TopicFeed feed) {
    TickGenerator ticks = load.generator();
    while (ticks.advance()) {
      feed.send(Input.TICKS, ticks.key(), ticks.payload(), ticks.recordTimestampMillis());
    }
    return TickLoad.valid(ticks);
  }

  /**
   * Starts a broker that holds some records.
   *
   * @param count of them
   */
  static WholeJob on(long count, Records records) throws IOException {
    Path directory = Files.createTempDirectory("candlestream-bench-kafka-");
    KafkaBroker broker = KafkaBroker.start(directory);
    broker.createTopic(Input.TICKS.word(), PARTITIONS);
    try (TopicFeed feed = new TopicFeed(broker.bootstrapServers(), EnumSet.of(Input.TICKS))) {
      long valid = records.sendTo(feed);
      feed.flush();
      return new WholeJob(count, valid, directory, broker);
    }
  }

  /** How many ticks a job accepts of it. */
  long valid() {
    return valid;
  }

  private static String checkpointsEvery(String interval) {
    return "execution.checkpointing.interval=" + interval;
  }

  Finding besideConsumer(int pairs) throws Exception {
    try (Reader us = reader(List.of());
        Reader them = new Reader(contestant(List.of("--only-fetch")), records)) {
      return compare(
          records,
          "Kafka to a discarding sink, CPU",
          us,
          "a bare KafkaConsumer that fetches the same",
          them,
          Target.atLeast(0.3),
          pairs);
    }
  }

  Finding withCheckpoints(int pairs) throws Exception {
    return compareJobs(
        "with a checkpoint every 10 s, CPU",
        checkpointsEvery("10s"),
        "without checkpoints",
        ONLY_LAST_CHECKPOINT,
        Target.atLeast(0.95),
        pairs);
  }

  Finding halfAsParallel(int pairs) throws Exception {
    return compareJobs(
        "parallelism 1, CPU",
        "parallelism.default=1",
        "parallelism 2",
        "parallelism.default=2",
        Target.atMost(1.15),
        pairs);
  }

  /** With so many checkpoints that what is written at each counts, on either side. */
  Finding onRocksDb(int pairs) throws Exception {
    List<String> heap = List.of("--flink", checkpointsEvery("2s"));
    List<String> rocksDb = new ArrayList<>(heap);
    rocksDb.addAll(ROCKS_DB);
    try (Reader us = reader(rocksDb);
        Reader them = reader(heap)) {
      return compareRows(
          records,
          "state in RocksDB, a checkpoint every 2 s, CPU",
          us,
          "on the heap",
          them,
          Target.atLeast(0.4),
          pairs);
    }
  }

  /**
   * Both in one process: two compile the same code into some that differs by more than such
   * settings do.
   */
  private Finding compareJobs(
      String what, String ours, String against, String theirs, Target target, int pairs)
      throws Exception {
    try (Reader job = reader(List.of())) {
      return compareRows(
          records,
          what,
          job.with(List.of(ours)),
          against,
          job.with(List.of(theirs)),
          target,
          pairs);
    }
  }

  /** The whole job beside a loop that does the same, both on records in memory. */
  static Finding inMemory(TickLoad load, int pairs) throws Exception {
    try (Reader us = inMemory(load, false);
        Reader them = inMemory(load, true)) {
      return compareRows(
          load.ticks(),
          "in memory, parallelism 1, CPU",
          us,
          "a loop over the same bytes with the same arithmetic, without Flink",
          them,
          Target.atLeast(0.5),
          pairs);
    }
  }

  /**
   * A process that has the load in its memory.
   *
   * @param plain whether it is a loop
   */
  static Reader inMemory(TickLoad load, boolean plain) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--in-memory",
                String.valueOf(load.ticks()),
                String.valueOf(load.symbols()),
                String.valueOf(load.minutes()),
                "--flink",
                "parallelism.default=1"));
    if (plain) {
      arguments.add("--plain");
    }
    return new Reader(ContestantProcess.start(List.of(), arguments), load.valid());
  }

  /** Of two that must come to the same rows. */
  private static Finding compareRows(
      long records, String what, Reader us, String against, Reader them, Target target, int pairs)
      throws Exception {
    Finding finding = compare(records, what, us, against, them, target, pairs);
    us.requireSameRows(them);
    return finding;
  }

  private static Finding compare(
      long records, String what, Reader us, String against, Reader them, Target target, int pairs)
      throws Exception {
    Duel.Outcome outcome = Duel.of(us, them, WARM_UPS, pairs);
    return Finding.of(
        what,
        against,
        outcome.timesCheaper(),
        target,
        String.format(
            Locale.ROOT,
            "%.0f ns : %.0f ns a record; wall time %.1f : %.1f s",
            outcome.ours() / records * 1e9,
            outcome.theirs() / records * 1e9,
            us.medianWallSeconds(pairs),
            them.medianWallSeconds(pairs)));
  }

  /**
   * A job that reads the load.
   *
   * @param more options of the contestant
   */
  Reader reader(List<String> more) throws IOException {
    return new Reader(contestant(more), valid);
  }

  /** A process that reads the load. */
  ContestantProcess contestant(List<String> more) throws IOException {
    return contestant(List.of(), more);
  }

  /**
   * The same.
   *
   * @param flags of its virtual machine
   */
  ContestantProcess contestant(List<String> flags, List<String> more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("--brokers", broker.bootstrapServers(), "--topic", Input.TICKS.word()));
    arguments.addAll(more);
    return ContestantProcess.start(flags, arguments);
  }

  @Override
  public void close() throws IOException {
    broker.close();
    FileUtils.deleteDirectory(directory.toFile());
  }
}
