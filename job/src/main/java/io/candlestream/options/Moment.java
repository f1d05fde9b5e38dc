package io.candlestream.options;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a moment of a command line: ISO-8601 with zone. */
public final class Moment implements ITypeConverter<Instant> {

  private static final String EXAMPLE = "ISO-8601 with zone, such as 2024-08-01T00:00:00Z";

  /** The same, or the word beginning: the epoch, as no candle is older. */
  public static final class OrBeginning implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      return text.equals("beginning")
          ? Instant.EPOCH
          : read(text, "neither " + EXAMPLE + ", nor beginning");
    }
  }

  @Override
  public Instant convert(String text) {
    return read(text, "not " + EXAMPLE);
  }

  private static Instant read(String text, String complaint) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new TypeConversionException("'%s' is %s".formatted(text, complaint));
    }
  }
}
