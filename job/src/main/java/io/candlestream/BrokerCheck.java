package io.candlestream;

import io.candlestream.config.KafkaProperties;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * Looks for topics on Kafka's brokers, and at what the job's user may do with them. Kafka's own
 * clients go on trying, and without a word, where a listener speaks another protocol than they do.
 *
 * @param section the configuration's key above that of the brokers' address
 * @param servers their address
 * @param propertiesKey the key of what else there is to say
 * @param properties what else there is to say
 */
record BrokerCheck(
    String section, String servers, String propertiesKey, KafkaProperties properties) {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A broker that has not answered by now may not have understood the question. */
  private static final Duration SUSPICION = Duration.ofSeconds(2);

  /** What is wrong with all topics alike, so that no other needs to be looked for. */
  private static final class Hopeless extends Exception {
    private static final long serialVersionUID = 1L;

    Hopeless(String problem, Throwable cause) {
      super(problem, cause);
    }
  }

  /**
   * What is wrong, and what to do about it; empty if nothing is.
   *
   * @param key the configuration's key that names the topics
   * @param needed what the job does to the topics: it reads or writes
   * @param group the consumer group in which it reads them
   */
  List<String> problems(
      String key, List<String> topics, AclOperation needed, Optional<String> group) {
    List<String> problems = new ArrayList<>();
    Properties admins = new Properties();
    admins.putAll(properties.reveal());
    admins.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    admins.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
    admins.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
    Admin admin;
    try {
      admin = Admin.create(admins);
    } catch (KafkaException e) {
      return List.of(unusable(e));
    }
    try {
      Map<String, KafkaFuture<TopicDescription>> found =
          admin
              .describeTopics(topics, new DescribeTopicsOptions().includeAuthorizedOperations(true))
              .topicNameValues();
      for (String topic : topics) {
        checkTopic(topic, key, needed, found.get(topic)).ifPresent(problems::add);
      }
      if (group.isPresent() && problems.isEmpty()) {
        checkGroup(group.get(), admin).ifPresent(problems::add);
      }
    } catch (Hopeless e) {
      problems.add(e.getMessage());
    } finally {
      // What is not answered by now is not waited for.
      admin.close(Duration.ZERO);
    }
    return problems;
  }

  private Optional<String> checkTopic(
      String topic, String key, AclOperation needed, KafkaFuture<TopicDescription> description)
      throws Hopeless {
    Supplier<String> forbidden =
        () ->
            "%s: this user may not %s topic %s at %s; allow it: kafka-acls.sh --add --operation %s --topic %s --allow-principal User:…"
                .formatted(
                    key,
                    needed == AclOperation.READ ? "read" : "write to",
                    topic,
                    servers,
                    needed == AclOperation.READ ? "Read" : "Write",
                    topic);
    try {
      return allows(answer(description).authorizedOperations(), needed)
          ? Optional.empty()
          : Optional.of(forbidden.get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return Optional.of(forbidden.get());
      }
      return Optional.of(
          e.getCause() instanceof UnknownTopicOrPartitionException
              ? "%s: there is no topic %s at %s; create it, or correct the name"
                  .formatted(key, topic, servers)
              : "%s: cannot look up topic %s at %s: %s"
                  .formatted(key, topic, servers, rootOf(e).getMessage()));
    }
  }

  private Optional<String> checkGroup(String group, Admin admin) throws Hopeless {
    Supplier<String> forbidden =
        () ->
            "source.kafka.group-id: this user may not commit offsets of group %s at %s; allow it: kafka-acls.sh --add --operation Read --group %s --allow-principal User:…"
                .formatted(group, servers, group);
    KafkaFuture<ConsumerGroupDescription> description =
        admin
            .describeConsumerGroups(
                List.of(group),
                new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
            .describedGroups()
            .get(group);
    try {
      return allows(answer(description).authorizedOperations(), AclOperation.READ)
          ? Optional.empty()
          : Optional.of(forbidden.get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return Optional.of(forbidden.get());
      }
      return e.getCause() instanceof GroupIdNotFoundException
          ? Optional.empty() // It is made by its first commit.
          : Optional.of(
              "source.kafka.group-id: cannot look up group %s at %s: %s"
                  .formatted(group, servers, rootOf(e).getMessage()));
    }
  }

  /**
   * @param allowed null where the broker does not say
   */
  private static boolean allows(Set<AclOperation> allowed, AclOperation needed) {
    return allowed == null || allowed.contains(needed) || allowed.contains(AclOperation.ALL);
  }

  private <T> T answer(KafkaFuture<T> future) throws Hopeless, ExecutionException {
    try {
      try {
        return future.get(SUSPICION.toMillis(), TimeUnit.MILLISECONDS);
      } catch (java.util.concurrent.TimeoutException e) {
        Optional<String> mismatch = protocolMismatch();
        if (mismatch.isPresent()) {
          throw new Hopeless(mismatch.get(), e);
        }
        return future.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SslAuthenticationException) {
        throw new Hopeless(untrusted(rootOf(e)), e);
      }
      if (e.getCause() instanceof AuthenticationException) {
        throw new Hopeless(
            "%s.sasl.jaas.config: the brokers at %s do not let this user in: %s; correct user name and password, or sasl.mechanism"
                .formatted(propertiesKey, servers, rootOf(e).getMessage()),
            e);
      }
      if (e.getCause() instanceof TimeoutException) {
        throw new Hopeless(
            "%s.bootstrap-servers: no Kafka broker answers at %s within %d s; start it, or correct the address or %s"
                .formatted(section, servers, PATIENCE.toSeconds(), propertiesKey),
            e);
      }
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking Kafka at " + servers, e);
    }
  }

  private Optional<String> protocolMismatch() {
    String key = AdminClientConfig.SECURITY_PROTOCOL_CONFIG;
    String protocol = properties.reveal().getOrDefault(key, SecurityProtocol.PLAINTEXT.name);
    boolean isSecure =
        protocol.equals(SecurityProtocol.SSL.name)
            || protocol.equals(SecurityProtocol.SASL_SSL.name);
    return switch (TlsProbe.ask(servers, SUSPICION)) {
      case TLS ->
          isSecure
              ? Optional.empty()
              : Optional.of(
                  "%s.%s: the brokers at %s speak TLS, and %s does not; set it to SASL_SSL or SSL"
                      .formatted(propertiesKey, key, servers, protocol));
      case OTHER ->
          isSecure
              ? Optional.of(
                  "%s.%s: the brokers at %s do not speak TLS as %s does; use the address of a listener that does, or correct it"
                      .formatted(propertiesKey, key, servers, protocol))
              : Optional.empty();
      case NONE -> Optional.empty();
    };
  }

  private String untrusted(Throwable root) {
    boolean byAuthority =
        root instanceof CertPathBuilderException || root instanceof CertPathValidatorException;
    return "%s: the certificate of the brokers at %s is not to be trusted: %s; %s"
        .formatted(
            byAuthority
                ? propertiesKey + ".ssl.truststore.location"
                : section + ".bootstrap-servers",
            servers,
            root.getMessage(),
            byAuthority
                ? "name the file with the certificate of the authority that issued it"
                : "use a name of theirs that is in it");
  }

  private String unusable(KafkaException e) {
    String said = rootOf(e).getMessage();
    // What is wrong there is quoted, and may be a piece of the password.
    return said != null && said.contains("JAAS config")
        ? "%s.sasl.jaas.config: cannot be read; it must look like  class.of.LoginModule required username=\"…\" password=\"…\";"
            .formatted(propertiesKey)
        : "%s: cannot connect to %s: %s".formatted(section, servers, said);
  }

  /** The cause beneath all others. */
  static Throwable rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
