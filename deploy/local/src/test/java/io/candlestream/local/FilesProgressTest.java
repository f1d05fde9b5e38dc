package io.candlestream.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FilesProgressTest {

  private static final long START = -3_000_000_000L;

  private final FilesProgress progress = new FilesProgress(new FilesLeft(40, 2_000_000_000));

  @Test
  void nothingIsReadBeforeTheFilesAreFound() {
    assertThat(progress.running()).isEqualTo("  0%  0.0 of 2.0 GB, 0 of 40 files");
  }

  @Test
  void theRestTakesAsLongAsItsShareAtThePaceSoFar() {
    look(10, 40, 2_000_000_000);
    assertThat(progress.running()).isEqualTo("  0%  0.0 of 2.0 GB, 0 of 40 files");
    steady(110, 38, 1_900_000_000);
    assertThat(progress.running()).isEqualTo("  5%  0.1 of 2.0 GB, 2 of 40 files, 0:31:40 left");
    steady(1010, 10, 1_000_000_000);
    assertThat(progress.running()).isEqualTo(" 50%  1.0 of 2.0 GB, 30 of 40 files, 0:16:40 left");
  }

  @Test
  void aRunThatGoesOnFromACheckpointIsAsFarAsThatAndHasItsOwnPace() {
    look(0, 10, 500_000_000);
    steady(10, 9, 400_000_000);
    assertThat(progress.running()).isEqualTo(" 80%  1.6 of 2.0 GB, 31 of 40 files, 0:00:40 left");
  }

  @Test
  void aFileOnItsWayToAReaderIsNotRead() {
    look(1, 40, 2_000_000_000);
    look(2, 39, 500_000_000);
    assertThat(progress.running()).isEqualTo("  0%  0.0 of 2.0 GB, 0 of 40 files");
    look(3, 40, 1_990_000_000);
    assertThat(progress.running()).startsWith("  0%  0.0 of 2.0 GB, 0 of 40 files, ");
  }

  @Test
  void aJobThatHasReadAllAndGoesOnIsNotDone() {
    look(0, 40, 2_000_000_000);
    steady(10, 0, 0);
    assertThat(progress.running()).isEqualTo(" 99%  2.0 of 2.0 GB, 40 of 40 files");
    assertThat(progress.ended()).isEqualTo("100%  2.0 of 2.0 GB, 40 of 40 files");
  }

  @Test
  void percentAreRoundedDown() {
    steady(0, 1, 1);
    assertThat(progress.running()).startsWith(" 99%  2.0 of 2.0 GB, 39 of 40 files");
    assertThat(progress.ended()).startsWith(" 99%  2.0 of 2.0 GB, 39 of 40 files");
  }

  @Test
  void smallAndEmptyFilesHaveProgressToo() {
    FilesProgress small = new FilesProgress(new FilesLeft(1, 950));
    small.observe(new FilesLeft(1, 475), 0);
    assertThat(small.running()).isEqualTo(" 50%  475 of 950 B, 0 of 1 files");
    FilesProgress empty = new FilesProgress(new FilesLeft(2, 0));
    assertThat(empty.running()).isEqualTo("  0%  0 of 0 B, 0 of 2 files");
    empty.observe(new FilesLeft(0, 0), 0);
    assertThat(empty.running()).isEqualTo(" 99%  0 of 0 B, 2 of 2 files");
    assertThat(empty.ended()).isEqualTo("100%  0 of 0 B, 2 of 2 files");
  }

  /** Two looks that see the same. */
  private void steady(double seconds, long files, long bytes) {
    look(seconds, files, bytes);
    look(seconds, files, bytes);
  }

  private void look(double seconds, long files, long bytes) {
    progress.observe(new FilesLeft(files, bytes), START + (long) (seconds * 1e9));
  }
}
