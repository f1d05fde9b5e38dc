package io.candlestream.market;

import java.util.BitSet;

/** What names and other texts in records may be, as far as they become part of keys and rows. */
public final class Names {

  private static final int MAX_SOURCE_LENGTH = 32;
  private static final int MAX_SYMBOL_LENGTH = 64;
  private static final int MAX_ACCOUNT_LENGTH = 64;
  private static final int MAX_CURRENCY_LENGTH = 16;

  private static final BitSet SOURCE_CHARACTERS = alphanumericsAnd("_.-");
  private static final BitSet SYMBOL_CHARACTERS = alphanumericsAnd("._:/@=^#-");
  private static final BitSet ACCOUNT_CHARACTERS = alphanumericsAnd("._:/@-");

  private Names() {}

  private static BitSet alphanumericsAnd(String others) {
    BitSet characters = new BitSet(128);
    characters.set('A', 'Z' + 1);
    characters.set('a', 'z' + 1);
    characters.set('0', '9' + 1);
    others.chars().forEach(characters::set);
    return characters;
  }

  /** A venue's name, or a provider's: 1 to 32 of {@code A-Z a-z 0-9 _ . -}. */
  public static boolean isSource(String text) {
    return isMadeOf(SOURCE_CHARACTERS, MAX_SOURCE_LENGTH, text);
  }

  /** A symbol: 1 to 64 of {@code A-Z a-z 0-9 . _ : / @ = ^ # -}. */
  public static boolean isSymbol(String text) {
    return isMadeOf(SYMBOL_CHARACTERS, MAX_SYMBOL_LENGTH, text);
  }

  /** An account's name: 1 to 64 of {@code A-Z a-z 0-9 . _ : / @ -}. */
  public static boolean isAccount(String text) {
    return isMadeOf(ACCOUNT_CHARACTERS, MAX_ACCOUNT_LENGTH, text);
  }

  /** A currency, or whatever a fee is paid in: 1 to 16 of {@code A-Z a-z 0-9 _ . -}. */
  public static boolean isCurrency(String text) {
    return isMadeOf(SOURCE_CHARACTERS, MAX_CURRENCY_LENGTH, text);
  }

  private static boolean isMadeOf(BitSet characters, int maxLength, String text) {
    if (text.isEmpty() || text.length() > maxLength) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (!characters.get(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Any text that a database takes and gives back as it is: 1 to so many characters, none of them a
   * control character, and no half of a surrogate pair, which JSON can write and UTF-8 cannot.
   */
  public static boolean isText(String text, int maxLength) {
    if (text.isEmpty() || text.length() > maxLength) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
