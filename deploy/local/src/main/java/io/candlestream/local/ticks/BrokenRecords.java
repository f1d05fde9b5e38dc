package io.candlestream.local.ticks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** Records that a pipeline must reject: each is a sound one of its stream with one thing wrong. */
final class BrokenRecords {
  private static final byte[] NOT_JSON =
      "<html><body>503 Service Unavailable</body></html>".getBytes(UTF_8);

  private final Faults faults;
  private final SeededRandom random;

  BrokenRecords(Faults faults, SeededRandom random) {
    this.faults = faults;
    this.random = random;
  }

  /** A record that breaks the format: rejected as {@code MALFORMED}. */
  byte[] malformed(Fields sound) {
    int draw = (int) random.below(5 + faults.malformed().size());
    return switch (draw) {
      case 0, 1, 2 -> cutOff(sound.toJson());
      case 3 -> NOT_JSON.clone();
      case 4 -> new byte[0];
      default -> faults.malformed().get(draw - 5).in(sound, random).toJson();
    };
  }

  /** A record that breaks no format but cannot be true: rejected for one of its fields. */
  byte[] absurd(Fields sound) {
    List<Faults.Fault> absurd = faults.absurd();
    return absurd.get((int) random.below(absurd.size())).in(sound, random).toJson();
  }

  private byte[] cutOff(byte[] json) {
    byte[] part = new byte[1 + (int) random.below(json.length - 1)];
    System.arraycopy(json, 0, part, 0, part.length);
    return part;
  }
}
