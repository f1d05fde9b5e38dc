package io.candlestream.config;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The database that candles are written to, and how.
 *
 * @param url a PostgreSQL JDBC URL; may hold the password of a client's key among its parameters,
 *     so show {@link #displayUrl()} instead
 * @param user the role to connect as
 * @param password its password; empty where the server asks for none
 * @param batchSize rows per statement, 1 to 100,000
 * @param flushEvery how long a batch that is not full waits, in processing time; more than 0
 * @param maxRetries how often a batch is tried again after a transient error before the task fails,
 *     0 to 100
 * @param allowShrink whether a candle may be replaced by one with fewer trades
 */
public record DatabaseConfig(
    String url,
    String user,
    Secret password,
    int batchSize,
    Duration flushEvery,
    int maxRetries,
    boolean allowShrink)
    implements Serializable {

  static final int MAX_BATCH_SIZE = 100_000;
  static final int MAX_RETRIES = 100;

  /**
   * Hosts, database and parameters as PostgreSQL's driver reads them: it takes no user:password@
   * before the host.
   */
  private static final Pattern POSTGRESQL_URL =
      Pattern.compile(
          "jdbc:postgresql:(//[^/?@\\s]*/)?[^/?@\\s]*(\\?[^=&\\s]+=[^&\\s]*(&[^=&\\s]+=[^&\\s]*)*)?");

  private static final Pattern PASSWORD_PARAMETER =
      Pattern.compile("([?&][^=&]*password=)([^&]*)", Pattern.CASE_INSENSITIVE);

  private static final Pattern PASSWORD_IN_URL =
      Pattern.compile("[?&]password=", Pattern.CASE_INSENSITIVE);

  public DatabaseConfig {
    requirePostgresqlUrl(url);
    Scalars.notBlank(user);
    Objects.requireNonNull(password);
    Scalars.within(1, MAX_BATCH_SIZE, batchSize);
    Scalars.positive(flushEvery);
    Scalars.within(0, MAX_RETRIES, maxRetries);
  }

  /** The URL with the value of every password in it masked. */
  public String displayUrl() {
    return PASSWORD_PARAMETER.matcher(url).replaceAll("$1***");
  }

  @Override
  public String toString() {
    return "DatabaseConfig[url=%s, user=%s, password=%s, batchSize=%d, flushEvery=%s, maxRetries=%d, allowShrink=%s]"
        .formatted(displayUrl(), user, password, batchSize, flushEvery, maxRetries, allowShrink);
  }

  static String requirePostgresqlUrl(String url) {
    if (!POSTGRESQL_URL.matcher(url).matches()) {
      throw new IllegalArgumentException(
          "must look like jdbc:postgresql://host:5432/name?parameter=value, with user and password"
              + " not in it but in database.user and database.password");
    }
    if (PASSWORD_IN_URL.matcher(url).find()) {
      throw new IllegalArgumentException(
          "must hold no password, as addresses are shown and logged; leave it out, and set"
              + " database.password");
    }
    return url;
  }

  /**
   * Whether each further password in {@code url}, such as that of a client's key, is left open.
   *
   * @param url as it was written, before anything is filled in
   */
  static boolean leavesPasswordsOpen(String url) {
    return PASSWORD_PARAMETER
        .matcher(url)
        .results()
        .allMatch(parameter -> Interpolation.isLeftOpen(parameter.group(2)));
  }
}
