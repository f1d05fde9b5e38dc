package io.candlestream.feed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/** Makes the parsers of records that come from outside, and may mean harm. */
public final class JsonParsers {

  static final int MAX_NESTING = 8;

  /** Far more names than any feed has: beyond, someone makes them up. */
  private static final int MAX_KNOWN_NAMES = 128;

  private final int maxBytes;
  private Json json;

  /** Of records in candlestream's own fields. */
  public static JsonParsers canonical() {
    return new JsonParsers(Canonical.MAX_RECORD_BYTES);
  }

  /**
   * @param maxBytes the longest record that is read
   */
  JsonParsers(int maxBytes) {
    this.maxBytes = maxBytes;
    this.json = new Json(maxBytes);
  }

  /**
   * A parser of a record in memory: what it throws as {@link IOException} says that the record is
   * no JSON, and never that it could not be read.
   *
   * @throws MalformedRecord if the record is too long, or no UTF-8 text
   */
  JsonParser open(byte[] record) throws IOException, MalformedRecord {
    RecordText.check(record, maxBytes);
    if (json.knownNames() > MAX_KNOWN_NAMES) {
      json = new Json(maxBytes);
    }
    return json.createParser(record);
  }

  /**
   * The one value that a record holds.
   *
   * @throws MalformedRecord if the record is too long, or no JSON
   */
  public JsonValue read(byte[] record) throws MalformedRecord {
    try (JsonParser parser = open(record)) {
      return JsonValue.read(parser);
    } catch (IOException unreadable) {
      throw MalformedRecord.INSTANCE;
    }
  }

  /**
   * A parser's factory remembers field names, and a record with a new one has it copy all of them:
   * so it is given up once it knows too many.
   */
  private static final class Json extends JsonFactory {

    Json(int maxBytes) {
      super(
          new JsonFactoryBuilder()
              // Field names come from outside: they must fill no table of the whole process, and
              // no choice of them may make the parser give up.
              .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
              .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MAX_NESTING)
                      .maxNumberLength(maxBytes)
                      .maxStringLength(maxBytes)
                      .maxNameLength(maxBytes)
                      .build()));
    }

    int knownNames() {
      return _byteSymbolCanonicalizer.size();
    }
  }
}
