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
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory that remembers what was submitted, with copies of the jars and configurations, and
 * how far upgrades have come. What is written there is on the disk before anything is done that
 * depends on it, and for its owner's eyes only.
 */
final class Deployments {

  private static final String FILES = "files";
  private static final String JOBS = "jobs";
  private static final String UPGRADES = "upgrades";
  private static final String JSON = ".json";
  private static final int NAME_DIGITS = 16;

  private final Path directory;
  private final ObjectMapper json = new ObjectMapper();

  private final Map<String, String> originals = new HashMap<>();

  /** A channel that nobody refers to would be closed, and let go of its lock. */
  private FileChannel lock;

  Deployments(Path directory) {
    this.directory = directory.toAbsolutePath();
  }

  Path directory() {
    return directory;
  }

  /**
   * Keeps other programs from writing here until this one ends, in whatever way.
   *
   * @throws SubmitException if another one does
   */
  void lock() throws IOException {
    OwnersDirectory.create(directory);
    lock =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (lock.tryLock() == null) {
      throw new SubmitException(
          "another submit.sh or upgrade.sh is at work in %s; wait until it has ended"
              .formatted(directory));
    }
  }

  /**
   * Keeps a copy of a file; two of the same content are kept once, and have one name.
   *
   * @throws SubmitException if there is no such file
   */
  String keep(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new SubmitException("there is no file %s".formatted(file.toAbsolutePath()));
    }
    byte[] content = Files.readAllBytes(file);
    String name = digest(content) + extension(file);
    if (!Files.exists(kept(name))) {
      write(kept(name), content);
    }
    originals.put(kept(name).toString(), file.toString());
    return name;
  }

  /** A message about copies, for those who know the files that this program has kept them of. */
  String aboutOriginals(String message) {
    String said = message;
    for (Map.Entry<String, String> original : originals.entrySet()) {
      said = said.replace(original.getKey(), original.getValue());
    }
    return said;
  }

  /** Where a copy is. */
  Path kept(String name) {
    return directory.resolve(FILES).resolve(name);
  }

  /**
   * Removes copies that belong to nothing that is remembered. One that was refused may have been so
   * for a password in it.
   */
  void removeUnused() throws IOException {
    Set<String> used = new HashSet<>();
    for (Deployment deployment : all(JOBS, Deployment.class)) {
      used.add(deployment.jar());
      used.add(deployment.config());
    }
    for (UpgradeRecord upgrade : all(UPGRADES, UpgradeRecord.class)) {
      used.add(upgrade.to().jar());
      used.add(upgrade.to().config());
      used.add(upgrade.migration().jar());
    }
    for (Path file : files(FILES)) {
      if (!used.contains(file.getFileName().toString())) {
        Files.delete(file);
      }
    }
  }

  void write(Deployment deployment) throws IOException {
    write(
        directory.resolve(JOBS).resolve(deployment.job() + JSON),
        json.writerWithDefaultPrettyPrinter().writeValueAsBytes(deployment));
  }

  /** For a job that did not come to be. */
  void forget(Deployment deployment) throws IOException {
    Files.deleteIfExists(directory.resolve(JOBS).resolve(deployment.job() + JSON));
  }

  /** What was submitted as a job. */
  Optional<Deployment> deployment(String job) throws IOException {
    return read(directory.resolve(JOBS).resolve(job + JSON), Deployment.class);
  }

  void write(UpgradeRecord upgrade) throws IOException {
    write(file(upgrade), json.writerWithDefaultPrettyPrinter().writeValueAsBytes(upgrade));
  }

  /** Where the record of an upgrade is. */
  Path file(UpgradeRecord upgrade) {
    return directory.resolve(UPGRADES).resolve(upgrade.from() + JSON);
  }

  /** Upgrades that were begun and neither done nor taken back. */
  List<UpgradeRecord> unfinishedUpgrades() throws IOException {
    return all(UPGRADES, UpgradeRecord.class).stream()
        .filter(upgrade -> !upgrade.isFinished())
        .toList();
  }

  private <T> List<T> all(String kind, Class<T> type) throws IOException {
    List<T> all = new ArrayList<>();
    for (Path file : files(kind)) {
      // Not one that was being written when the program ended.
      if (file.toString().endsWith(JSON)) {
        read(file, type).ifPresent(all::add);
      }
    }
    return all;
  }

  private List<Path> files(String kind) throws IOException {
    Path place = directory.resolve(kind);
    if (!Files.isDirectory(place)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(place)) {
      return files.sorted().toList();
    }
  }

  private <T> Optional<T> read(Path file, Class<T> type) throws IOException {
    return Files.exists(file)
        ? Optional.of(json.readValue(Files.readAllBytes(file), type))
        : Optional.empty();
  }

  /** All or nothing, whenever the machine stops. */
  private static void write(Path file, byte[] content) throws IOException {
    OwnersDirectory.create(file.getParent());
    // The owner's alone, as temporary files are.
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
