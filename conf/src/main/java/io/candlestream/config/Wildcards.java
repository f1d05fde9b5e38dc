package io.candlestream.config;

/** Patterns in which {@code *} stands for any characters, or none, and {@code ?} for one. */
public final class Wildcards {

  private Wildcards() {}

  /** Whether all of {@code text} fits {@code pattern}. */
  public static boolean match(String pattern, String text) {
    int s = 0;
    int p = 0;
    int star = -1;
    int starTook = 0;
    while (s < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        starTook = s;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(s))) {
        p++;
        s++;
      } else if (star >= 0) {
        // A dead end: let the last star take one character more. Earlier stars never need to.
        p = star + 1;
        s = ++starTook;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
