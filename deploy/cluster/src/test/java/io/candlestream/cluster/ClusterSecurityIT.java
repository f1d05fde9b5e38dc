package io.candlestream.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.servers.Edition;
import io.candlestream.servers.ServerProcess;
import io.candlestream.stack.Canaries;
import io.candlestream.stack.Processes;
import io.candlestream.stack.RestWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a cluster shows of a job's secrets, and whom it lets in. */
class ClusterSecurityIT {

  private static final Canaries CANARIES = new Canaries(List.of(Stack.PASSWORD));

  @RegisterExtension static final Scene SCENE = new Scene(Edition.POSTGRES, Map.of());

  @Test
  void secretsAppearNowhere(Run run) throws Exception {
    Stack stack = SCENE.stack();
    run.feed(500);
    Run.Said submitted = run.command(Submit.class, "--config=" + run.config());
    assertThat(submitted.exitCode()).as(submitted.text()).isZero();
    run.followRunning();
    run.awaitMoreRows();
    stack.postgres().crash();
    run.await("a failure", () -> run.databaseErrors() > 0 || run.restarts() > 0);
    Map<String, String> answers = RestWalk.of(stack.flink().rest().address().toString());
    stack.postgres().startAgain();

    assertThat(answers.keySet())
        .contains(
            "/jobs/" + run.clusterJob().id() + "/config", "/jobmanager/config", "/jobmanager/log");
    answers.forEach((path, answer) -> assertThat(CANARIES.in(answer)).as(path).isEmpty());
    assertThat(stack.flink().jobManager().orElseThrow().log())
        .as("one JSON object a line")
        .content()
        .contains("\"log.level\":\"INFO\"");
    assertThat(CANARIES.below(stack.flink().conf().getParent()))
        .as("logs and configuration of the cluster")
        .isEmpty();
    assertThat(CANARIES.below(run.directory()))
        .as("what commands said, and what they keep")
        .isEmpty();
    assertThat(Processes.commandLines())
        .anyMatch(line -> line.contains("TaskManagerRunner"))
        .allSatisfy(line -> assertThat(CANARIES.in(line)).isEmpty());
  }

  @Test
  void everyProcessListensOnTheLoopbackAddressOnly() throws Exception {
    List<ServerProcess> processes = new ArrayList<>(SCENE.stack().flink().taskManagers());
    processes.add(SCENE.stack().flink().jobManager().orElseThrow());
    processes.add(SCENE.stack().kafka().process());
    for (ServerProcess process : processes) {
      assertThat(Processes.listening(process.pid()))
          .as(process.name())
          .isNotEmpty()
          .allMatch(Processes::isLoopback);
    }
  }
}
