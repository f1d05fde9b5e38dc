package io.candlestream.bench;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.candlestream.servers.Edition;
import io.candlestream.servers.PostgresServer;
import io.candlestream.servers.ServerLookup;

/** The server of all tests here; a test is skipped where a machine does not offer it. */
public final class SharedServer {

  private SharedServer() {}

  public static PostgresServer community() {
    ServerLookup lookup = PostgresServer.shared(Edition.COMMUNITY);
    if (lookup.server().isEmpty()) {
      System.out.println("Skipping a test: " + lookup.reason());
    }
    assumeThat(lookup.server()).as(lookup.reason()).isPresent();
    return lookup.server().orElseThrow();
  }
}
