package io.candlestream.local.ticks;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Streams for the tests, and what was drawn from them. */
final class Feed {
  static final long HOUR_MICROS = 3_600_000_000L;

  /** 2026-09-21T14:13:20Z, not at the start of a minute. */
  static final long START_MICROS = 1_790_000_000_000_000L;

  private Feed() {}

  /**
   * One record.
   *
   * @param tick what it reads as; null if it is malformed
   */
  record Drawn(
      TickKind kind, String key, long recordTimestampMillis, byte[] payload, ParsedTick tick) {

    static Drawn current(TickGenerator ticks) {
      String key = new String(ticks.key(), StandardCharsets.US_ASCII);
      return new Drawn(
          ticks.kind(),
          key,
          ticks.recordTimestampMillis(),
          ticks.payload(),
          read(ticks.kind(), ticks.payload()));
    }

    private static ParsedTick read(TickKind kind, byte[] payload) {
      try {
        return ParsedTick.parse(payload);
      } catch (ParsedTick.Malformed malformed) {
        if (kind == TickKind.MALFORMED) {
          return null;
        }
        throw new AssertionError(kind + " is malformed: " + text(payload), malformed);
      }
    }

    private static String text(byte[] payload) {
      return new String(payload, StandardCharsets.ISO_8859_1);
    }

    String text() {
      return text(payload);
    }

    boolean sound() {
      return kind != TickKind.MALFORMED && kind != TickKind.ABSURD;
    }
  }

  static TickGenerator hour(long seed, int symbols, long ticks, TickMix mix) {
    return TickGenerator.between(
        seed, symbols, ticks, START_MICROS, START_MICROS + HOUR_MICROS, mix);
  }

  static List<Drawn> drain(TickGenerator ticks) {
    List<Drawn> drawn = new ArrayList<>();
    while (ticks.advance()) {
      drawn.add(Drawn.current(ticks));
    }
    return drawn;
  }

  static List<Drawn> draw(TickGenerator ticks, int count) {
    List<Drawn> drawn = new ArrayList<>();
    for (int index = 0; index < count && ticks.advance(); index++) {
      drawn.add(Drawn.current(ticks));
    }
    return drawn;
  }

  static String sha256(TickGenerator ticks) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new AssertionError("every Java has SHA-256", missing);
    }
    while (ticks.advance()) {
      digest.update(ticks.key());
      digest.update(
          Long.toString(ticks.recordTimestampMillis()).getBytes(StandardCharsets.US_ASCII));
      digest.update(ticks.kind().name().getBytes(StandardCharsets.US_ASCII));
      digest.update(ticks.payload());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
