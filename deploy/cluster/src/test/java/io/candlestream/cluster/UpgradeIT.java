package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Jobs that are submitted and upgraded under load, on a cluster of several processes. */
class UpgradeIT {

  private static final String WITHOUT_QUALITY =
      "quality: {price-spike: {enabled: false}, conflicting-duplicate: false}";

  @RegisterExtension static final Scene SCENE = new Scene(Edition.POSTGRES, Map.of());

  /** With stations that the old job did not have. */
  @Test
  void anUpgradeLosesNothingAndDoublesNothing(Run run) throws Exception {
    Run.Said submitted = run.command(Submit.class, "--config=" + run.config(WITHOUT_QUALITY));
    assertThat(submitted.exitCode()).as(submitted.text()).isZero();
    String first = run.running();
    run.awaitMoreRows();

    Run.Said upgraded = run.command(Upgrade.class, "--config=" + run.config());

    assertThat(upgraded.exitCode()).as(upgraded.text()).isZero();
    assertThat(run.running()).isNotEqualTo(first);
    run.follow(run.running());
    run.assertComplete();
    SCENE.survived("Upgraded: " + upgraded.text().lines().reduce("", (all, last) -> last), "1×");

    Run.Said again = run.command(Upgrade.class, "--config=" + run.config());
    assertThat(again)
        .isEqualTo(new Run.Said(0, "Job %s runs this already.%n".formatted(run.running())));
  }

  /** As some of the savepoint's state is of stations that the new job does not have. */
  @Test
  void anUpgradeThatFailsLeavesTheOldJobAtWork(Run run) throws Exception {
    run.feed(300).submit(Map.of());
    run.awaitMoreRows();

    Run.Said upgraded = run.command(Upgrade.class, "--config=" + run.config(WITHOUT_QUALITY));

    assertThat(upgraded.exitCode()).as(upgraded.text()).isEqualTo(1);
    assertThat(upgraded.text())
        .contains("The upgrade failed: ", "The old version runs again, from the savepoint");
    run.follow(run.running());
    run.assertComplete();
    SCENE.survived("Upgrade that fails, taken back", "1×");
  }
}
