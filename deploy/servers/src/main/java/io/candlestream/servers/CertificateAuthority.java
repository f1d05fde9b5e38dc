package io.candlestream.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A certificate authority that nobody else trusts, for servers on one machine. Its keys are made
 * anew each time, by the JDK's keytool, are valid for two days, and lie in a directory that the
 * caller removes.
 */
public final class CertificateAuthority {
  private static final String AUTHORITY = "authority";
  private static final String SERVER = "server";

  /** Of key stores that never leave the directory, and whose keys lie beside them in plain. */
  private static final String STORE_PASSWORD = "not-a-secret";

  private static final int DEADLINE_SECONDS = 60;
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private final Path directory;

  private CertificateAuthority(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes an authority.
   *
   * @param directory for its files and those of what it issues; made if absent, else empty
   * @throws IllegalStateException if keytool fails
   */
  public static CertificateAuthority create(Path directory) {
    CertificateAuthority authority = new CertificateAuthority(directory);
    try {
      Files.createDirectories(directory);
      authority.newKeys(AUTHORITY, "CN=candlestream test authority", "-ext", "bc:critical=ca:true");
      authority.write(authority.certificate(), "CERTIFICATE", authority.encoded(AUTHORITY));
      return authority;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a certificate authority in " + directory, e);
    }
  }

  /** Its own certificate, which clients are to trust; PEM. */
  public Path certificate() {
    return directory.resolve(AUTHORITY + ".pem");
  }

  /**
   * Issues a certificate, of which there is one.
   *
   * @param host the only name by which clients may reach its server
   * @throws IllegalStateException if keytool fails
   */
  public ServerCertificate issue(String host) {
    ServerCertificate issued =
        new ServerCertificate(directory.resolve("server.pem"), directory.resolve("server.key"));
    Path request = directory.resolve("server.csr");
    try {
      newKeys(SERVER, "CN=candlestream test server");
      keytool(SERVER, "-certreq", "-file", request.toString());
      keytool(
          AUTHORITY,
          "-gencert",
          "-rfc",
          "-infile",
          request.toString(),
          "-outfile",
          issued.chain().toString(),
          "-ext",
          "san=dns:" + host,
          "-validity",
          "2");
      Files.createFile(
          issued.key(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      write(
          issued.key(),
          "PRIVATE KEY",
          store(SERVER).getKey(SERVER, STORE_PASSWORD.toCharArray()).getEncoded());
      return issued;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot issue a certificate in " + directory, e);
    }
  }

  private void newKeys(String alias, String name, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                name,
                "-validity",
                "2"));
    arguments.addAll(List.of(more));
    keytool(alias, arguments.toArray(String[]::new));
  }

  private KeyStore store(String alias) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file(alias))) {
      store.load(in, STORE_PASSWORD.toCharArray());
    }
    return store;
  }

  private byte[] encoded(String alias) throws IOException, GeneralSecurityException {
    return store(alias).getCertificate(alias).getEncoded();
  }

  private Path file(String alias) {
    return directory.resolve(alias + ".p12");
  }

  private void write(Path file, String kind, byte[] der) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(kind, LINES.encodeToString(der)));
  }

  /** Runs the JDK's own keytool on the store of an alias. */
  private void keytool(String alias, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Jdk.program("keytool"));
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "-alias",
            alias,
            "-keystore",
            file(alias).toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            STORE_PASSWORD));
    Path output = directory.resolve("keytool.out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("keytool did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while keytool ran", e);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException("keytool failed: " + Files.readString(output));
    }
  }
}
