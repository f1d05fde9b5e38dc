package io.candlestream.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.candlestream.servers.Await;
import io.candlestream.servers.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.util.AbstractID;

/**
 * A Flink session cluster on this machine, of a JobManager and TaskManagers in processes of their
 * own. They do not end with the program that started them; a later one finds them again by the
 * cluster's directory.
 */
public final class StandaloneCluster {

  private static final String JOB_MANAGER = "job-manager";
  private static final String TASK_MANAGER = "task-manager-";
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private final FlinkJars jars;
  private final Path directory;
  private FlinkRest rest;

  /**
   * @param directory for the processes' configuration and logs, and what tells which they are
   */
  public StandaloneCluster(FlinkJars jars, Path directory) {
    this.jars = jars;
    this.directory = directory;
  }

  /**
   * Writes the configuration of processes that are started from now on. They give metrics to nobody
   * but the web UI unless {@code metrics.reporters} is among the overrides: Prometheus's reporter
   * listens on every address of the machine.
   *
   * @param shipped the directory of the {@code config.yaml} to begin with
   * @param overrides laid over it
   */
  public void configure(Path shipped, Map<String, String> overrides) throws IOException {
    Configuration configuration = GlobalConfiguration.loadConfiguration(shipped.toString());
    configuration.set(MetricOptions.REPORTERS_LIST, "none");
    configuration.addAll(Configuration.fromMap(overrides));
    rest = null;
    // Flink's configuration may hold secrets.
    OwnersDirectory.create(conf());
    Files.write(
        conf().resolve("config.yaml"),
        ConfigurationUtils.convertConfigToWritableLines(configuration, false));
  }

  /** The directory of the processes' {@code config.yaml}. */
  public Path conf() {
    return directory.resolve("conf");
  }

  /**
   * Starts the JobManager, and waits until it answers.
   *
   * @throws IllegalStateException if it does not in time, or has ended; with the end of its log. Or
   *     if something else answers in its place
   */
  public ServerProcess startJobManager() throws InterruptedException {
    // This one does not wait for one that has answered before.
    FlinkRest fresh = new FlinkRest(rest().address());
    if (isUp(fresh)) {
      throw new IllegalStateException(
          "a Flink cluster answers at %s already; stop that, or give this one another rest.port"
              .formatted(fresh.address()));
    }
    ServerProcess started =
        ServerProcess.start(
            directory, JOB_MANAGER, jars.jobManager(conf(), log(JOB_MANAGER)), Map.of());
    await(started, () -> isUp(fresh), "answers at " + fresh.address());
    return started;
  }

  /**
   * Starts one more TaskManager, and waits until the JobManager knows it.
   *
   * @throws IllegalStateException if it does not in time, or has ended; with the end of its log
   */
  public ServerProcess startTaskManager() throws IOException, InterruptedException {
    int number = 1;
    while (ServerProcess.find(directory, TASK_MANAGER + number).isPresent()) {
      number++;
    }
    String name = TASK_MANAGER + number;
    // A dead one is known for a while, so this one must not have its name.
    String id = name + "-" + new AbstractID();
    ServerProcess started =
        ServerProcess.start(directory, name, jars.taskManager(conf(), log(name), id), Map.of());
    await(started, () -> isKnown(id), "is known to the JobManager");
    return started;
  }

  public Optional<ServerProcess> jobManager() {
    return ServerProcess.find(directory, JOB_MANAGER);
  }

  /** Those that run, in the order of their names. */
  public List<ServerProcess> taskManagers() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.startsWith(TASK_MANAGER) && file.endsWith(".pid"))
          .map(file -> file.substring(0, file.length() - ".pid".length()))
          .sorted()
          .flatMap(name -> ServerProcess.find(directory, name).stream())
          .toList();
    }
  }

  /** Ends all its processes; jobs are not stopped, and are gone unless it is highly available. */
  public void stop() throws IOException {
    List<ServerProcess> all = new ArrayList<>(taskManagers());
    jobManager().ifPresent(all::add);
    all.forEach(ServerProcess::stop);
  }

  /** Flink's configuration of processes that are started from now on. */
  public Configuration configuration() {
    return GlobalConfiguration.loadConfiguration(conf().toString());
  }

  public FlinkRest rest() {
    if (rest == null) {
      rest = new FlinkRest(URI.create("http://localhost:" + configuration().get(RestOptions.PORT)));
    }
    return rest;
  }

  private static boolean isUp(FlinkRest rest) throws InterruptedException {
    try {
      rest.get("/overview");
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private boolean isKnown(String id) throws IOException, InterruptedException {
    for (JsonNode known : rest().get("/taskmanagers").path("taskmanagers")) {
      if (known.path("id").asText().equals(id)) {
        return true;
      }
    }
    return false;
  }

  private static <E extends Exception> void await(
      ServerProcess process, Await.Condition<E> condition, String what)
      throws E, InterruptedException {
    Await.until(
        START_DEADLINE,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(
                "%s has ended; %s ends with:%n%s"
                    .formatted(process.name(), process.log(), process.lastWords()));
          }
          return condition.holds();
        },
        () ->
            "not true that %s %s; %s ends with:%n%s"
                .formatted(process.name(), what, process.log(), process.lastWords()));
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }
}
