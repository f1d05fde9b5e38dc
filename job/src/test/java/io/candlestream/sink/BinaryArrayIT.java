package io.candlestream.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.servers.Edition;
import io.candlestream.stack.TestDatabase;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What PostgreSQL makes of arrays. */
class BinaryArrayIT {

  private static TestDatabase database;

  @BeforeAll
  static void create() {
    database = TestDatabase.offering(Edition.POSTGRES);
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void numbersKeepEveryDigitAndNoZeroMore() throws Exception {
    List<Decimal> numbers = new ArrayList<>();
    Random random = new Random(1);
    for (int digits = 1; digits <= 60; digits++) {
      for (int scale = 0; scale <= 40; scale++) {
        BigInteger unscaled = new BigInteger(random.nextInt(4 * digits), random);
        numbers.add(Decimal.of(new BigDecimal(unscaled, scale)));
        numbers.add(Decimal.of(new BigDecimal(unscaled.negate(), scale)));
        numbers.add(Decimal.of(BigDecimal.TEN.pow(digits).movePointLeft(scale)));
      }
    }
    numbers.add(Decimal.of(Long.MAX_VALUE, 0));
    numbers.add(Decimal.of(Long.MIN_VALUE, 30));

    assertThat(texts("numeric", numbers))
        .containsExactlyElementsOf(numbers.stream().map(Decimal::toString).toList());
  }

  @Test
  void momentsAreExactToTheMicrosecondFromFirstToLast() throws Exception {
    List<Instant> moments =
        Stream.of(
                "1970-01-01T00:00:00Z",
                "1999-12-31T23:59:59.999999Z",
                "2000-01-01T00:00:00Z",
                "2262-04-12T00:00:00.000001Z",
                "9999-12-31T23:59:59.999999Z")
            .map(Instant::parse)
            .toList();

    assertThat(texts("timestamptz", moments))
        .containsExactly(
            "1970-01-01 00:00:00+00",
            "1999-12-31 23:59:59.999999+00",
            "2000-01-01 00:00:00+00",
            "2262-04-12 00:00:00.000001+00",
            "9999-12-31 23:59:59.999999+00");
    assertThat(texts("timestamptz", List.of(Instant.MAX))).containsExactly("infinity");
  }

  @Test
  void otherTypesAndNullsArriveAsTheyAre() throws Exception {
    assertThat(texts("text", Arrays.asList("", null, "NULL", "{\"a\",\\b}", "ü漢😀")))
        .containsExactly("", null, "NULL", "{\"a\",\\b}", "ü漢😀");
    assertThat(texts("jsonb", Arrays.asList("{\"k\": [1.50, null]}", null)))
        .containsExactly("{\"k\": [1.50, null]}", null);
    assertThat(texts("float8", List.of(0.1, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN)))
        .containsExactly("0.1", "-0", "5e-324", "1.7976931348623157e+308", "NaN");
    assertThat(texts("int8", List.of(Long.MIN_VALUE, Long.MAX_VALUE)))
        .containsExactly("-9223372036854775808", "9223372036854775807");
    assertThat(texts("int4", List.of(Integer.MIN_VALUE))).containsExactly("-2147483648");
    assertThat(texts("bool", List.of(true, false))).containsExactly("true", "false");
    assertThat(texts("bytea", List.of(new byte[] {0, (byte) 0xff}, new byte[0])))
        .containsExactly("\\x00ff", "\\x");
    assertThat(texts("text", List.of())).isEmpty();
  }

  /** Of each element, the text that PostgreSQL has for it. */
  private static List<String> texts(String type, List<?> elements) throws Exception {
    List<String> texts = new ArrayList<>();
    try (Connection connection = database.connect();
        PreparedStatement zone = connection.prepareStatement("SET timezone = 'UTC'");
        PreparedStatement statement =
            connection.prepareStatement("SELECT unnest(?::%s[])::text".formatted(type))) {
      zone.execute();
      new Columns<>(elements, statement).bind(type, element -> element);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          texts.add(result.getString(1));
        }
      }
    }
    return texts;
  }
}
