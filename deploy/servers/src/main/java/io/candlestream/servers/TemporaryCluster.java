package io.candlestream.servers;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A data directory of its own and the server on it, started and stopped with {@code pg_ctl}. It
 * listens on the loopback address only.
 *
 * <p>PostgreSQL refuses to run as root; there the directory and the server belong to the user
 * {@code postgres}, or to {@code nobody} where there is no such user.
 */
public final class TemporaryCluster {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int DEADLINE_SECONDS = 60;

  private final PostgresInstallation installation;
  private final Path directory;
  private final Optional<String> runAs;
  private final int port;

  private TemporaryCluster(
      PostgresInstallation installation, Path directory, Optional<String> runAs, int port) {
    this.installation = installation;
    this.directory = directory;
    this.runAs = runAs;
    this.port = port;
  }

  /**
   * Makes the data directory and starts the server.
   *
   * @param user a superuser to be
   * @param settings lines of {@code postgresql.conf}, beyond those for a loopback server
   * @throws IllegalStateException if that fails, with the end of the server's log
   */
  public static TemporaryCluster start(
      PostgresInstallation installation, String user, String password, List<String> settings) {
    return start(
        installation, Path.of(System.getProperty("java.io.tmpdir")), user, password, settings);
  }

  /**
   * The same below a directory of one's choice.
   *
   * @param below may be entered by every user
   */
  public static TemporaryCluster start(
      PostgresInstallation installation,
      Path below,
      String user,
      String password,
      List<String> settings) {
    try {
      Path directory = Files.createTempDirectory(below, "candlestream-postgres-");
      TemporaryCluster cluster =
          new TemporaryCluster(installation, directory, otherThanRoot(directory), Ports.free());
      try {
        cluster.initialize(user, password);
        cluster.configure(settings);
        cluster.startAgain();
        return cluster;
      } catch (IOException | RuntimeException e) {
        cluster.abandon();
        throw e;
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot start a PostgreSQL server in a temporary directory: " + e, e);
    }
  }

  public int port() {
    return port;
  }

  String hostAndPort() {
    return LOOPBACK + ":" + port;
  }

  /** Ends the server at once, as a power cut would; its data stays. */
  public void crash() throws IOException {
    shutDown("immediate");
  }

  /** Starts a server that has crashed, on the same port, and waits until it has recovered. */
  public void startAgain() throws IOException {
    run("start", "-D", data(), "-l", log().toString(), "-w", "-t", "" + DEADLINE_SECONDS);
  }

  /** Whether it has neither been stopped nor given up. */
  public boolean isRunning() throws IOException {
    return server().isPresent();
  }

  /** The server's processes, its own first. */
  public List<ProcessHandle> processes() throws IOException {
    ProcessHandle server = server().orElseThrow();
    return Stream.concat(Stream.of(server), server.descendants()).toList();
  }

  private Optional<ProcessHandle> server() throws IOException {
    Path file = postmasterPid();
    return Files.exists(file)
        ? ProcessHandle.of(Long.parseLong(Files.readAllLines(file).get(0)))
        : Optional.empty();
  }

  private Path postmasterPid() {
    return directory.resolve("data").resolve("postmaster.pid");
  }

  /** Stops the server, ending its sessions, and removes the data directory. */
  public void stop() {
    try {
      try {
        shutDown("fast");
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot remove the PostgreSQL server's directory " + directory, e);
    }
  }

  private void shutDown(String mode) throws IOException {
    run("stop", "-D", data(), "-m", mode, "-w", "-t", "" + DEADLINE_SECONDS);
  }

  /** After a failure: a server that is still starting must not outlive its directory. */
  private void abandon() throws IOException {
    try {
      if (Files.exists(postmasterPid())) {
        shutDown("immediate");
      }
    } finally {
      delete(directory);
    }
  }

  private void initialize(String user, String password) throws IOException {
    Path passwordFile = Files.writeString(directory.resolve("password"), password);
    giveAway(passwordFile);
    runProgram(
        "initdb",
        List.of(
            "-D",
            data(),
            "-U",
            user,
            "-A",
            "scram-sha-256",
            "--pwfile",
            passwordFile.toString(),
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync"));
    Files.delete(passwordFile);
  }

  private void configure(List<String> settings) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("listen_addresses = '" + LOOPBACK + "'");
    lines.add("port = " + port);
    // No socket file: the path of a temporary directory may be longer than a socket's may be.
    lines.add("unix_socket_directories = ''");
    lines.addAll(settings);
    Path included = directory.resolve("settings.conf");
    Files.write(included, lines);
    giveAway(included);
    Path configuration = directory.resolve("data").resolve("postgresql.conf");
    Files.writeString(
        configuration,
        Files.readString(configuration)
            + "\ninclude '"
            + included.toString().replace("'", "''")
            + "'\n");
  }

  private void run(String... pgCtl) throws IOException {
    runProgram("pg_ctl", List.of(pgCtl));
  }

  private void runProgram(String program, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    runAs.ifPresent(user -> command.addAll(List.of("runuser", "-u", user, "--")));
    command.add(installation.program(program).toString());
    command.addAll(arguments);
    // To a file: the server inherits the output and would keep a pipe open.
    Path output = directory.resolve(program + ".out");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(DEADLINE_SECONDS + 30L, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw failure(program, "did not end in time", output);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw failure(program, "was interrupted", output);
    }
    if (process.exitValue() != 0) {
      throw failure(program, "failed with exit code " + process.exitValue(), output);
    }
  }

  private IllegalStateException failure(String program, String what, Path output)
      throws IOException {
    return new IllegalStateException(
        "%s %s%nIt said:%n%s%nThe server's log ends with:%n%s"
            .formatted(
                installation.program(program), what, LastLines.of(output), LastLines.of(log())));
  }

  private String data() {
    return directory.resolve("data").toString();
  }

  private Path log() {
    return directory.resolve("server.log");
  }

  private void giveAway(Path file) throws IOException {
    Files.setOwner(file, Files.getOwner(directory));
  }

  /** Empty unless we are root; then the user that owns the directory from now on. */
  private static Optional<String> otherThanRoot(Path directory) throws IOException {
    if (!"root".equals(System.getProperty("user.name"))) {
      return Optional.empty();
    }
    UserPrincipal user =
        user(directory, "postgres")
            .or(() -> user(directory, "nobody"))
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "PostgreSQL refuses to run as root, and there is no user postgres or nobody"
                            + " to run it as"));
    Files.setOwner(directory, user);
    return Optional.of(user.getName());
  }

  private static Optional<UserPrincipal> user(Path directory, String name) {
    try {
      return Optional.of(
          directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name));
    } catch (UserPrincipalNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("cannot look up the user " + name, e);
    }
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
