package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanariesTest {

  private static final String SECRET = "canary+7f";
  private static final Canaries CANARIES = new Canaries(List.of(SECRET, "canary-other"));

  @Test
  void areFoundInPlainAndUrlEncoded() {
    assertThat(CANARIES.in("password=" + SECRET)).hasSize(1);
    assertThat(CANARIES.in(URLEncoder.encode("a=" + SECRET, UTF_8))).hasSize(1);
    assertThat(CANARIES.in("canary".getBytes(UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "ab", "abc", "user:"})
  void areFoundInBase64WhateverIsAround(String before) {
    for (String after : List.of("", "x", "xy", "xyz")) {
      String encoded =
          Base64.getEncoder().encodeToString((before + SECRET + after).getBytes(UTF_8));

      assertThat(CANARIES.in(encoded)).as(encoded).hasSize(1);
    }
  }
}
