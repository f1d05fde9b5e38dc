package io.candlestream.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Reads texts of which most have been read before, such as symbols, without making a new string for
 * each. It remembers the last text of each of its slots, so it never grows.
 */
final class RepeatedText {

  private static final int SLOTS = 1 << 14;

  private final byte[][] bytes = new byte[SLOTS][];
  private final String[] texts = new String[SLOTS];
  private byte[] buffer = new byte[128];

  static void write(String text, DataOutputView target) throws IOException {
    byte[] encoded = text.getBytes(UTF_8);
    target.writeInt(encoded.length);
    target.write(encoded);
  }

  String read(DataInputView source) throws IOException {
    int length = source.readInt();
    if (length > buffer.length) {
      buffer = new byte[length];
    }
    source.readFully(buffer, 0, length);
    int hash = length;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + buffer[i];
    }
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    byte[] known = bytes[slot];
    if (known == null || !Arrays.equals(known, 0, known.length, buffer, 0, length)) {
      bytes[slot] = Arrays.copyOf(buffer, length);
      texts[slot] = new String(buffer, 0, length, UTF_8);
    }
    return texts[slot];
  }
}
