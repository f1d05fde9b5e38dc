package io.candlestream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.config.ConfigException;
import io.candlestream.config.JobConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {

  @Test
  void anUnknownFormatIsReportedAmongAllThatIsWrong() {
    JobConfig config =
        JobConfig.of(
            List.of(
                "source.type=files",
                "source.files.paths=[/no/such/file]",
                "source.format=nyse",
                "database.url=jdbc:postgresql://localhost:1/none"));
    assertThatThrownBy(() -> Preflight.check(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("source.format: there is no format nyse; there are ")
        .hasMessageContaining("binance, bitfinex, bitstamp, bybit, canonical, coinbase, csv")
        .hasMessageContaining("\nsource.files.paths: there is no readable file at /no/such/file\n")
        .hasMessageContaining("\ndatabase.url: no PostgreSQL server answers at ");
  }

  @Test
  void brokersOfRejectsAreAskedForWhereTheyBelongThoughTheSourceIsFiles() {
    JobConfig config =
        JobConfig.of(
            List.of(
                "source.type=files",
                "source.files.paths=[/no/such/file]",
                "source.kafka.bootstrap-servers=localhost:1",
                "rejects.topic=dead",
                "database.url=jdbc:postgresql://localhost:1/none"));
    assertThatThrownBy(() -> Preflight.check(config))
        .hasMessageContaining(
            "\nrejects.kafka.bootstrap-servers: no Kafka broker answers at localhost:1 within ");
  }

  @Test
  void aFileHasOneReader(@TempDir Path folder) throws IOException {
    Path fills = Files.createFile(folder.resolve("fills.jsonl"));
    JobConfig config =
        JobConfig.of(
            List.of(
                "source.type=files",
                "source.files.paths=[" + folder + "]",
                "fills.files.paths=[" + fills + "]",
                "database.url=jdbc:postgresql://localhost:1/none"));
    assertThatThrownBy(() -> Preflight.check(config))
        .hasMessageStartingWith(
            "fills.files.paths: %s is among source.files.paths: each stream would reject the other's lines\n"
                .formatted(fills));
  }
}
