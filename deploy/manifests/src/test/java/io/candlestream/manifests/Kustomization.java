package io.candlestream.manifests;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;
import org.apache.flink.kubernetes.operator.api.spec.FlinkVersion;

/**
 * deploy/kubernetes/kustomization.yaml, and the resources that it names, each as the model of its
 * kind. A field that a kind does not have is refused.
 */
record Kustomization(
    String apiVersion,
    String kind,
    String namespace,
    List<String> resources,
    List<Generator> configMapGenerator,
    List<Image> images,
    List<String> configurations) {

  record Generator(String name, List<String> files) {}

  record Image(String name, String newName, String newTag) {}

  static final Path DIRECTORY = Repository.DEPLOY.resolve("kubernetes");

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "v1/Namespace", Namespace.class,
          "v1/ServiceAccount", ServiceAccount.class,
          "v1/Secret", Secret.class,
          "v1/PersistentVolumeClaim", PersistentVolumeClaim.class,
          "batch/v1/Job", Job.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
          "rbac.authorization.k8s.io/v1/Role", Role.class,
          "rbac.authorization.k8s.io/v1/RoleBinding", RoleBinding.class,
          "flink.apache.org/v1beta1/FlinkDeployment", FlinkDeployment.class);

  /** The models keep or pass over fields that they do not know; here they are refused. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated member) {
                  return false;
                }

                @Override
                public JsonIgnoreProperties.Value findPropertyIgnoralByName(
                    MapperConfig<?> config, Annotated type) {
                  return super.findPropertyIgnoralByName(config, type).withoutIgnoreUnknown();
                }
              })
          .addHandler(
              new DeserializationProblemHandler() {

                /** The model to be had is older than Flink 2: its enumeration lacks the version. */
                @Override
                public Object handleWeirdStringValue(
                    DeserializationContext context, Class<?> target, String value, String failure) {
                  return target == FlinkVersion.class ? null : NOT_HANDLED;
                }
              })
          .build();

  static Kustomization read() {
    return MAPPER.convertValue(
        Repository.document(DIRECTORY.resolve("kustomization.yaml")), Kustomization.class);
  }

  List<HasMetadata> objects() {
    return resources.stream().flatMap(Kustomization::objectsOf).toList();
  }

  /** The objects of a kind. */
  <T extends HasMetadata> List<T> all(Class<T> kind) {
    return objects().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The one object of a kind. */
  <T extends HasMetadata> T the(Class<T> kind) {
    List<T> all = all(kind);
    if (all.size() != 1) {
      throw new AssertionError(all.size() + " objects are a " + kind.getSimpleName());
    }
    return all.get(0);
  }

  static Stream<HasMetadata> objectsOf(String file) {
    return Repository.documents(DIRECTORY.resolve(file)).stream()
        .map(
            document -> {
              String kind = document.get("apiVersion") + "/" + document.get("kind");
              if (!KINDS.containsKey(kind)) {
                throw new AssertionError(file + " has an object of a kind not known: " + kind);
              }
              return MAPPER.convertValue(document, KINDS.get(kind));
            });
  }
}
