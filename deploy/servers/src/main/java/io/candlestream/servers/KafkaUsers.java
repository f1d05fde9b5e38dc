package io.candlestream.servers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Who may log in to a secured broker, and what they may do there: nothing, at first. */
public final class KafkaUsers {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_512;

  private final String bootstrapServers;

  KafkaUsers(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /** Adds a user, who can log in by SCRAM-SHA-512 when this returns. */
  public void add(String name, String password) {
    run(
        "add the user " + name,
        admin -> {
          admin
              .alterUserScramCredentials(
                  List.of(
                      new UserScramCredentialUpsertion(
                          name, new ScramCredentialInfo(MECHANISM, 4096), password)))
              .all()
              .get();
          // The controller knows before the broker does.
          Await.until(
              DEADLINE,
              () -> admin.describeUserScramCredentials().users().get().contains(name),
              () -> "the broker does not know the user " + name);
        });
  }

  /** Allows a user something, which holds when this returns. */
  public void allow(String user, AclOperation operation, ResourceType type, String resource) {
    AclBinding binding =
        new AclBinding(
            new ResourcePattern(type, resource, PatternType.LITERAL),
            new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    run(
        "grant " + binding,
        admin -> {
          admin.createAcls(List.of(binding)).all().get();
          Await.until(
              DEADLINE,
              () -> admin.describeAcls(binding.toFilter()).values().get().contains(binding),
              () -> "the broker does not know of " + binding);
        });
  }

  private interface Work {
    void on(Admin admin) throws ExecutionException, InterruptedException;
  }

  private void run(String what, Work work) {
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      work.on(admin);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot %s: %s".formatted(what, e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while trying to " + what, e);
    }
  }
}
