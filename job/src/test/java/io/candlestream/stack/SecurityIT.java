package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.candlestream.Preflight;
import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import io.candlestream.oracle.BatchComputation;
import io.candlestream.oracle.Row;
import io.candlestream.oracle.TickRecord;
import io.candlestream.schema.Migrations;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job over TLS, with logins and no more rights than it needs; and the one message that says
 * what is wrong, where something is.
 */
@Timeout(120)
class SecurityIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final String PASSWORD = "not-guessed";

  @TempDir private static Path directory;
  private static SecuredServers servers;
  private static String broker;

  @BeforeAll
  static void startServers() throws Exception {
    servers = SecuredServers.start(directory);
    broker = servers.broker().securedBootstrapServers();
    servers.broker().createTopic("ticks", 2);
    servers.broker().createTopic("others", 1);
    servers.broker().createTopic("rejects", 1);
    servers.broker().users().add("candles", PASSWORD);
    servers.broker().users().allow("candles", AclOperation.READ, ResourceType.TOPIC, "ticks");
    servers
        .broker()
        .users()
        .allow("candles", AclOperation.READ, ResourceType.GROUP, "candlestream");
    servers.broker().users().allow("candles", AclOperation.WRITE, ResourceType.TOPIC, "rejects");
    servers.database().createDatabase("secured");
    Migrations.of(
            JobConfig.of(
                List.of(
                    "database.url=" + servers.url("secured"),
                    "database.user=" + servers.database().user(),
                    "database.password=" + servers.database().password())))
        .migrate();
    execute(
        "CREATE ROLE candles LOGIN PASSWORD '%s' IN ROLE candlestream_writer".formatted(PASSWORD));
    execute("CREATE ROLE stranger LOGIN PASSWORD 'pw'");
  }

  @AfterAll
  static void stopServers() {
    servers.close();
  }

  @Test
  void theJobRunsOverTlsWithTheRightsItNeeds() throws Exception {
    List<GeneratedTicks.Arrival> arrivals = GeneratedTicks.partlyLate(1, 5, Duration.ofMinutes(20));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers.broker().bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (TickRecord tick : GeneratedTicks.lines(arrivals)) {
        producer.send(new ProducerRecord<>("ticks", 0, null, tick.json()));
      }
      producer.send(new ProducerRecord<>("ticks", 1, null, "nonsense".getBytes(UTF_8)));
      producer.flush();
    }
    JobConfig config = config("source.kafka.stop=latest", "rejects.topic=rejects");

    Preflight.check(config);
    FLINK.start(config, 2).awaitEnd();

    try (Connection connection = connect()) {
      assertThat(
              Row.difference(
                  new BatchComputation(Duration.ofMinutes(1), null)
                      .marketData(GeneratedTicks.lines(arrivals)),
                  Row.read(connection)))
          .isEmpty();
    }
  }

  @Test
  void plaintextToATlsListener() {
    assertThat(refusal("source.kafka.properties.security.protocol=SASL_PLAINTEXT"))
        .isEqualTo(
            "source.kafka.properties.security.protocol: the brokers at "
                + broker
                + " speak TLS, and SASL_PLAINTEXT does not; set it to SASL_SSL or SSL");
  }

  @Test
  void tlsToAPlaintextListener() {
    String plaintext = servers.broker().bootstrapServers();

    assertThat(refusal("source.kafka.bootstrap-servers=" + plaintext))
        .isEqualTo(
            "source.kafka.properties.security.protocol: the brokers at "
                + plaintext
                + " do not speak TLS as SASL_SSL does; use the address of a listener that does, or"
                + " correct it");
  }

  @Test
  void wrongAuthorityOfKafka() {
    assertThat(
            refusal(
                "source.kafka.properties.ssl.truststore.location=" + servers.other().certificate()))
        .isEqualTo(
            "source.kafka.properties.ssl.truststore.location: the certificate of the brokers at "
                + broker
                + " is not to be trusted: Path does not chain with any of the trust anchors; name"
                + " the file with the certificate of the authority that issued it");
  }

  @Test
  void wrongHostNameOfKafka() {
    String address = broker.replace("localhost", "127.0.0.1");

    assertThat(refusal("source.kafka.bootstrap-servers=" + address))
        .isEqualTo(
            "source.kafka.bootstrap-servers: the certificate of the brokers at "
                + address
                + " is not to be trusted: No subject alternative names matching IP address"
                + " 127.0.0.1 found; use a name of theirs that is in it");
  }

  @Test
  void wrongPasswordOfKafka() {
    assertThat(refusal(servers.kafka("candles", "guessed")))
        .isEqualTo(
            "source.kafka.properties.sasl.jaas.config: the brokers at "
                + broker
                + " do not let this user in: Authentication failed during authentication due to"
                + " invalid credentials with SASL mechanism SCRAM-SHA-512; correct user name and"
                + " password, or sasl.mechanism");
  }

  @Test
  void brokenLoginOfKafka() {
    assertThat(
            refusal(
                "source.kafka.properties.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule"
                    + " required password=\"gues\"sed;"))
        .isEqualTo(
            "source.kafka.properties.sasl.jaas.config: cannot be read; it must look like "
                + " class.of.LoginModule required username=\"…\" password=\"…\";");
  }

  @Test
  void missingRightToTheTopic() {
    assertThat(refusal("source.kafka.topics=others"))
        .isEqualTo(
            "source.kafka.topics: this user may not read topic others at "
                + broker
                + "; allow it: kafka-acls.sh --add --operation Read --topic others"
                + " --allow-principal User:…");
  }

  @Test
  void missingRightToTheGroup() {
    assertThat(refusal("source.kafka.group-id=another"))
        .isEqualTo(
            "source.kafka.group-id: this user may not commit offsets of group another at "
                + broker
                + "; allow it: kafka-acls.sh --add --operation Read --group another"
                + " --allow-principal User:…");
  }

  @Test
  void missingRightToTheTopicOfRejects() {
    assertThat(refusal("rejects.topic=others"))
        .isEqualTo(
            "rejects.topic: this user may not write to topic others at "
                + broker
                + "; allow it: kafka-acls.sh --add --operation Write --topic others"
                + " --allow-principal User:…");
  }

  @Test
  void plaintextToADatabaseThatWantsTls() {
    String url = servers.url("localhost", "secured", "disable", servers.authority());

    assertThat(refusal("database.url=" + url))
        .isEqualTo(
            "database.user: the server at "
                + url
                + " does not let candles in: FATAL: no pg_hba.conf entry for host \"127.0.0.1\","
                + " user \"candles\", database \"secured\", no encryption; correct database.user,"
                + " sslmode in database.url, or the server's pg_hba.conf");
  }

  @Test
  void wrongAuthorityOfTheDatabase() {
    String url = servers.url("localhost", "secured", "verify-full", servers.other());

    assertThat(refusal("database.url=" + url))
        .isEqualTo(
            "database.url: cannot connect to "
                + url
                + ": Path does not chain with any of the trust anchors; correct the host, sslmode"
                + " or sslrootcert in it");
  }

  @Test
  void wrongHostNameOfTheDatabase() {
    String url = servers.url("127.0.0.1", "secured", "verify-full", servers.authority());

    assertThat(refusal("database.url=" + url))
        .isEqualTo(
            "database.url: cannot connect to "
                + url
                + ": The hostname 127.0.0.1 could not be verified by hostnameverifier"
                + " PgjdbcHostnameVerifier.; correct the host, sslmode or sslrootcert in it");
  }

  @Test
  void wrongPasswordOfTheDatabase() {
    assertThat(refusal("database.password=guessed"))
        .isEqualTo(
            "database.user: the server at "
                + servers.url("secured")
                + " does not let candles in; correct database.user or database.password");
  }

  @Test
  void missingMembershipInTheWriters() {
    assertThat(refusal("database.user=stranger", "database.password=pw"))
        .isEqualTo(
            "database.user: stranger may not select, insert and update in market_data,"
                + " rejected_ticks, rejected_rows, data_quality_events, job_progress,"
                + " indicators_5m, indicators_15m, indicators_1h, indicators_1d at "
                + servers.url("secured")
                + "; let the owner run  GRANT candlestream_writer TO \"stranger\";");
  }

  @Test
  void missingGrantOnATable() throws SQLException {
    execute("REVOKE UPDATE ON rejected_ticks FROM candlestream_writer");
    try {
      assertThat(refusal())
          .isEqualTo(
              "database.user: candles may not select, insert and update in rejected_ticks at "
                  + servers.url("secured")
                  + "; let the owner run  GRANT SELECT, INSERT, UPDATE ON rejected_ticks TO"
                  + " candlestream_writer;");
    } finally {
      execute("GRANT UPDATE ON rejected_ticks TO candlestream_writer");
    }
  }

  /** What is said of a configuration that differs from the right one in this. */
  private static String refusal(String... settings) {
    return refusal(List.of(settings));
  }

  private static String refusal(List<String> settings) {
    JobConfig config = config(settings.toArray(String[]::new));
    long start = System.nanoTime();
    ConfigException refused =
        catchThrowableOfType(ConfigException.class, () -> Preflight.check(config));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    assertThat(refused.problems()).hasSize(1);
    return refused.getMessage();
  }

  private static JobConfig config(String... settings) {
    return JobConfig.of(
        Stream.of(
                servers.kafka("candles", PASSWORD).stream(),
                Stream.of(
                    "source.kafka.topics=ticks",
                    "source.kafka.start=earliest",
                    "validation.max-age=0",
                    "database.url=" + servers.url("secured"),
                    "database.user=candles",
                    "database.password=" + PASSWORD),
                Stream.of(settings))
            .flatMap(all -> all)
            .toList());
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection(
        servers.url("secured"), servers.database().user(), servers.database().password());
  }
}
