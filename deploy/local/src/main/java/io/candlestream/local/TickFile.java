package io.candlestream.local;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * The lines of a file of ticks, byte for byte; one that ends in {@code .gz} is read through gzip.
 */
final class TickFile implements AutoCloseable {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  TickFile(Path file) throws IOException {
    InputStream bytes = Files.newInputStream(file);
    try {
      in =
          new BufferedInputStream(
              file.toString().endsWith(".gz") ? new GZIPInputStream(bytes, BUFFER_BYTES) : bytes,
              BUFFER_BYTES);
    } catch (IOException e) {
      bytes.close();
      throw new IOException(file + " cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /** The next line without its line feed; null at the end. */
  byte[] next() throws IOException {
    line.reset();
    int read = in.read();
    if (read < 0) {
      return null;
    }
    while (read >= 0 && read != '\n') {
      line.write(read);
      read = in.read();
    }
    return line.toByteArray();
  }

  /** The instrument a tick is of, as a Kafka key; null where it does not say so legibly. */
  static byte[] keyOf(byte[] tick) {
    String source = "";
    String symbol = null;
    try (JsonParser parser = JSON.createParser(tick)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        if (field.equals("source")) {
          source = parser.getText();
        } else if (field.equals("symbol")) {
          symbol = parser.getText();
        }
        parser.skipChildren();
      }
    } catch (IOException notJson) {
      return null;
    }
    return symbol == null ? null : (source + "/" + symbol).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
