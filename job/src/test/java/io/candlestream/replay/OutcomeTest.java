package io.candlestream.replay;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  /** Flink does not start operators again that had ended, and what they had told is gone. */
  @Test
  void rebuildThatDoesNotTellIsToBeRunAgain() {
    JobExecutionResult restored = new JobExecutionResult(new JobID(), 0, Map.of());
    ReplayPlan plan =
        new ReplayPlan(Map.of(), List.of(), new ReplayPlan.LeftOut(Map.of(), Set.of()), Map.of());

    assertThatThrownBy(() -> Outcome.of(restored, plan)).hasMessageEndingWith("replay again");
  }
}
