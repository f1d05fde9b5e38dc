package io.candlestream.local.ticks;

/** What happens beside an instrument's trades. */
interface SideEvents {

  /**
   * One event, as a sound record.
   *
   * @param key of the record in Kafka
   */
  record Event(byte[] key, Fields fields) {
    static Event keyedBy(String key, Fields fields) {
      return new Event(TickJson.ascii(key), fields);
    }
  }

  /** Lets one happen at the trade that the instrument has just made. */
  Event next(Instrument traded, long eventMicros);

  /** One that never happens, to be broken: it uses up no id and changes nothing. */
  Event sample(Instrument traded, long eventMicros);
}
