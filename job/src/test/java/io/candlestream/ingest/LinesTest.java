package io.candlestream.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinesTest {

  private static final int BUFFER = 1 << 16;

  @Property
  void aTextIsCutAtItsLineFeedsHoweverItArrives(
      @ForAll("texts") String text, @ForAll @IntRange(min = 1, max = 9) int chunk)
      throws IOException {
    assertThat(read(new Chunks(text.getBytes(UTF_8), chunk))).isEqualTo(cut(text));
  }

  @ParameterizedTest
  @ValueSource(ints = {510, 511, 512, 513, BUFFER - 2, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER})
  void aLineThatMeetsTheEndOfABufferIsWhole(int length) throws IOException {
    String text = "a".repeat(length) + "\n" + "b".repeat(length) + "\r\n\nlast";
    assertThat(read(new ByteArrayInputStream(text.getBytes(UTF_8)))).isEqualTo(cut(text));
  }

  @Test
  void aLineFeedAtTheEndEndsTheLastLineAndBeginsNone() throws IOException {
    assertThat(lines("a\nb\n")).containsExactly("a", "b");
    assertThat(lines("a\nb")).containsExactly("a", "b");
    assertThat(lines("")).isEmpty();
  }

  @Test
  void blankLinesAreLinesAndKeepTheNumbersRight() throws IOException {
    assertThat(lines("\n\na\n\n")).containsExactly("", "", "a", "");
  }

  @Test
  void theCarriageReturnStaysWithItsLine() throws IOException {
    assertThat(lines("a\r\nb\r\n")).containsExactly("a\r", "b\r");
  }

  @Test
  void aLineBeyondTheLimitIsCutAndTheNextOneIsUnharmed() throws IOException {
    int limit = LineFormat.MAX_LINE_BYTES;
    byte[] text = ("x".repeat(3 * limit + 7) + "\nnext\n" + "y".repeat(limit)).getBytes(UTF_8);
    List<String> lines = read(new ByteArrayInputStream(text));
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).hasSize(limit).matches("x+");
    assertThat(lines.get(1)).isEqualTo("next");
    assertThat(lines.get(2)).hasSize(limit).matches("y+");
  }

  @Test
  void bytesAreKeptWhateverTheyAre() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int b = 0; b < 256; b++) {
      all.write(b);
    }
    byte[] bytes = all.toByteArray();
    try (LineFormat.Lines lines = new LineFormat.Lines(new ByteArrayInputStream(bytes))) {
      assertThat(lines.next()).isEqualTo(Arrays.copyOfRange(bytes, 0, '\n'));
      assertThat(lines.next()).isEqualTo(Arrays.copyOfRange(bytes, '\n' + 1, 256));
      assertThat(lines.next()).isNull();
    }
  }

  @Test
  void aLineHandedOutDoesNotChangeWhenTheNextIsRead() throws IOException {
    try (LineFormat.Lines lines =
        new LineFormat.Lines(new ByteArrayInputStream("first\nsecond\n".getBytes(UTF_8)))) {
      byte[] first = lines.next();
      lines.next();
      assertThat(first).asString(UTF_8).isEqualTo("first");
    }
  }

  private static List<String> lines(String text) throws IOException {
    return read(new ByteArrayInputStream(text.getBytes(UTF_8)));
  }

  /** All lines, with their numbers checked on the way. */
  private static List<String> read(InputStream in) throws IOException {
    List<String> read = new ArrayList<>();
    try (LineFormat.Lines lines = new LineFormat.Lines(in)) {
      assertThat(lines.number()).isZero();
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        read.add(new String(line, UTF_8));
        assertThat(lines.number()).isEqualTo(read.size());
      }
      assertThat(lines.next()).isNull();
      assertThat(lines.number()).isEqualTo(read.size());
    }
    return read;
  }

  private static List<String> cut(String text) {
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    if (lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    }
    return lines;
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("ab\n\ré").ofMaxLength(40);
  }

  /** Hands out a few bytes at a time, as a decompressor may. */
  private static final class Chunks extends ByteArrayInputStream {

    private final int size;

    Chunks(byte[] bytes, int size) {
      super(bytes);
      this.size = size;
    }

    @Override
    public int read(byte[] target) {
      return read(target, 0, Math.min(size, target.length));
    }
  }
}
