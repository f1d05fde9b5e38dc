package io.candlestream.servers;

import java.util.Optional;

/**
 * The outcome of looking for a server of an edition on this machine.
 *
 * @param server the server, running
 * @param reason where the server is from, or why there is none: a sentence for people, without
 *     secrets
 */
public record ServerLookup(Optional<PostgresServer> server, String reason) {
  static ServerLookup found(PostgresServer server, String reason) {
    return new ServerLookup(Optional.of(server), reason);
  }

  static ServerLookup missing(String reason) {
    return new ServerLookup(Optional.empty(), reason);
  }
}
