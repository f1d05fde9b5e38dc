package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Secrets like no other text, and what gives them away: in plain, URL-encoded, or in Base64. */
public record Canaries(List<String> secrets) {

  /** The secrets that {@code bytes} hold, each with the form that was found. */
  public List<String> in(byte[] bytes) {
    return in(new String(bytes, ISO_8859_1));
  }

  /** The same in a text. */
  public List<String> in(String text) {
    List<String> found = new ArrayList<>();
    for (String secret : secrets) {
      forms(secret).stream()
          .filter(text::contains)
          .map(form -> secret + " as " + form)
          .forEach(found::add);
    }
    return found;
  }

  /** The same in all files below a directory, each with the file's path. */
  public List<String> below(Path directory) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : filesBelow(directory)) {
      in(Files.readAllBytes(file)).forEach(secret -> found.add(file + ": " + secret));
    }
    return found;
  }

  private static List<Path> filesBelow(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
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
