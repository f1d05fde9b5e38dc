package io.candlestream.local.ticks;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TickJsonTest {
  private final TickJson json = new TickJson();

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        7,
        9,
        10,
        99,
        100,
        1_790_000_000_123_456L,
        999_999_999_999_999_999L,
        Long.MAX_VALUE
      })
  void numbersReadAsJavaWritesThem(long value) {
    assertThat(text(json.number(value))).isEqualTo(Long.toString(value));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0, 2",
    "5, 8",
    "123, 3",
    "123, 2",
    "1000, 4",
    "67000, 0",
    "222222222222222222, 18"
  })
  void decimalsReadAsJavaWritesThem(long unscaled, int scale) {
    assertThat(text(json.decimal(unscaled, scale)))
        .isEqualTo(BigDecimal.valueOf(unscaled, scale).toPlainString());
  }

  @Test
  void uuidsAreRandomOnesOfTheGivenBits() {
    UUID uuid = UUID.fromString(text(json.uuid(0x0123456789abcdefL, -1)));
    assertThat(uuid).isEqualTo(UUID.fromString("01234567-89ab-4def-bfff-ffffffffffff"));
    assertThat(uuid.version()).isEqualTo(4);
    assertThat(uuid.variant()).isEqualTo(2);
  }

  @Test
  void instantsReadBackWithinAndAcrossSeconds() {
    long[] micros = {
      0,
      999_999,
      1_000_000,
      1_790_000_000_000_001L,
      1_790_000_000_999_999L,
      1_790_000_001_000_000L,
      951_782_399_000_000L
    };
    for (long each : micros) {
      String written = text(json.raw('"').isoMicros(each).raw('"'));
      assertThat(written).matches("\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z\"");
      assertThat(Instant.parse(written.substring(1, written.length() - 1)))
          .isEqualTo(Instant.EPOCH.plus(each, ChronoUnit.MICROS));
    }
  }

  private String text(TickJson written) {
    String text = new String(written.toBytes(), StandardCharsets.US_ASCII);
    json.clear();
    return text;
  }
}
