package io.candlestream.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Secrets like no other text, and what gives them away: in plain, URL-encoded, or in Base64. */
record Canaries(List<String> secrets) {

  /** The secrets that {@code bytes} hold, each with the form that was found. */
  List<String> in(byte[] bytes) {
    return in(new String(bytes, ISO_8859_1));
  }

  /** The same in a text. */
  List<String> in(String text) {
    List<String> found = new ArrayList<>();
    for (String secret : secrets) {
      forms(secret).stream()
          .filter(text::contains)
          .map(form -> secret + " as " + form)
          .forEach(found::add);
    }
    return found;
  }

  private static List<String> forms(String secret) {
    List<String> forms = new ArrayList<>(List.of(secret, URLEncoder.encode(secret, UTF_8)));
    // In Base64 it looks different behind no, one and two bytes of a group of three.
    for (int before = 0; before < 3; before++) {
      String encoded =
          Base64.getEncoder()
              .withoutPadding()
              .encodeToString(("\0".repeat(before) + secret).getBytes(UTF_8));
      // The first and the last characters also depend on what is around it.
      forms.add(encoded.substring(before == 0 ? 0 : before + 1, encoded.length() - 1));
    }
    return forms;
  }
}
