package io.candlestream.cluster;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system in memory, which is soon full. */
@SuppressWarnings("try") // Nobody interrupts a test.
final class SmallDisk implements AutoCloseable {

  private static final int PIECE = 64 << 10;

  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /** Where one may not mount file systems, the test is skipped. */
  static SmallDisk mount(int megabytes) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("candlestream-disk-");
    boolean isMounted =
        succeeds(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "mode=755,size=%dm".formatted(megabytes),
            "tmpfs",
            directory.toString());
    if (!isMounted) {
      Files.delete(directory);
    }
    assumeThat(isMounted).as("this user may mount a file system").isTrue();
    return new SmallDisk(directory);
  }

  Path directory() {
    return directory;
  }

  /** Takes all the room that is left. */
  void fill() throws IOException {
    byte[] piece = new byte[PIECE];
    try (OutputStream out = Files.newOutputStream(filler())) {
      while (directory.toFile().getUsableSpace() > 0) {
        out.write(piece, 0, (int) Math.min(PIECE, directory.toFile().getUsableSpace()));
      }
    } catch (IOException e) {
      // Another may have taken the last of it.
      if (directory.toFile().getUsableSpace() > 0) {
        throw e;
      }
    }
  }

  /** Gives it back. */
  void free() throws IOException {
    Files.delete(filler());
  }

  private Path filler() {
    return directory.resolve("filler");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (!succeeds("umount", directory.toString())) {
      throw new IllegalStateException("cannot unmount " + directory);
    }
    Files.delete(directory);
  }

  private static boolean succeeds(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(command))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }
}
