package io.candlestream.config;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Properties for a client of Kafka's, in order. There may be secrets among them, so they print
 * masked.
 *
 * @param reveal the properties themselves, for the client
 */
public record KafkaProperties(Map<String, String> reveal) implements Serializable {

  /** The login of SASL: a text of its own kind, with options such as a password. */
  static final String JAAS = "sasl.jaas.config";

  private static final Pattern SECRET =
      Pattern.compile(
          ".*(password|secret|passphrase)|\\Q" + JAAS + "\\E|ssl\\.keystore\\.key",
          Pattern.CASE_INSENSITIVE);

  /** More than must be: a client may know further properties, of plugins for one. */
  private static final Pattern MASKED =
      Pattern.compile("password|secret|passphrase|jaas|token|key", Pattern.CASE_INSENSITIVE);

  public KafkaProperties {
    reveal = Collections.unmodifiableMap(new LinkedHashMap<>(reveal));
  }

  /** Whether the value of the property {@code name} is a secret, or holds one. */
  public static boolean isSecret(String name) {
    return SECRET.matcher(name).matches();
  }

  /** The same with {@code others} laid over them. */
  public KafkaProperties with(Map<String, String> others) {
    Map<String, String> all = new LinkedHashMap<>(reveal);
    all.putAll(others);
    return new KafkaProperties(all);
  }

  /** Those that say how to connect, which are the same for every kind of client. */
  public KafkaProperties ofConnecting() {
    Map<String, String> connecting = new LinkedHashMap<>(reveal);
    connecting
        .keySet()
        .removeIf(
            name ->
                !name.startsWith("security.")
                    && !name.startsWith("sasl.")
                    && !name.startsWith("ssl."));
    return new KafkaProperties(connecting);
  }

  @Override
  public String toString() {
    List<String> shown = new ArrayList<>();
    reveal.forEach(
        (name, value) -> shown.add(name + "=" + (MASKED.matcher(name).find() ? "***" : value)));
    return "{" + String.join(", ", shown) + "}";
  }
}
