package io.candlestream.config;

import java.io.IOException;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What {@code sasl.jaas.config} holds: a login module's class, and its options as {@code
 * name="value"}, in the words of the JDK's login configurations. Taken apart as Kafka's client
 * does.
 */
final class JaasText {

  private static final Pattern SECRET_OPTION =
      Pattern.compile("password|secret|passphrase", Pattern.CASE_INSENSITIVE);

  private JaasText() {}

  /**
   * Whether each option that is a secret has a value between quotes for which {@code rule} holds.
   */
  static boolean secretsFollow(Predicate<String> rule, String text) {
    StreamTokenizer tokens = new StreamTokenizer(new StringReader(text));
    tokens.slashSlashComments(true);
    tokens.slashStarComments(true);
    tokens.wordChars('-', '-');
    tokens.wordChars('_', '_');
    tokens.wordChars('$', '$');
    try {
      String option = "";
      while (tokens.nextToken() != StreamTokenizer.TT_EOF) {
        if (tokens.ttype != '=') {
          option = tokens.sval == null ? "" : tokens.sval;
        } else if (SECRET_OPTION.matcher(option).find()) {
          boolean isQuoted = tokens.nextToken() == '"' || tokens.ttype == '\'';
          if (!isQuoted || !rule.test(tokens.sval)) {
            return false;
          }
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory cannot fail", e);
    }
  }

  /** What stands between quotes for {@code value}, whatever characters it has. */
  static String quoted(String value) {
    return value
        .replace("\\", "\\\\")
        .replace("\"", "\\\"")
        .replace("'", "\\'")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }
}
