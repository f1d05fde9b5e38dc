package io.candlestream.cluster;

import io.candlestream.servers.Jdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * Flink's published jars, and the commands that start its processes from them: those that the
 * scripts of its distribution would run, with the memory of each process worked out alike.
 *
 * @param lib the directory of the jars
 * @param logging a configuration of Log4j 2
 */
public record FlinkJars(Path lib, Path logging) {

  private static final String JOB_MANAGER =
      "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
  private static final String TASK_MANAGER =
      "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
  private static final String CLIENT = "org.apache.flink.client.cli.CliFrontend";

  /**
   * Those that the build has put together.
   *
   * @param home the root of the project
   * @throws IllegalStateException if it has not been built
   */
  public static FlinkJars ofBuild(Path home) {
    Path lib = home.resolve("deploy/flink/target/lib");
    if (!Files.isDirectory(lib)) {
      throw new IllegalStateException(
          "there is no %s; build it: mvn -DskipTests package".formatted(lib));
    }
    return new FlinkJars(lib, home.resolve("conf/log4j2.properties"));
  }

  /**
   * The JobManager of a session cluster.
   *
   * @param conf the directory of {@code config.yaml}
   * @param log where its output goes, which the web UI shows
   */
  List<String> jobManager(Path conf, Path log) {
    Configuration configuration = GlobalConfiguration.loadConfiguration(conf.toString());
    JobManagerProcessSpec memory = JobManagerProcessUtils.processSpecFromConfig(configuration);
    return server(
        conf,
        log,
        JobManagerProcessUtils.generateJvmParametersStr(memory, configuration),
        JOB_MANAGER,
        "--configDir %s --executionMode cluster %s"
            .formatted(conf, JobManagerProcessUtils.generateDynamicConfigsStr(memory)));
  }

  /**
   * One TaskManager, with the slots that the configuration gives it.
   *
   * @param id what it calls itself to the JobManager
   */
  List<String> taskManager(Path conf, Path log, String id) {
    TaskExecutorProcessSpec memory =
        TaskExecutorProcessUtils.processSpecFromConfig(
            GlobalConfiguration.loadConfiguration(conf.toString()));
    return server(
        conf,
        log,
        ProcessMemoryUtils.generateJvmParametersStr(memory),
        TASK_MANAGER,
        "--configDir %s %s -D %s=%s"
            .formatted(
                conf,
                TaskExecutorProcessUtils.generateDynamicConfigsStr(memory),
                TaskManagerOptions.TASK_MANAGER_RESOURCE_ID.key(),
                id));
  }

  /** Flink's command-line client, which finds its configuration by {@code FLINK_CONF_DIR}. */
  List<String> client(Path conf, List<String> arguments) {
    return program(conf, CLIENT, arguments);
  }

  /** Any other program of these jars. */
  List<String> program(Path conf, String mainClass, List<String> arguments) {
    return java(conf, "", classPath(), mainClass, arguments);
  }

  /** A class of a job's jar, with Flink beside it, as on a cluster. */
  List<String> program(Path conf, Path jar, String mainClass, List<String> arguments) {
    return java(conf, "", classPath() + ":" + jar, mainClass, arguments);
  }

  private List<String> server(
      Path conf, Path log, String memory, String mainClass, String arguments) {
    return java(
        conf, "-Dlog.file=%s %s".formatted(log, memory), classPath(), mainClass, words(arguments));
  }

  private List<String> java(
      Path conf, String options, String classPath, String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Jdk.program("java"));
    command.addAll(words(options));
    command.addAll(
        words(
            GlobalConfiguration.loadConfiguration(conf.toString())
                .get(CoreOptions.FLINK_JVM_OPTIONS)));
    command.add("-Dlog4j.configurationFile=" + logging.toUri());
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(arguments);
    return command;
  }

  private String classPath() {
    try (Stream<Path> jars = Files.list(lib)) {
      return jars.map(Path::toString)
          .filter(jar -> jar.endsWith(".jar"))
          .sorted()
          .collect(Collectors.joining(":"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + lib, e);
    }
  }

  private static List<String> words(String line) {
    return Arrays.stream(line.trim().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }
}
