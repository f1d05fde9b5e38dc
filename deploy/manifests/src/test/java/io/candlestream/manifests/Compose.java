package io.candlestream.manifests;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * As much of a Compose file as ours uses; anything else in it is refused, a misspelt key included.
 */
record Compose(
    String name,
    Map<String, Service> services,
    Map<String, Object> volumes,
    Map<String, SecretFile> secrets) {

  static final Path FILE = Repository.DEPLOY.resolve("docker-compose.yml");

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  static Compose read() {
    return MAPPER.convertValue(Repository.document(FILE), Compose.class);
  }

  Service service(String service) {
    return Objects.requireNonNull(services.get(service), () -> "no service " + service);
  }

  /** A container. What a list or map of it leaves out is empty. */
  record Service(
      String image,
      Build build,
      Object command,
      Map<String, String> environment,
      List<String> ports,
      List<String> volumes,
      List<String> secrets,
      Map<String, Dependency> dependsOn,
      Healthcheck healthcheck,
      List<String> securityOpt,
      List<String> capDrop,
      String restart) {

    Service {
      environment = environment == null ? Map.of() : environment;
      ports = ports == null ? List.of() : ports;
      volumes = volumes == null ? List.of() : volumes;
      secrets = secrets == null ? List.of() : secrets;
      dependsOn = dependsOn == null ? Map.of() : dependsOn;
    }

    /** The command's words, <code>$$</code> being Compose's way to write a <code>$</code>. */
    List<String> words() {
      List<?> words = command instanceof List<?> list ? list : Arrays.asList(line().split("\\s+"));
      return words.stream().map(word -> word.toString().replace("$$", "$")).toList();
    }

    /** The command, where it is one line. */
    String line() {
      return (String) command;
    }

    List<Mount> mounts() {
      return volumes.stream().map(Mount::of).toList();
    }
  }

  record Build(String context, String dockerfile, String target) {}

  record Dependency(String condition) {}

  record Healthcheck(List<String> test, String interval, String timeout, int retries) {}

  record SecretFile(String file) {}

  /** A file or directory beside the Compose file, or a volume, and where a container sees it. */
  record Mount(String source, Path target, boolean readOnly) {

    static Mount of(String volume) {
      String[] parts = volume.split(":");
      return new Mount(parts[0], Path.of(parts[1]), parts.length > 2 && parts[2].equals("ro"));
    }

    boolean isFile() {
      return source.startsWith("./");
    }

    Path file() {
      return FILE.resolveSibling(source).normalize();
    }
  }
}
