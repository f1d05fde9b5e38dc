package io.candlestream.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class RepeatedTextTest {

  @Property
  void everyTextComesBackAsItWasWhateverCameBefore(@ForAll("texts") List<String> texts)
      throws IOException {
    assertThat(throughBytes(texts)).isEqualTo(texts);
  }

  @Test
  void aTextThatCameBeforeIsNotMadeAgain() throws IOException {
    List<String> back = throughBytes(List.of("BTC", "ETH", "BTC"));
    assertThat(back.get(2)).isSameAs(back.get(0));
  }

  @Test
  void textsThatCollideAreToldApart() throws IOException {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    List<String> texts = List.of("Aa", "BB", "Aa", "AaAa", "BBBB", "AaBB", "BBAa", "AaAa");
    assertThat(throughBytes(texts)).isEqualTo(texts);
  }

  @Test
  void moreTextsThanItRemembersAreAllRight() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 40_000; i++) {
        texts.add("symbol-" + i);
      }
    }
    assertThat(throughBytes(texts)).isEqualTo(texts);
  }

  @Test
  void aLongTextBetweenShortOnesIsWhole() throws IOException {
    List<String> texts = List.of("a", "x".repeat(100_000), "a", "é".repeat(64), "", "\uD83D\uDE00");
    assertThat(throughBytes(texts)).isEqualTo(texts);
  }

  private static List<String> throughBytes(List<String> texts) throws IOException {
    DataOutputSerializer output = new DataOutputSerializer(256);
    for (String text : texts) {
      RepeatedText.write(text, output);
    }
    RepeatedText repeated = new RepeatedText();
    DataInputDeserializer input = new DataInputDeserializer(output.getCopyOfBuffer());
    List<String> back = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      back.add(repeated.read(input));
    }
    assertThat(input.available()).isZero();
    return back;
  }

  /** Most of them collide: Aa and BB have one hash, and so has any row of them. */
  @Provide
  Arbitrary<List<String>> texts() {
    Arbitrary<String> colliding =
        Arbitraries.of("Aa", "BB").list().ofMaxSize(4).map(parts -> String.join("", parts));
    Arbitrary<String> any = Arbitraries.strings().withChars("aé\uFFFD\0 ").ofMaxLength(200);
    return Arbitraries.oneOf(colliding, any).list().ofMaxSize(30);
  }
}
