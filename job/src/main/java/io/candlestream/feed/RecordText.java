package io.candlestream.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** What every record of text must be, whatever its format. */
final class RecordText {

  private RecordText() {}

  /**
   * @throws MalformedRecord if the record is longer than that, no UTF-8, or has a NUL byte: no text
   *     needs one, but UTF-16 has them, which parsers would take
   */
  static void check(byte[] record, int maxBytes) throws MalformedRecord {
    MalformedRecord.unless(record.length <= maxBytes && isUtf8(record));
  }

  private static boolean isUtf8(byte[] record) {
    for (byte b : record) {
      if (b <= 0) {
        return b != 0 && isStrictUtf8(record);
      }
    }
    return true;
  }

  private static boolean isStrictUtf8(byte[] record) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(record)).chars().noneMatch(c -> c == 0);
    } catch (CharacterCodingException notUtf8) {
      return false;
    }
  }
}
