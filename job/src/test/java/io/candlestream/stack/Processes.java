package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Linux says of processes; elsewhere, tests that ask are skipped. */
public final class Processes {

  private static final Path PROC = Path.of("/proc");
  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");

  private Processes() {}

  /** Of every process of this machine that we may see. */
  public static List<String> commandLines() throws IOException {
    assumeThat(PROC.resolve("self/cmdline")).as("only Linux shows command lines whole").exists();
    List<String> lines = new ArrayList<>();
    for (Path process : entries(PROC)) {
      if (process.getFileName().toString().matches("\\d+")) {
        try {
          lines.add(Files.readString(process.resolve("cmdline"), ISO_8859_1));
        } catch (IOException e) {
          assertThat(process.resolve("cmdline"))
              .as("the process has ended meanwhile")
              .doesNotExist();
        }
      }
    }
    return lines;
  }

  /** The addresses and ports that a process listens on, in the kernel's form. */
  public static List<String> listening(long pid) throws IOException {
    assumeThat(PROC.resolve("net/tcp")).as("only Linux says who listens").exists();
    Set<String> inodes = new HashSet<>();
    for (Path descriptor : entries(PROC.resolve(pid + "/fd"))) {
      try {
        Matcher socket = SOCKET.matcher(Files.readSymbolicLink(descriptor).toString());
        if (socket.matches()) {
          inodes.add(socket.group(1));
        }
      } catch (NoSuchFileException closedMeanwhile) {
        // No socket that listens: those stay open.
      }
    }
    List<String> listening = new ArrayList<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : Files.readAllLines(PROC.resolve(table))) {
        String[] columns = line.strip().split("\\s+");
        // Local address, state 0A (LISTEN), and the socket that it is.
        if (columns[3].equals("0A") && inodes.contains(columns[9])) {
          listening.add(columns[1]);
        }
      }
    }
    return listening;
  }

  /**
   * Whether what listens there can be reached from this machine only. The kernel writes addresses
   * in the machine's order of bytes, of each 32 bits.
   */
  public static boolean isLoopback(String address) {
    return address.matches("([0-9A-F]{6}7F|0{16}FFFF0000[0-9A-F]{6}7F|0{24}01000000):[0-9A-F]{4}");
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }
}
