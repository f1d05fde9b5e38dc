package io.candlestream.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.candlestream.config.JobConfig;
import io.candlestream.manifests.Dockerfile.Instruction;
import io.candlestream.manifests.Kustomization.Generator;
import io.candlestream.manifests.Kustomization.Image;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;
import org.apache.flink.kubernetes.operator.api.spec.FlinkDeploymentSpec;
import org.apache.flink.kubernetes.operator.api.spec.JobState;
import org.apache.flink.kubernetes.operator.api.spec.UpgradeMode;
import org.apache.flink.metrics.prometheus.PrometheusReporterFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesTest {

  /**
   * What Flink's configuration has for one machine, and Flink or the operator set on Kubernetes.
   */
  private static final Set<String> OF_ONE_MACHINE =
      Set.of(
          "rest.address",
          "rest.bind-address",
          "rest.port",
          "jobmanager.rpc.address",
          "jobmanager.bind-host",
          "jobmanager.memory.process.size",
          "taskmanager.host",
          "taskmanager.bind-host",
          "taskmanager.memory.process.size");

  private static final String COMPONENT = "app.kubernetes.io/component";

  private final Kustomization kustomization = Kustomization.read();
  private final FlinkDeployment deployment = kustomization.the(FlinkDeployment.class);
  private final FlinkDeploymentSpec flink = deployment.getSpec();
  private final PodSpec flinkPod = flink.getPodTemplate().getSpec();
  private final Container flinkContainer = flinkPod.getContainers().get(0);
  private final Job migrate = kustomization.the(Job.class);
  private final PodSpec migratePod = migrate.getSpec().getTemplate().getSpec();
  private final Container migrateContainer = migratePod.getContainers().get(0);
  private final List<Secret> secrets =
      Kustomization.objectsOf("secrets.example.yaml").map(Secret.class::cast).toList();

  @Test
  void everyFileIsPartOfTheKustomizationButTheSecrets() throws IOException {
    Set<String> named = new TreeSet<>(kustomization.resources());
    named.addAll(kustomization.configurations());
    kustomization.configMapGenerator().forEach(generator -> named.addAll(generator.files()));
    named.add("kustomization.yaml");
    named.add("secrets.example.yaml");
    try (Stream<Path> files = Files.list(Kustomization.DIRECTORY)) {
      assertThat(files.map(file -> file.getFileName().toString())).hasSameElementsAs(named);
    }
    assertThat(kustomization.the(Namespace.class).getMetadata().getName())
        .isEqualTo(kustomization.namespace());
  }

  @Test
  void theFlinkDeploymentIsAnApplicationThatIsUpgradedBySavepoint() {
    assertThat(Repository.document(Kustomization.DIRECTORY.resolve("flink-deployment.yaml")))
        .extractingByKey("spec")
        .hasFieldOrPropertyWithValue("flinkVersion", flinkVersion());
    // What the operator's validator asks of a name, and of a job that is upgraded by savepoint.
    assertThat(deployment.getMetadata().getName()).matches("[a-z]([-a-z\\d]{0,43}[a-z\\d])?");
    assertThat(flink.getJob().getUpgradeMode()).isEqualTo(UpgradeMode.SAVEPOINT);
    assertThat(flink.getJob().getState()).isEqualTo(JobState.RUNNING);
    assertThat(flink.getJob().getAllowNonRestoredState()).isFalse();
    assertThat(flink.getJob().getParallelism())
        .isEqualTo(
            Integer.parseInt(flink.getFlinkConfiguration().get("taskmanager.numberOfTaskSlots")));
    assertThat(flink.getFlinkConfiguration())
        .doesNotContainKeys(
            "kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id");
    assertThat(flinkContainer.getName()).isEqualTo("flink-main-container");
  }

  private static String flinkVersion() {
    String[] parts = Repository.FLINK_VERSION.split("\\.");
    return "v" + parts[0] + "_" + parts[1];
  }

  @Test
  void theJobIsTheOneInTheImage() {
    Instruction copy =
        Dockerfile.read().stage("job").all("COPY").stream()
            .filter(step -> "build".equals(step.from()))
            .findFirst()
            .orElseThrow();
    assertThat(flink.getJob().getJarURI()).isEqualTo("local://" + copy.words().get(1));
    assertThat(
            Repository.HOME.resolve(
                "job/src/main/java/" + flink.getJob().getEntryClass().replace('.', '/') + ".java"))
        .exists();
  }

  @Test
  void flinksConfigurationIsTheRepositorysWithStateOnTheVolume() {
    Map<String, String> expected = new TreeMap<>(FlinkConfiguration.ofRepository());
    expected.keySet().removeAll(OF_ONE_MACHINE);
    expected.put("execution.checkpointing.dir", "file:///flink-data/checkpoints");
    expected.put("execution.checkpointing.savepoint-dir", "file:///flink-data/savepoints");
    expected.put("high-availability.type", "kubernetes");
    expected.put("high-availability.storageDir", "file:///flink-data/ha");
    expected.put("metrics.reporter.prom.factory.class", PrometheusReporterFactory.class.getName());
    expected.put("metrics.reporter.prom.port", "9250");
    assertThat(new TreeMap<>(flink.getFlinkConfiguration())).isEqualTo(expected);
    assertThat(mount(flinkContainer, "state").getMountPath()).isEqualTo("/flink-data");
  }

  @Test
  void everyOptionThatIsSetIsOneOfFlinks() {
    assertThat(flink.getFlinkConfiguration().keySet())
        .filteredOn(key -> !key.startsWith("metrics.reporter."))
        .allSatisfy(key -> assertThat(FlinkConfiguration.options()).contains(key));
  }

  @Test
  void logsAreThoseOfTheImage() {
    assertThat(flink.getLogConfiguration())
        .isEqualTo(
            Map.of(
                "log4j-console.properties",
                Repository.text(FlinkConfiguration.DIRECTORY.resolve("log4j-console.properties"))));
  }

  @Test
  void imagesAreNamedOnceWithTheVersionOfTheBuild() {
    assertThat(kustomization.images())
        .extracting(Image::name)
        .containsExactlyInAnyOrder(flink.getImage(), migrateContainer.getImage());
    assertThat(kustomization.images())
        .allSatisfy(
            image -> {
              assertThat(image.newTag()).isEqualTo(Repository.VERSION);
              assertThat(image.newName()).endsWith("/" + image.name());
              assertThat(Dockerfile.read().stages())
                  .containsKey(image.name().substring("candlestream-".length()));
            });
  }

  @Test
  void everyVolumeThatIsMountedIsThereAndHoldsSomethingThatIs() {
    for (PodSpec pod : List.of(flinkPod, migratePod)) {
      List<VolumeMount> mounts = pod.getContainers().get(0).getVolumeMounts();
      assertThat(mounts)
          .extracting(VolumeMount::getName)
          .hasSameElementsAs(pod.getVolumes().stream().map(Volume::getName).toList());
      for (Volume volume : pod.getVolumes()) {
        if (volume.getConfigMap() != null) {
          assertThat(kustomization.configMapGenerator())
              .extracting(Generator::name)
              .contains(volume.getConfigMap().getName());
        } else if (volume.getPersistentVolumeClaim() != null) {
          assertThat(kustomization.the(PersistentVolumeClaim.class).getMetadata().getName())
              .isEqualTo(volume.getPersistentVolumeClaim().getClaimName());
        } else {
          assertThat(volume.getEmptyDir() != null || !filesOf(volume).isEmpty())
              .as(volume.getName())
              .isTrue();
        }
      }
    }
  }

  /** Generated names end in a hash, which kustomize has to put where they are referred to. */
  @Test
  void kustomizeFindsTheReferencesInAFlinkDeployment() {
    Map<String, Object> references =
        Repository.document(Kustomization.DIRECTORY.resolve(kustomization.configurations().get(0)));
    assertThat(references)
        .isEqualTo(
            Map.of(
                "images",
                List.of(Map.of("kind", deployment.getKind(), "path", "spec/image")),
                "nameReference",
                List.of(
                    Map.of(
                        "kind",
                        "ConfigMap",
                        "version",
                        "v1",
                        "fieldSpecs",
                        List.of(
                            Map.of(
                                "kind",
                                deployment.getKind(),
                                "path",
                                "spec/podTemplate/spec/volumes/configMap/name"))))));
  }

  @Test
  void theJobFindsItsConfigurationAndEverySecretOfIt(@TempDir Path directory) {
    JobConfig job = configuration(flinkPod, flink.getJob().getArgs(), directory);
    assertThat(job.database().password().reveal()).isEqualTo("candlestream/database-password");
    assertThat(job.source().kafka().properties().reveal().get("sasl.jaas.config"))
        .endsWith("username=\"candlestream\" password=\"candlestream/kafka-password\";");
    assertThat(ConsumerConfig.configNames())
        .containsAll(job.source().kafka().properties().reveal().keySet());
    assertThat(Path.of(job.source().kafka().properties().reveal().get("ssl.truststore.location")))
        .exists();
    assertThat(rootCertificate(job)).exists();
  }

  @Test
  void migrationsFindTheirConfigurationAndHaveTheOwnersPassword(@TempDir Path directory) {
    List<String> arguments = migrateContainer.getArgs();
    assertThat(arguments.get(0)).isEqualTo("migrate");
    JobConfig migrations =
        configuration(
            migratePod, arguments.subList(1, arguments.size()).toArray(String[]::new), directory);
    assertThat(migrations.database().user()).isEqualTo("candlestream_migrator");
    assertThat(migrations.database().password().reveal())
        .isEqualTo("candlestream-owner/database-password");
    assertThat(rootCertificate(migrations)).exists();
  }

  private static Path rootCertificate(JobConfig job) {
    return Path.of(job.database().url().replaceFirst(".*sslrootcert=", ""));
  }

  /**
   * The configuration as a pod reads it, with the files of its secrets laid out in a directory: the
   * content of each is SECRET/KEY.
   */
  private JobConfig configuration(PodSpec pod, String[] arguments, Path directory) {
    Container container = pod.getContainers().get(0);
    Path seen = Path.of(arguments[1]);
    assertThat(arguments[0]).isEqualTo("--config");
    assertThat(seen.getParent()).hasToString(mount(container, "config").getMountPath());
    Generator generator = kustomization.configMapGenerator().get(0);
    assertThat(generator.files()).contains(seen.getFileName().toString());
    String mounted = mount(container, "secrets").getMountPath();
    Volume volume =
        pod.getVolumes().stream()
            .filter(candidate -> candidate.getName().equals("secrets"))
            .findFirst()
            .orElseThrow();
    try {
      for (Map.Entry<String, String> file : filesOf(volume).entrySet()) {
        Files.writeString(directory.resolve(file.getKey()), file.getValue());
      }
      Path copy = directory.resolve("job.yaml");
      String text = Repository.text(Kustomization.DIRECTORY.resolve(seen.getFileName()));
      Files.writeString(copy, text.replace(mounted, directory.toString()));
      List<String> sets =
          Stream.of(arguments).skip(2).filter(argument -> !argument.equals("--set")).toList();
      return JobConfig.load(copy, sets, Map.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The files of a volume of secrets, and for each SECRET/KEY; empty where it is none. */
  private Map<String, String> filesOf(Volume volume) {
    Map<String, String> files = new LinkedHashMap<>();
    if (volume.getSecret() != null) {
      String name = volume.getSecret().getSecretName();
      keysOf(name).forEach(key -> files.put(key, name + "/" + key));
    } else if (volume.getProjected() != null) {
      volume
          .getProjected()
          .getSources()
          .forEach(
              source -> {
                String name = source.getSecret().getName();
                for (KeyToPath item : source.getSecret().getItems()) {
                  assertThat(keysOf(name)).contains(item.getKey());
                  files.put(item.getPath(), name + "/" + item.getKey());
                }
              });
    }
    return files;
  }

  private Set<String> keysOf(String secret) {
    return secrets.stream()
        .filter(candidate -> candidate.getMetadata().getName().equals(secret))
        .findFirst()
        .orElseThrow(() -> new AssertionError("secrets.example.yaml has no " + secret))
        .getStringData()
        .keySet();
  }

  @Test
  void theExampleOfTheSecretsHasNoValueThatCouldWork() {
    assertThat(secrets).hasSize(2);
    assertThat(secrets)
        .allSatisfy(
            secret -> {
              assertThat(secret.getData()).isEmpty();
              assertThat(secret.getStringData().values()).containsOnly("");
            });
  }

  @Test
  void podsRunWithoutPrivilegesOnAReadOnlyFileSystem() {
    for (PodSpec pod : List.of(flinkPod, migratePod)) {
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(9999);
      assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(9999);
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      assertThat(pod.getContainers()).hasSize(1);
      Container container = pod.getContainers().get(0);
      assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
      assertThat(mount(container, "tmp").getMountPath()).isEqualTo("/tmp");
    }
    assertThat(migratePod.getAutomountServiceAccountToken()).isFalse();
    assertThat(migrateContainer.getResources().getLimits()).containsKey("memory");
    assertThat(flink.getJobManager().getResource().getMemory())
        .isEqualTo(FlinkConfiguration.ofRepository().get("jobmanager.memory.process.size"));
    assertThat(flink.getTaskManager().getResource().getMemory())
        .isEqualTo(FlinkConfiguration.ofRepository().get("taskmanager.memory.process.size"));
  }

  @Test
  void theServiceAccountIsBoundToItsRole() {
    String account = kustomization.the(ServiceAccount.class).getMetadata().getName();
    RoleBinding binding = kustomization.the(RoleBinding.class);
    assertThat(flink.getServiceAccount()).isEqualTo(account);
    assertThat(binding.getRoleRef().getName())
        .isEqualTo(kustomization.the(Role.class).getMetadata().getName());
    assertThat(binding.getSubjects()).hasSize(1);
    assertThat(binding.getSubjects().get(0).getName()).isEqualTo(account);
    assertThat(binding.getSubjects().get(0).getNamespace()).isEqualTo(kustomization.namespace());
  }

  @Test
  void theFlinkDeploymentAloneHasTheLabelThatKeepsItBack() {
    assertThat(kustomization.objects())
        .filteredOn(object -> "job".equals(labels(object.getMetadata().getLabels()).get(COMPONENT)))
        .containsExactly(deployment);
  }

  private static Map<String, String> labels(Map<String, String> labels) {
    return labels == null ? Map.of() : labels;
  }

  @Test
  void podsReachWhatTheyNeedAndNothingElse() {
    Map<String, String> jobManager = flinkLabels("jobmanager");
    Map<String, String> taskManager = flinkLabels("taskmanager");
    Map<String, String> schema = migrate.getSpec().getTemplate().getMetadata().getLabels();

    Set<String> both =
        Set.of(
            "namespace kube-system, pods k8s-app=kube-dns: UDP 53, TCP 53",
            "pods app=candlestream: all",
            "anywhere: TCP 443, TCP 6443",
            "namespace kafka: TCP 9093",
            "namespace database: TCP 5432");
    assertThat(reachedFrom(jobManager)).isEqualTo(both);
    assertThat(reachedFrom(taskManager)).isEqualTo(both);
    assertThat(reachedFrom(schema))
        .isEqualTo(
            Set.of(
                "namespace kube-system, pods k8s-app=kube-dns: UDP 53, TCP 53",
                "namespace database: TCP 5432"));

    assertThat(reaching(jobManager))
        .isEqualTo(
            Set.of(
                "pods app=candlestream: all",
                "namespace flink-operator, pods app.kubernetes.io/name=flink-kubernetes-operator:"
                    + " TCP 8081",
                "namespace monitoring: TCP metrics"));
    assertThat(reaching(taskManager))
        .isEqualTo(Set.of("pods app=candlestream: all", "namespace monitoring: TCP metrics"));
    assertThat(reaching(schema)).isEmpty();

    assertThat(flinkContainer.getPorts())
        .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
        .containsExactly(tuple("metrics", 9250));
    assertThat(flink.getPodTemplate().getMetadata().getAnnotations())
        .containsEntry("prometheus.io/port", "9250");
  }

  /** The labels that Flink gives its pods on Kubernetes. */
  private Map<String, String> flinkLabels(String component) {
    return Map.of(
        "app",
        deployment.getMetadata().getName(),
        "component",
        component,
        "type",
        "flink-native-kubernetes");
  }

  @Test
  void theConfigurationNamesWhatThePoliciesLetPodsReach(@TempDir Path directory) {
    JobConfig job = configuration(flinkPod, flink.getJob().getArgs(), directory);
    assertThat(job.source().kafka().bootstrapServers()).matches("[a-z]+\\.kafka\\.svc:9093");
    URI url = URI.create(job.database().url().substring("jdbc:".length()));
    assertThat(url.getHost()).endsWith(".database.svc");
    assertThat(url.getPort()).isEqualTo(5432);
  }

  @Test
  void whatNoPolicyNamesIsDenied() {
    assertThat(kustomization.all(NetworkPolicy.class))
        .filteredOn(policy -> policy.getMetadata().getName().equals("deny-all"))
        .singleElement()
        .satisfies(
            policy -> {
              assertThat(policy.getSpec().getPodSelector().getMatchLabels()).isNullOrEmpty();
              assertThat(policy.getSpec().getPolicyTypes())
                  .containsExactlyInAnyOrder("Ingress", "Egress");
              assertThat(policy.getSpec().getIngress()).isNullOrEmpty();
              assertThat(policy.getSpec().getEgress()).isNullOrEmpty();
            });
  }

  private Set<String> reachedFrom(Map<String, String> pod) {
    Set<String> reached = new HashSet<>();
    for (NetworkPolicy policy : policiesOf(pod, "Egress")) {
      for (NetworkPolicyEgressRule rule : policy.getSpec().getEgress()) {
        reached.add(described(rule.getTo(), rule.getPorts()));
      }
    }
    return reached;
  }

  private Set<String> reaching(Map<String, String> pod) {
    Set<String> reaching = new HashSet<>();
    for (NetworkPolicy policy : policiesOf(pod, "Ingress")) {
      for (NetworkPolicyIngressRule rule : policy.getSpec().getIngress()) {
        reaching.add(described(rule.getFrom(), rule.getPorts()));
      }
    }
    return reaching;
  }

  private List<NetworkPolicy> policiesOf(Map<String, String> pod, String type) {
    return kustomization.all(NetworkPolicy.class).stream()
        .filter(policy -> policy.getSpec().getPolicyTypes().contains(type))
        .filter(
            policy ->
                pod.entrySet()
                    .containsAll(
                        labels(policy.getSpec().getPodSelector().getMatchLabels()).entrySet()))
        .toList();
  }

  private static String described(List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {
    assertThat(peers).hasSizeLessThan(2);
    String peer = peers.isEmpty() ? "anywhere" : described(peers.get(0));
    List<String> allowed =
        ports.stream().map(port -> port.getProtocol() + " " + described(port.getPort())).toList();
    return peer + ": " + (allowed.isEmpty() ? "all" : String.join(", ", allowed));
  }

  private static String described(NetworkPolicyPeer peer) {
    List<String> parts = new ArrayList<>();
    if (peer.getNamespaceSelector() != null) {
      parts.add(
          "namespace "
              + only(peer.getNamespaceSelector(), "kubernetes.io/metadata.name").getValue());
    }
    if (peer.getPodSelector() != null) {
      parts.add("pods " + only(peer.getPodSelector(), null));
    }
    return String.join(", ", parts);
  }

  /** The one label of a selector. */
  private static Map.Entry<String, String> only(LabelSelector selector, String key) {
    assertThat(selector.getMatchExpressions()).isNullOrEmpty();
    assertThat(selector.getMatchLabels()).hasSize(1);
    Map.Entry<String, String> label = selector.getMatchLabels().entrySet().iterator().next();
    assertThat(key == null || key.equals(label.getKey())).as(label.getKey()).isTrue();
    return label;
  }

  private static String described(IntOrString port) {
    return String.valueOf(port.getValue());
  }

  private static VolumeMount mount(Container container, String volume) {
    return container.getVolumeMounts().stream()
        .filter(mount -> mount.getName().equals(volume))
        .findFirst()
        .orElseThrow(() -> new AssertionError(container.getName() + " mounts no " + volume));
  }
}
