package io.candlestream.oracle;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * One canonical tick as it lies in a topic or a file.
 *
 * @param topic the topic, or the path of the file
 * @param partition the partition, 0 for a file
 * @param offset the offset, or the line number counted from 0
 * @param json the record's bytes: one JSON object
 */
public record TickRecord(String topic, int partition, long offset, byte[] json) {

  /** Reads a file of JSON lines; a name that ends in {@code .gz} is read through gzip. */
  public static List<TickRecord> linesOf(Path file) throws IOException {
    List<TickRecord> records = new ArrayList<>();
    try (InputStream bytes = Files.newInputStream(file);
        InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        byte[] json = line.getBytes(StandardCharsets.UTF_8);
        records.add(new TickRecord(file.toString(), 0, records.size(), json));
      }
    }
    return records;
  }

  @Override
  public String toString() {
    return topic + "/" + partition + "@" + offset + " " + new String(json, StandardCharsets.UTF_8);
  }
}
