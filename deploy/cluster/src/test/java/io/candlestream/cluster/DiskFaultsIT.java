package io.candlestream.cluster;

import io.candlestream.servers.Edition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that have no room left. */
@OnlyInTheWholeSet
@SuppressWarnings("try") // Nobody interrupts a test.
class DiskFaultsIT {

  @TempDir private Path directory;

  /** The server may give up; whoever watches over it starts it again when there is room. */
  @Test
  void theDiskMayBeFull() throws Exception {
    int seconds = 30;
    long begun = System.nanoTime();
    try (SmallDisk disk = SmallDisk.mount(400);
        Stack stack = Stack.start(Edition.POSTGRES, Map.of(), directory, disk.directory());
        Run run = Run.on(stack)) {
      run.feed(500).submit(Map.of());
      run.awaitMoreRows();
      disk.fill();
      run.await("errors for want of room", () -> run.databaseErrors() > 0);
      TimeUnit.SECONDS.sleep(seconds);
      disk.free();
      if (!stack.postgres().isRunning()) {
        stack.postgres().startAgain();
      }
      run.awaitMoreRows();
      run.assertComplete();
      Faults.survived(
          "Disk of PostgreSQL full",
          seconds + " s",
          run,
          Duration.ofNanos(System.nanoTime() - begun));
    }
  }
}
