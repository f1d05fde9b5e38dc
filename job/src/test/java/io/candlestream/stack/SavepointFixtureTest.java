package io.candlestream.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.stack.SavepointFixture.Kind;
import org.junit.jupiter.api.Test;

class SavepointFixtureTest {

  @Test
  void aVersionUnderWayWritesTheSavepointOfTheReleaseThatItBecomes() {
    assertThat(SavepointFixture.toBeWritten("0.1.0-SNAPSHOT", Kind.KAFKA))
        .isEqualTo(new SavepointFixture("0.1.0", Kind.KAFKA));
    assertThat(SavepointFixture.toBeWritten("99.0", Kind.FILES))
        .isEqualTo(new SavepointFixture("99.0", Kind.FILES));
  }

  @Test
  void theSavepointOfAReleaseThatHasShippedIsNotOverwritten() {
    assertThatThrownBy(() -> SavepointFixture.toBeWritten("0.1.0", Kind.KAFKA))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "src/test/resources/savepoints/0.1.0/kafka is the savepoint of a release that has"
                + " shipped, and stays as it is");
  }

  @Test
  void aVersionThatShipsMustHaveLeftOneOfEachKind() {
    assertThat(SavepointFixture.requiredOf("0.2.0"))
        .containsExactly(
            new SavepointFixture("0.2.0", Kind.KAFKA), new SavepointFixture("0.2.0", Kind.FILES));
    assertThat(SavepointFixture.requiredOf("0.2.0-SNAPSHOT")).isEmpty();
  }
}
