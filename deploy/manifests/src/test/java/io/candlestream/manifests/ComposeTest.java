package io.candlestream.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.groups.Tuple.tuple;

import io.candlestream.config.JobConfig;
import io.candlestream.manifests.Compose.Mount;
import io.candlestream.manifests.Compose.Service;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.flink.container.entrypoint.StandaloneApplicationClusterConfigurationParserFactory;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComposeTest {

  private static final Pattern SECRET = Pattern.compile("/run/secrets/([a-z-]+)");
  private static final String SAVEPOINT =
      "${CANDLESTREAM_SAVEPOINT:+--fromSavepoint ${CANDLESTREAM_SAVEPOINT}}";

  private final Compose compose = Compose.read();

  @Test
  void everyFileThatIsMountedIsThereAndEveryVolumeDeclared() {
    Set<String> volumes = new TreeSet<>();
    for (Service service : compose.services().values()) {
      for (Mount mount : service.mounts()) {
        if (mount.isFile()) {
          assertThat(mount.file()).exists();
          assertThat(mount.readOnly()).as(mount.toString()).isTrue();
        } else {
          volumes.add(mount.source());
        }
      }
    }
    assertThat(volumes).isEqualTo(new TreeSet<>(compose.volumes().keySet()));
  }

  @Test
  void everySecretThatIsReadIsGivenToItsService() {
    Set<String> used = new TreeSet<>();
    compose
        .services()
        .forEach(
            (name, service) -> {
              assertThat(new TreeSet<>(service.secrets()))
                  .as(name)
                  .containsAll(secretsReadBy(service));
              used.addAll(service.secrets());
            });
    assertThat(used).isEqualTo(new TreeSet<>(compose.secrets().keySet()));
  }

  /** Those that a service's own lines name, and the SQL that the database runs. */
  private static Set<String> secretsReadBy(Service service) {
    Set<String> read = new TreeSet<>();
    Stream<String> sql =
        service.mounts().stream()
            .filter(mount -> mount.source().endsWith(".sql"))
            .map(mount -> Repository.text(mount.file()));
    Stream.concat(sql, Stream.of(service.environment().values() + " " + service.command()))
        .flatMap(text -> SECRET.matcher(text).results())
        .forEach(match -> read.add(match.group(1)));
    return read;
  }

  @Test
  void withoutTheDirectoryOfPasswordsComposeSaysSo() {
    compose
        .secrets()
        .forEach(
            (name, secret) ->
                assertThat(secret.file())
                    .isEqualTo(
                        "${CANDLESTREAM_SECRETS:?must name a directory with the passwords; see"
                            + " README, Containers and Kubernetes}/"
                            + name));
  }

  @Test
  void noOtherVariableIsLeftToTheEnvironment() {
    assertThat(
            Pattern.compile("(?<!\\$)\\$\\{(\\w+)[^}]*}?")
                .matcher(Repository.text(Compose.FILE).replaceAll("(?m)^ *#.*", ""))
                .results()
                .map(reference -> reference.group(1)))
        .containsOnly("CANDLESTREAM_SECRETS", "CANDLESTREAM_SAVEPOINT");
    assertThat(Repository.text(Compose.FILE))
        .doesNotContainPattern("PASSWORD: (?!\\$\\$__file\\{/run/secrets/)");
  }

  @Test
  void portsArePublishedToThisMachineAlone() {
    assertThat(compose.services().values().stream().flatMap(service -> service.ports().stream()))
        .containsExactlyInAnyOrder(
            "127.0.0.1:9092:9092",
            "127.0.0.1:5432:5432",
            "127.0.0.1:8081:8081",
            "127.0.0.1:9090:9090",
            "127.0.0.1:3000:3000");
  }

  @Test
  void servicesWaitForWhatCanBeWaitedFor() {
    for (Service service : compose.services().values()) {
      service
          .dependsOn()
          .forEach(
              (other, dependency) -> {
                Service awaited = compose.service(other);
                switch (dependency.condition()) {
                  case "service_healthy" -> assertThat(awaited.healthcheck()).as(other).isNotNull();
                  case "service_completed_successfully" ->
                      assertThat(awaited.restart()).as(other + " ends").isNull();
                  default -> assertThat(dependency.condition()).isEqualTo("service_started");
                }
              });
    }
    assertThat(compose.service("jobmanager").dependsOn().keySet())
        .containsExactlyInAnyOrder("migrate", "create-topics");
  }

  @Test
  void imagesHaveTheVersionsOfTheBuild() {
    Map<String, String> images = new TreeMap<>();
    compose.services().forEach((name, service) -> images.put(name, service.image()));
    String job = "candlestream-job:" + Repository.VERSION;
    String kafka = "apache/kafka:" + Repository.KAFKA_VERSION;
    assertThat(images)
        .containsEntry("jobmanager", job)
        .containsEntry("taskmanager", job)
        .containsEntry("migrate", "candlestream-schema:" + Repository.VERSION)
        .containsEntry("kafka", kafka)
        .containsEntry("create-topics", kafka);
    assertThat(images.values())
        .allSatisfy(image -> assertThat(image).matches("[a-z/-]+:v?\\d+\\.\\d+\\.\\d+.*"));
  }

  @Test
  void whatIsBuiltIsATargetOfTheDockerfile() {
    Dockerfile dockerfile = Dockerfile.read();
    List<Service> built =
        compose.services().values().stream().filter(service -> service.build() != null).toList();
    assertThat(built).hasSize(2);
    for (Service service : built) {
      Path context = Compose.FILE.resolveSibling(service.build().context()).normalize();
      assertThat(context).isEqualTo(Repository.HOME);
      assertThat(context.resolve(service.build().dockerfile())).isEqualTo(Dockerfile.FILE);
      assertThat(dockerfile.stages()).containsKey(service.build().target());
      assertThat(service.image()).startsWith("candlestream-" + service.build().target() + ":");
    }
  }

  @Test
  void theBrokerTakesItsConfiguration() {
    Map<String, String> properties = brokerProperties();
    assertThat(KafkaConfig.configDef().names()).containsAll(properties.keySet());
    assertThatCode(() -> new KafkaConfig(properties, false)).doesNotThrowAnyException();
    assertThat(compose.service("kafka").mounts())
        .extracting(mount -> mount.target().toString())
        .contains(properties.get("log.dirs"));
    assertThat(compose.service("kafka").environment().get("CLUSTER_ID")).hasSize(22);
  }

  /** As the image makes properties of variables: KAFKA_LOG_DIRS is log.dirs. */
  private Map<String, String> brokerProperties() {
    Map<String, String> properties = new TreeMap<>();
    compose
        .service("kafka")
        .environment()
        .forEach(
            (name, value) -> {
              if (name.startsWith("KAFKA_")) {
                properties.put(
                    name.substring("KAFKA_".length()).toLowerCase(Locale.ROOT).replace('_', '.'),
                    value);
              }
            });
    return properties;
  }

  @Test
  void theJobReadsATopicThatIsMadeFromABrokerThatSaysItIsThere(@TempDir Path secrets) {
    JobConfig job = configuration("jobmanager", secrets);
    List<String> make = compose.service("create-topics").words();
    assertThat(job.source().kafka().topics())
        .containsExactly(make.get(make.indexOf("--topic") + 1));
    String broker = job.source().kafka().bootstrapServers();
    assertThat(make.get(make.indexOf("--bootstrap-server") + 1)).isEqualTo(broker);
    assertThat(compose.service("kafka").healthcheck().test()).contains(broker);
    assertThat(brokerProperties().get("advertised.listeners").split(","))
        .contains("PLAINTEXT://" + broker, "PLAINTEXT_HOST://localhost:9092");
  }

  @Test
  void theJobAndTheMigrationsFindTheDatabase(@TempDir Path secrets) {
    JobConfig job = configuration("jobmanager", secrets);
    JobConfig migrate = configuration("migrate", secrets);
    Service database = compose.service("timescaledb");

    URI url = URI.create(job.database().url().substring("jdbc:".length()));
    assertThat(compose.service(url.getHost())).isSameAs(database);
    assertThat(url.getPort()).isEqualTo(5432);
    assertThat(url.getPath()).isEqualTo("/" + database.environment().get("POSTGRES_DB"));

    assertThat(job.database().password().reveal()).isEqualTo("database-password");
    assertThat(Repository.text(Repository.DEPLOY.resolve("compose/create-logins.sql")))
        .contains("CREATE ROLE " + job.database().user() + " LOGIN PASSWORD :'job_password'");
    assertThat(migrate.database().user()).isEqualTo(database.environment().get("POSTGRES_USER"));
    assertThat(migrate.database().password().reveal()).isEqualTo("database-admin-password");
    assertThat(database.environment().get("POSTGRES_PASSWORD_FILE"))
        .isEqualTo("/run/secrets/database-admin-password");
  }

  /**
   * The configuration as the program of a service reads it, which sees its own secrets: of each the
   * name is the password.
   */
  private JobConfig configuration(String name, Path secrets) {
    Service service = compose.service(name);
    List<String> words = words(service, "");
    List<String> arguments = words.subList(words.indexOf("--config"), words.size());
    Path seen = Path.of(arguments.get(1));
    Path file =
        service.mounts().stream()
            .filter(mount -> mount.target().equals(seen))
            .map(Mount::file)
            .findFirst()
            .orElseThrow();
    try {
      Path own = Files.createTempDirectory(secrets, name);
      for (String secret : service.secrets()) {
        Files.writeString(own.resolve(secret), secret);
      }
      Path copy = own.resolve("job.yaml");
      Files.writeString(copy, Repository.text(file).replace("/run/secrets", own.toString()));
      List<String> sets =
          arguments.stream()
              .skip(2)
              .filter(argument -> !argument.equals("--set"))
              .map(set -> set.replace("/run/secrets", own.toString()))
              .toList();
      return JobConfig.load(copy, sets, Map.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> words(Service service, String savepoint) {
    return service.command() instanceof String line
        ? Arrays.asList(line.replace(SAVEPOINT, savepoint).split("\\s+"))
        : service.words();
  }

  @Test
  void flinkTakesTheJobsClassAndASavepointAndLeavesTheRestToTheJob() throws Exception {
    assertStarts("", null);
    assertStarts(
        "--fromSavepoint file:///opt/flink/savepoints/savepoint-1",
        "file:///opt/flink/savepoints/savepoint-1");
  }

  private void assertStarts(String savepoint, String restored) throws Exception {
    List<String> words = words(compose.service("jobmanager"), savepoint);
    assertThat(words.get(0)).isEqualTo("standalone-job");
    var factory = new StandaloneApplicationClusterConfigurationParserFactory();
    Stream<String> arguments =
        Stream.concat(Stream.of("--configDir", "/opt/flink/conf"), words.stream().skip(1));
    CommandLine line =
        new DefaultParser().parse(factory.getOptions(), arguments.toArray(String[]::new), true);

    assertThat(line.getOptionValue("configDir")).isEqualTo("/opt/flink/conf");
    assertThat(line.getOptionValues("configDir")).hasSize(1);
    assertThat(line.getOptionValue("fromSavepoint")).isEqualTo(restored);
    assertThat(line.getArgList()).containsExactly("--config", "/opt/candlestream/job.yaml");
    String job = line.getOptionValue("job-classname");
    assertThat(Repository.HOME.resolve("job/src/main/java/" + job.replace('.', '/') + ".java"))
        .exists();
    assertThatCode(() -> factory.createResult(line)).doesNotThrowAnyException();
  }

  @Test
  void jobManagerAndTaskManagerAgree() {
    Service jobManager = compose.service("jobmanager");
    Service taskManager = compose.service("taskmanager");
    assertThat(taskManager.environment()).isEqualTo(jobManager.environment());
    assertThat(compose.services())
        .containsKey(jobManager.environment().get("JOB_MANAGER_RPC_ADDRESS"));

    String slots = FlinkConfiguration.ofRepository().get("taskmanager.numberOfTaskSlots");
    assertThat(jobManager.environment().get("FLINK_PROPERTIES"))
        .isEqualTo("parallelism.default: " + slots);
    assertThat(FlinkConfiguration.options()).contains("parallelism.default");

    List<String> made = Dockerfile.read().stage("job").all("RUN").get(0).words();
    for (Service service : List.of(jobManager, taskManager)) {
      assertThat(service.mounts())
          .filteredOn(mount -> !mount.isFile())
          .extracting(Mount::source, mount -> mount.target().toString())
          .containsExactly(tuple("checkpoints", made.get(2)), tuple("savepoints", made.get(3)));
    }
  }

  @Test
  void prometheusScrapesWhereFlinkServesItsMetrics() {
    Service prometheus = compose.service("prometheus");
    Path seen =
        Path.of(
            prometheus.words().stream()
                .filter(word -> word.startsWith("--config.file="))
                .map(word -> word.substring("--config.file=".length()))
                .findFirst()
                .orElseThrow());
    Mount mount =
        prometheus.mounts().stream()
            .filter(candidate -> seen.startsWith(candidate.target()))
            .findFirst()
            .orElseThrow();
    assertThat(Repository.document(mount.file().resolve(mount.target().relativize(seen))))
        .extractingByKey("scrape_configs")
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .first()
        .extracting("dns_sd_configs")
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .first()
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("names", List.of("jobmanager", "taskmanager"))
        .containsEntry("port", 9250);
  }

  @Test
  void grafanaHasEveryVariableThatItsProvisioningNames() throws IOException {
    Service grafana = compose.service("grafana");
    Path provisioning = Repository.DEPLOY.resolve("grafana/provisioning");
    try (Stream<Path> files = Files.walk(provisioning)) {
      assertThat(
              files
                  .filter(Files::isRegularFile)
                  .map(file -> Repository.text(file).replaceAll("(?m)#.*", ""))
                  .flatMap(text -> Pattern.compile("\\$\\{(\\w+)}").matcher(text).results())
                  .map(variable -> variable.group(1)))
          .isSubsetOf(grafana.environment().keySet());
    }
    assertThat(Repository.text(Repository.DEPLOY.resolve("compose/create-logins.sql")))
        .contains("CREATE ROLE " + grafana.environment().get("GRAFANA_DB_USER") + " LOGIN");
  }

  @Test
  void noContainerCanGainPrivilegesAndOnlyTheDatabasesBeginsWithAny() {
    compose
        .services()
        .forEach(
            (name, service) -> {
              assertThat(service.securityOpt()).as(name).containsExactly("no-new-privileges:true");
              // PostgreSQL's image begins as root, gives the volume to its user and becomes that.
              assertThat(service.capDrop())
                  .as(name)
                  .isEqualTo(name.equals("timescaledb") ? null : List.of("ALL"));
            });
  }
}
