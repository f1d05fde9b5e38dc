package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

/** Here, and not beside the configuration, because here is Kafka's client. */
class KafkaPropertiesTest {

  /** Kafka hides them for their length: certificates are for everybody. */
  private static final Set<String> PUBLIC =
      Set.of("ssl.keystore.certificate.chain", "ssl.truststore.certificates");

  @Test
  void whatKafkaTreatsAsAPasswordIsASecret() {
    Set<String> passwords = new TreeSet<>();
    Stream.of(ConsumerConfig.configDef(), ProducerConfig.configDef(), AdminClientConfig.configDef())
        .flatMap(config -> config.configKeys().entrySet().stream())
        .filter(key -> key.getValue().type() == ConfigDef.Type.PASSWORD)
        .map(Map.Entry::getKey)
        .forEach(passwords::add);

    assertThat(passwords).containsAll(PUBLIC).contains("sasl.jaas.config");
    assertThat(passwords)
        .filteredOn(name -> !PUBLIC.contains(name))
        .allMatch(KafkaProperties::isSecret);
  }
}
