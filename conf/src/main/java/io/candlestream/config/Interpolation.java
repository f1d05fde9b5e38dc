package io.candlestream.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills in what a value leaves to its surroundings: <code>${NAME}</code> and <code>${NAME:-default}
 * </code> from the environment, <code>${file:/path}</code> from a file; <code>$${</code> is a
 * literal <code>${</code>. What is filled in is not looked through again, and as it happens after
 * YAML is parsed, a secret may hold any character.
 */
record Interpolation(Map<String, String> environment) {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)}|\\$\\{");
  private static final Pattern VARIABLE =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?", Pattern.DOTALL);
  private static final String FILE = "file:";

  /**
   * @throws IllegalArgumentException when a variable is not set, a file cannot be read, or a
   *     reference makes no sense
   */
  String apply(String text) {
    return apply(text, UnaryOperator.identity());
  }

  /**
   * @param written how what is filled in is to be written in {@code text}
   * @throws IllegalArgumentException as above
   */
  String apply(String text, UnaryOperator<String> written) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(written.apply(filledIn(match.group(), match.group(1)))));
  }

  /** Whether all that {@code text} says is elsewhere: it is empty or but references. */
  static boolean isLeftOpen(String text) {
    return REFERENCE
        .matcher(text)
        .replaceAll(match -> saysSomething(match.group(1)) ? "x" : "")
        .isBlank();
  }

  /** A default that is not empty is a value, in plain. */
  private static boolean saysSomething(String reference) {
    if (reference == null) {
      return true;
    }
    Matcher variable = VARIABLE.matcher(reference);
    return variable.matches() && variable.group(2) != null && !variable.group(3).isEmpty();
  }

  private String filledIn(String written, String reference) {
    if (written.equals("$${")) {
      return "${";
    }
    if (reference != null && reference.startsWith(FILE)) {
      return contentOf(reference.substring(FILE.length()));
    }
    Matcher variable = VARIABLE.matcher(reference == null ? "" : reference);
    if (!variable.matches()) {
      throw new IllegalArgumentException(
          "has a ${ that begins neither ${NAME}, ${NAME:-default} nor ${file:/path}; write $${ for"
              + " a literal ${");
    }
    String name = variable.group(1);
    String value = environment.get(name);
    boolean hasDefault = variable.group(2) != null;
    if (hasDefault && (value == null || value.isEmpty())) {
      return variable.group(3);
    }
    if (value == null) {
      throw new IllegalArgumentException(
          "the environment variable "
              + name
              + " is not set; set it, or write ${"
              + name
              + ":-default}");
    }
    return value;
  }

  private static String contentOf(String path) {
    try {
      return Files.readString(Path.of(path)).replaceFirst("\\R\\z", "");
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + path, e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the file " + path + " is not UTF-8 text", e);
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException("the file " + path + " cannot be read: " + e, e);
    }
  }
}
