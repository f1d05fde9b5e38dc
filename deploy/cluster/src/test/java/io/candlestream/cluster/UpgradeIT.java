package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import io.candlestream.stack.Eventually;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are submitted and upgraded under load, on a cluster of several processes. */
class UpgradeIT {

  @TempDir private Path directory;
  private Stack stack;
  private Load load;

  @BeforeEach
  void start() throws Exception {
    stack = Stack.start(directory, Edition.POSTGRES, Map.of());
    load = stack.load(20, 300, 60);
  }

  @AfterEach
  void stop() throws Exception {
    load.close();
    stack.close();
  }

  @Test
  void anUpgradeLosesNothingAndDoublesNothing() throws Exception {
    Stack.Said submitted = stack.run(Submit.class, "--config=" + stack.config("timeframes: [5m]"));
    assertThat(submitted.exitCode()).as(submitted.out()).isZero();
    String first = stack.running().get(0);
    Eventually.holds(() -> assertThat(stack.rows()).hasSizeGreaterThan(100));

    Stack.Said upgraded =
        stack.run(Upgrade.class, "--config=" + stack.config("timeframes: [5m, 15m]"));

    assertThat(upgraded.exitCode()).as(upgraded.out()).isZero();
    System.out.println(upgraded.out());
    assertThat(stack.running()).hasSize(1).doesNotContain(first);
    stack.assertComplete(stack.running().get(0), load);
  }
}
