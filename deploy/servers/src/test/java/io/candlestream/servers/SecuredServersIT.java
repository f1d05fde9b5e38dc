package io.candlestream.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecuredServersIT {
  @TempDir private static Path directory;
  private static CertificateAuthority authority;
  private static ServerCertificate certificate;

  @BeforeAll
  static void issueCertificate() {
    authority = CertificateAuthority.create(directory.resolve("authority"));
    certificate = authority.issue("localhost");
  }

  @Test
  void brokerLetsInWhoHasThePasswordAndShowsWhatTheyMaySee() throws Exception {
    try (KafkaBroker broker = KafkaBroker.secured(directory.resolve("kafka"), certificate)) {
      broker.createTopic("ticks", 1);
      broker.createTopic("others", 1);
      broker.users().add("quant", "s3cret");
      broker.users().allow("quant", AclOperation.DESCRIBE, ResourceType.TOPIC, "ticks");
      try (Admin admin =
          Admin.create(
              Map.of(
                  "bootstrap.servers",
                  broker.securedBootstrapServers(),
                  "security.protocol",
                  "SASL_SSL",
                  "ssl.truststore.type",
                  "PEM",
                  "ssl.truststore.location",
                  authority.certificate().toString(),
                  "sasl.mechanism",
                  "SCRAM-SHA-512",
                  "sasl.jaas.config",
                  "org.apache.kafka.common.security.scram.ScramLoginModule required"
                      + " username=\"quant\" password=\"s3cret\";"))) {
        assertThat(admin.listTopics().names().get()).isEqualTo(Set.of("ticks"));
        assertThatThrownBy(() -> admin.describeTopics(Set.of("others")).allTopicNames().get())
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(TopicAuthorizationException.class);
      }
    }
  }

  @Test
  void databaseLetsInOnlyWhoComesByTls() throws Exception {
    try (PostgresServer server = PostgresServer.embedded(certificate)) {
      String url = server.jdbcUrl("postgres").replace("127.0.0.1", "localhost");
      try (Connection connection =
              DriverManager.getConnection(
                  url + "?sslmode=verify-full&sslrootcert=" + authority.certificate(),
                  server.user(),
                  server.password());
          Statement statement = connection.createStatement();
          ResultSet encrypted =
              statement.executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
        encrypted.next();
        assertThat(encrypted.getBoolean(1)).isTrue();
      }
      assertThatThrownBy(
              () ->
                  DriverManager.getConnection(
                      url + "?sslmode=disable", server.user(), server.password()))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("no encryption");
    }
  }
}
