package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TickFileTest {

  private static final byte[] THREE_LINES = {'a', (byte) 0xff, '\n', '\n', 'b', '\r'};

  @TempDir private Path directory;

  @Test
  void givesLinesByteForByte() throws IOException {
    Path file = Files.write(directory.resolve("ticks.jsonl"), THREE_LINES);

    assertThat(lines(file))
        .containsExactly(new byte[] {'a', (byte) 0xff}, new byte[0], new byte[] {'b', '\r'});
  }

  @Test
  void readsGzipByItsEnding() throws IOException {
    Path file = directory.resolve("ticks.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(THREE_LINES);
    }

    assertThat(lines(file)).hasSize(3);
  }

  @Test
  void saysWhichFileIsNoGzip() throws IOException {
    Path file = Files.write(directory.resolve("ticks.jsonl.gz"), THREE_LINES);

    assertThatThrownBy(() -> new TickFile(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ticks.jsonl.gz cannot be unpacked");
  }

  @Test
  void keyIsTheInstrumentWhereverItsFieldsStand() {
    assertThat(
            key("{\"price\":1,\"symbol\":\"BTC-USD\",\"x\":{\"symbol\":\"no\"},\"source\":\"a\"}"))
        .isEqualTo("a/BTC-USD");
    assertThat(key("{\"symbol\":\"BTC-USD\"}")).isEqualTo("/BTC-USD");
  }

  @Test
  void illegibleTickHasNoKey() {
    for (String tick : List.of("", "nonsense", "[1]", "{\"source\":\"a\"}", "{\"symbol\":\"b\",")) {
      assertThat(key(tick)).as(tick).isNull();
    }
  }

  private static String key(String tick) {
    byte[] key = TickFile.keyOf(tick.getBytes(StandardCharsets.UTF_8));
    return key == null ? null : new String(key, StandardCharsets.UTF_8);
  }

  private static List<byte[]> lines(Path file) throws IOException {
    List<byte[]> lines = new ArrayList<>();
    try (TickFile ticks = new TickFile(file)) {
      for (byte[] line = ticks.next(); line != null; line = ticks.next()) {
        lines.add(line);
      }
    }
    return lines;
  }
}
