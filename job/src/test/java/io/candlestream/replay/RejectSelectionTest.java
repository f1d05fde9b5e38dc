package io.candlestream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.market.RejectReason;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class RejectSelectionTest {

  @Command
  static final class Program {
    @Mixin private RejectSelection selection;
  }

  @Test
  void reasonsAreThoseOfTicks() {
    Program program = new Program();
    new CommandLine(program).parseArgs("--config=x", "--reason=LATE", "--reason=ANOMALY");
    assertThat(program.selection.reasons())
        .containsExactly(RejectReason.LATE, RejectReason.ANOMALY);
    assertThat(new CommandLine(new Program()).getUsageMessage())
        .contains("INVALID_TRADE_ID")
        .doesNotContain("INVALID_FILL_ID");
  }

  @Test
  void reasonsOfOtherStreamsAreRefused() {
    assertThatThrownBy(
            () -> new CommandLine(new Program()).parseArgs("--config=x", "--reason=INVALID_SCORE"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("'INVALID_SCORE' is none of MALFORMED, INVALID_SOURCE");
  }
}
