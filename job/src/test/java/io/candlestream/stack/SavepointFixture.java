package io.candlestream.stack;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_EMPTY;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.candlestream.market.Input;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

/**
 * A savepoint that a release has left in the repository, with the records that its job had read by
 * then and those that it had still to read.
 *
 * <p>It is one of the canonical format, as upgrades take: every state backend reads it, and it can
 * lie anywhere, because it names its files relative to itself. The native format is no concern of a
 * job's: it holds what the same serializers write, and how it is laid out is Flink's affair.
 */
record SavepointFixture(String release, Kind kind) {

  private static final Path ALL = Path.of("src", "test", "resources", "savepoints");
  private static final String SNAPSHOT = "-SNAPSHOT";

  /** Between them, all that a job can have. */
  enum Kind {
    /** From topics, with all that can be switched on. */
    KAFKA,
    /** From a file, without ids and gaps: copies are told by their content. */
    FILES;

    private String folder() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A record, and what must become of it.
   *
   * @param stream in a file, that of the ticks where it is absent
   * @param becomes {@code candle}, or of another stream {@code booked} or {@code kept}; {@code
   *     duplicate}; or the reason why it is rejected
   * @param events the keys of the quality events that it leads to, as {@code
   *     kind|symbol|time|identity}
   */
  @JsonInclude(NON_EMPTY)
  record Line(Input stream, int partition, String becomes, List<String> events, String value) {

    static final String CANDLE = "candle";
    static final String BOOKED = "booked";
    static final String KEPT = "kept";
    static final String DUPLICATE = "duplicate";

    Line {
      stream = stream == null ? Input.TICKS : stream;
      events = events == null ? List.of() : List.copyOf(events);
    }

    boolean isAccepted() {
      return Set.of(CANDLE, BOOKED, KEPT).contains(becomes);
    }

    boolean isDuplicate() {
      return becomes.equals(DUPLICATE);
    }

    boolean isRejected() {
      return !isAccepted() && !isDuplicate();
    }
  }

  /** Those of all releases. */
  static List<SavepointFixture> all() throws IOException {
    List<SavepointFixture> fixtures = new ArrayList<>();
    try (Stream<Path> releases = Files.list(ALL)) {
      for (Path release : releases.sorted().toList()) {
        try (Stream<Path> kinds = Files.list(release)) {
          kinds
              .map(kind -> Kind.valueOf(kind.getFileName().toString().toUpperCase(Locale.ROOT)))
              .sorted()
              .forEach(
                  kind ->
                      fixtures.add(new SavepointFixture(release.getFileName().toString(), kind)));
        }
      }
    }
    return fixtures;
  }

  /** The release of which there are the newest. */
  static String latest() throws IOException {
    return all().stream()
        .map(SavepointFixture::release)
        .max(Comparator.comparing(ModuleDescriptor.Version::parse))
        .orElseThrow();
  }

  /** What a version must have left here before it ships; a snapshot need not. */
  static List<SavepointFixture> requiredOf(String version) {
    return version.endsWith(SNAPSHOT)
        ? List.of()
        : Stream.of(Kind.values()).map(kind -> new SavepointFixture(version, kind)).toList();
  }

  /**
   * Where a version's is written: a version under way writes that of the release which it becomes.
   *
   * @throws IllegalStateException if the release has shipped and its fixture is there
   */
  static SavepointFixture toBeWritten(String version, Kind kind) {
    SavepointFixture fixture = new SavepointFixture(version.replaceFirst(SNAPSHOT + "$", ""), kind);
    if (!version.endsWith(SNAPSHOT) && Files.exists(fixture.savepoint())) {
      throw new IllegalStateException(
          "%s is the savepoint of a release that has shipped, and stays as it is"
              .formatted(fixture.savepoint()));
    }
    return fixture;
  }

  Path savepoint() {
    return ALL.resolve(release).resolve(kind.folder());
  }

  List<Line> before() throws IOException {
    return lines("before.jsonl");
  }

  List<Line> after() throws IOException {
    return lines("after.jsonl");
  }

  private List<Line> lines(String file) throws IOException {
    ObjectReader json = JsonMapper.builder().build().readerFor(Line.class);
    List<Line> lines = new ArrayList<>();
    for (String line : Files.readAllLines(savepoint().resolve(file))) {
      lines.add(json.readValue(line));
    }
    return lines;
  }

  /** Puts a savepoint here, in the place of one that is there. */
  void write(Path written, List<Line> before, List<Line> after) throws IOException {
    FileUtils.deleteDirectory(savepoint().toFile());
    Files.createDirectories(savepoint());
    try (Stream<Path> files = Files.list(written)) {
      for (Path file : files.toList()) {
        Files.copy(file, savepoint().resolve(file.getFileName()));
      }
    }
    write("before.jsonl", before);
    write("after.jsonl", after);
  }

  private void write(String file, List<Line> lines) throws IOException {
    ObjectWriter json = JsonMapper.builder().build().writer();
    List<String> texts = new ArrayList<>();
    for (Line line : lines) {
      texts.add(json.writeValueAsString(line));
    }
    Files.write(savepoint().resolve(file), texts);
  }

  @Override
  public String toString() {
    return release + " " + kind;
  }
}
