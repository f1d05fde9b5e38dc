package io.candlestream.quality;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;

/** A flat JSON object in the making, its numbers with all their digits. */
final class Details {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  private final StringWriter text = new StringWriter();
  private final JsonGenerator json;

  private Details() throws IOException {
    json = JSON.createGenerator(text);
    json.writeStartObject();
  }

  static Details with(String name, BigDecimal number) {
    return empty().and(name, number);
  }

  static Details with(String name, long number) {
    return empty().and(name, number);
  }

  static Details with(String name, String value) {
    return empty().and(name, value);
  }

  private static Details empty() {
    try {
      return new Details();
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  Details and(String name, BigDecimal number) {
    try {
      json.writeNumberField(name, number.stripTrailingZeros());
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  Details and(String name, long number) {
    return and(name, BigDecimal.valueOf(number));
  }

  /**
   * @param value null is JSON's null
   */
  Details and(String name, String value) {
    try {
      json.writeStringField(name, value);
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /** The whole object; nothing can be added any more. */
  @Override
  public String toString() {
    try {
      json.close();
      return text.toString();
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("writing to memory cannot fail", e);
  }
}
