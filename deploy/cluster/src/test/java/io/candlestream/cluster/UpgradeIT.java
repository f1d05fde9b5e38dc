package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that are submitted and upgraded under load, on a cluster of several processes. */
class UpgradeIT {

  private static final String WITHOUT_QUALITY =
      "quality: {price-spike: {enabled: false}, conflicting-duplicate: false}";

  private static Stack stack;
  private Run run;
  private long begun;

  @BeforeAll
  static void start() throws Exception {
    stack = Stack.start(Edition.POSTGRES, Map.of());
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
  }

  @BeforeEach
  void begin() throws Exception {
    begun = System.nanoTime();
    run = Run.on(stack).feed(20, 300, 60);
  }

  @AfterEach
  void end() throws Exception {
    if (run != null) {
      run.close();
    }
  }

  /** With stations that the old job did not have. */
  @Test
  void anUpgradeLosesNothingAndDoublesNothing() throws Exception {
    Run.Said submitted = run.command(Submit.class, "--config=" + run.config(WITHOUT_QUALITY));
    assertThat(submitted.exitCode()).as(submitted.text()).isZero();
    String first = run.running();
    run.awaitMoreRows();

    Run.Said upgraded = run.command(Upgrade.class, "--config=" + run.config());

    assertThat(upgraded.exitCode()).as(upgraded.text()).isZero();
    assertThat(run.running()).isNotEqualTo(first);
    run.follow(run.running());
    run.assertComplete();
    survived("Upgraded: " + upgraded.text().lines().reduce("", (all, last) -> last), "1×");

    Run.Said again = run.command(Upgrade.class, "--config=" + run.config());
    assertThat(again)
        .isEqualTo(new Run.Said(0, "Job %s runs this already.%n".formatted(run.running())));
  }

  /** As some of the savepoint's state is of stations that the new job does not have. */
  @Test
  void anUpgradeThatFailsLeavesTheOldJobAtWork() throws Exception {
    run.submit(Map.of());
    run.awaitMoreRows();

    Run.Said upgraded = run.command(Upgrade.class, "--config=" + run.config(WITHOUT_QUALITY));

    assertThat(upgraded.exitCode()).as(upgraded.text()).isEqualTo(1);
    assertThat(upgraded.text())
        .contains("The upgrade failed: ", "The old version runs again, from the savepoint");
    run.follow(run.running());
    run.assertComplete();
    survived("Upgrade that fails, taken back", "1×");
  }

  private void survived(String fault, String howOften) throws Exception {
    Faults.survived(fault, howOften, run, Duration.ofNanos(System.nanoTime() - begun));
  }
}
