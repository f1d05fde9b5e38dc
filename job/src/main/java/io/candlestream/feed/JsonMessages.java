package io.candlestream.feed;

import java.util.List;

/** How the messages of a venue are to be understood. */
interface JsonMessages {

  /**
   * The parts of a message that are trades, in their order: the message itself, one part of it, or
   * elements of one array. None for a message of another kind, such as a heartbeat.
   *
   * @throws MalformedRecord if this must be a message of trades, but is not built like one
   */
  List<JsonValue> trades(JsonValue message) throws MalformedRecord;

  /**
   * @param trade one of {@link #trades}
   * @throws MalformedRecord if it lacks something
   */
  Trade trade(JsonValue message, JsonValue trade) throws MalformedRecord;

  /** As {@link FeedReader#remembers} says. */
  default boolean remembers() {
    return false;
  }
}
