package io.candlestream.stack;

import io.candlestream.servers.CertificateAuthority;
import io.candlestream.servers.KafkaBroker;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerCertificate;
import java.nio.file.Path;
import java.util.List;

/**
 * A broker and a database that want TLS and a password, each with a certificate of localhost.
 *
 * @param other an authority that issued nothing
 */
public record SecuredServers(
    CertificateAuthority authority,
    CertificateAuthority other,
    KafkaBroker broker,
    PostgresServer database)
    implements AutoCloseable {

  public static SecuredServers start(Path directory) {
    CertificateAuthority authority = CertificateAuthority.create(directory.resolve("authority"));
    ServerCertificate certificate = authority.issue("localhost");
    KafkaBroker broker = KafkaBroker.secured(directory.resolve("kafka"), certificate);
    try {
      return new SecuredServers(
          authority,
          CertificateAuthority.create(directory.resolve("other")),
          broker,
          PostgresServer.embedded(certificate));
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  /** How a user reads the broker's topics, as overrides of the configuration. */
  public List<String> kafka(String user, String password) {
    return List.of(
        "source.kafka.bootstrap-servers=" + broker.securedBootstrapServers(),
        "source.kafka.properties.security.protocol=SASL_SSL",
        "source.kafka.properties.ssl.truststore.type=PEM",
        "source.kafka.properties.ssl.truststore.location=" + authority.certificate(),
        "source.kafka.properties.sasl.mechanism=SCRAM-SHA-512",
        "source.kafka.properties.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule"
            + " required username=\"%s\" password=\"%s\";".formatted(user, password));
  }

  /** The URL of a database, over which the server proves who it is. */
  public String url(String database) {
    return url("localhost", database, "verify-full", authority);
  }

  public String url(String host, String database, String sslMode, CertificateAuthority trusted) {
    return "%s?sslmode=%s&sslrootcert=%s"
        .formatted(
            this.database.jdbcUrl(database).replace("127.0.0.1", host),
            sslMode,
            trusted.certificate());
  }

  @Override
  public void close() {
    try (broker) {
      database.close();
    }
  }
}
