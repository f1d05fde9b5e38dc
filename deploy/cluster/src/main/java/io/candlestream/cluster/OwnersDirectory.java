package io.candlestream.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** A directory for what may hold secrets. */
final class OwnersDirectory {

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private OwnersDirectory() {}

  /** Makes it, and those above it that are missing, for their owner's eyes only. */
  static void create(Path path) throws IOException {
    Files.createDirectories(path, OWNER_ONLY);
  }
}
