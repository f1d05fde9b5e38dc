package io.candlestream.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory that remembers what was submitted, with copies of the jars and configurations, and
 * how far upgrades have come. What is written there is on the disk before anything is done that
 * depends on it.
 */
final class Deployments {

  private static final int NAME_DIGITS = 16;

  private final Path directory;
  private final ObjectMapper json = new ObjectMapper();

  Deployments(Path directory) {
    this.directory = directory.toAbsolutePath();
  }

  Path directory() {
    return directory;
  }

  /** Keeps a copy of a file; two of the same content are kept once, and have one name. */
  String keep(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    String name = digest(content) + extension(file);
    if (!Files.exists(kept(name))) {
      write(kept(name), content);
    }
    return name;
  }

  /** Where a copy is. */
  Path kept(String name) {
    return directory.resolve("files").resolve(name);
  }

  void write(Deployment deployment) throws IOException {
    write(
        directory.resolve("jobs").resolve(deployment.job() + ".json"),
        json.writerWithDefaultPrettyPrinter().writeValueAsBytes(deployment));
  }

  /** What was submitted as a job. */
  Optional<Deployment> deployment(String job) throws IOException {
    return read(directory.resolve("jobs").resolve(job + ".json"), Deployment.class);
  }

  void write(UpgradeRecord upgrade) throws IOException {
    write(
        directory.resolve("upgrades").resolve(upgrade.from() + ".json"),
        json.writerWithDefaultPrettyPrinter().writeValueAsBytes(upgrade));
  }

  /** Upgrades that were begun on a cluster and neither done nor taken back. */
  List<UpgradeRecord> unfinishedUpgrades(String cluster) throws IOException {
    Path upgrades = directory.resolve("upgrades");
    List<UpgradeRecord> unfinished = new ArrayList<>();
    if (Files.isDirectory(upgrades)) {
      try (Stream<Path> files = Files.list(upgrades)) {
        for (Path file : files.sorted().toList()) {
          read(file, UpgradeRecord.class)
              .filter(upgrade -> !upgrade.isFinished())
              .filter(upgrade -> upgrade.to().cluster().equals(cluster))
              .ifPresent(unfinished::add);
        }
      }
    }
    return unfinished;
  }

  private <T> Optional<T> read(Path file, Class<T> type) throws IOException {
    return Files.exists(file)
        ? Optional.of(json.readValue(Files.readAllBytes(file), type))
        : Optional.empty();
  }

  /** All or nothing, whenever the machine stops. */
  private static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Path unfinished = Files.createTempFile(file.getParent(), ".", ".part");
    Files.write(unfinished, content);
    force(unfinished, StandardOpenOption.WRITE);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    force(file.getParent(), StandardOpenOption.READ);
  }

  private static void force(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }

  private static String digest(byte[] content) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(content))
          .substring(0, NAME_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String extension(Path file) {
    String name = file.getFileName().toString();
    return name.contains(".") ? name.substring(name.lastIndexOf('.')) : "";
  }
}
