package io.candlestream.bench;

import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresInstallation;
import io.candlestream.servers.PostgresServer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Where a server to measure comes from. */
public final class CommunityServer {

  private static final long MIB = 1L << 20;

  private CommunityServer() {}

  /**
   * A server that somebody else runs.
   *
   * @param url with {@code user} and {@code password}, of a superuser
   * @throws IllegalArgumentException if the URL has another form
   * @throws IllegalStateException if it is not one of TimescaleDB's community edition
   */
  static PostgresServer given(String url) {
    return requireCommunity(PostgresServer.given(url), "the server of --database");
  }

  /**
   * Starts one from this machine's PostgreSQL.
   *
   * @throws IllegalStateException if that is not there, or not with TimescaleDB's community edition
   */
  public static PostgresServer started() {
    PostgresInstallation installation =
        PostgresInstallation.find()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "pg_config finds no PostgreSQL server on this machine: install one with"
                            + " TimescaleDB's community edition, or name one with --database"));
    String here = "the PostgreSQL in " + installation.programs();
    if (!installation.offersTimescale()) {
      throw new IllegalStateException(
          here
              + " has no TimescaleDB: install its community edition, or name another server with"
              + " --database");
    }
    List<String> settings = new ArrayList<>(PostgresServer.settings(Edition.COMMUNITY));
    settings.addAll(memory());
    return requireCommunity(PostgresServer.installed(installation, settings), here);
  }

  private static PostgresServer requireCommunity(PostgresServer server, String where) {
    try {
      Edition edition = server.edition();
      if (edition != Edition.COMMUNITY) {
        throw new IllegalStateException(
            "%s is of edition %s, and this measures %s"
                .formatted(where, edition, Edition.COMMUNITY));
      }
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /**
   * As for a server of its own, with the largest share of memory that PostgreSQL's manual advises;
   * nothing that is less durable.
   */
  private static List<String> memory() {
    long machineMib =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize()
            / MIB;
    return List.of(
        "shared_buffers = %dMB".formatted(machineMib * 2 / 5),
        "effective_cache_size = %dMB".formatted(machineMib / 2),
        "work_mem = 64MB",
        "maintenance_work_mem = 512MB",
        "max_wal_size = 8GB",
        "checkpoint_timeout = 15min");
  }
}
