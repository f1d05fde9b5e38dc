package io.candlestream.local.ticks;

import io.candlestream.market.Input;

/** Records of what happens beside the ticks, at one trade of so many on the average. */
final class SideStream {
  /** With fewer records than ticks have, more of them are amiss: so that there are some. */
  static final TickMix MIX = new TickMix(0.03, 0.02, 0.02, 0, 0.01, 0.01);

  private final Input input;
  private final SideEvents events;
  private final int tradesPerEvent;
  private final BrokenRecords broken;
  private final SeededRandom random;
  private final Arrivals<Arrival> arrivals = new Arrivals<>();
  private KindSampler kinds;

  private SideStream(
      Input input, SideEvents events, int tradesPerEvent, Faults faults, SeededRandom random) {
    this.input = input;
    this.events = events;
    this.tradesPerEvent = tradesPerEvent;
    this.broken = new BrokenRecords(faults, random);
    this.random = random;
  }

  /** A record that has come, or will. */
  record Arrival(Input input, TickKind kind, byte[] key, byte[] payload) {}

  static SideStream fills(long seed) {
    SeededRandom random = new SeededRandom(seed, SeededRandom.Stream.FILLS);
    return new SideStream(Input.FILLS, new Fills(random), 200, Faults.OF_FILLS, random);
  }

  static SideStream sentiment(long seed) {
    SeededRandom random = new SeededRandom(seed, SeededRandom.Stream.SENTIMENT);
    return new SideStream(
        Input.SENTIMENT, new SentimentItems(random), 500, Faults.OF_SENTIMENT, random);
  }

  /** Goes on as long as the ticks do from now on. */
  void follow(TickGenerator ticks) {
    kinds = ticks.kindsOf(MIX);
  }

  /** Whatever happens at a trade, which the instrument has just made. */
  void traded(Instrument instrument, long eventMicros) {
    if (random.below(tradesPerEvent) > 0) {
      return;
    }
    TickKind kind = kinds.draw(eventMicros, random);
    switch (kind) {
      case NORMAL, OUT_OF_ORDER, LATE, TOO_LATE ->
          arrive(kind, events.next(instrument, eventMicros), eventMicros);
      case DUPLICATE -> {
        SideEvents.Event event = events.next(instrument, eventMicros);
        arrive(TickKind.NORMAL, event, eventMicros);
        arrive(kind, event, eventMicros);
      }
      case MALFORMED -> {
        SideEvents.Event sound = events.sample(instrument, eventMicros);
        arrive(kind, sound.key(), broken.malformed(sound.fields()), eventMicros);
      }
      case ABSURD -> {
        SideEvents.Event sound = events.sample(instrument, eventMicros);
        arrive(kind, sound.key(), broken.absurd(sound.fields()), eventMicros);
      }
    }
  }

  private void arrive(TickKind kind, SideEvents.Event event, long eventMicros) {
    arrive(kind, event.key(), event.fields().toJson(), eventMicros);
  }

  private void arrive(TickKind kind, byte[] key, byte[] payload, long eventMicros) {
    arrivals.add(
        kind.drawArrivalMicros(eventMicros, random), new Arrival(input, kind, key, payload));
  }

  boolean isDue(long byMicros) {
    return arrivals.isDue(byMicros);
  }

  Arrival take() {
    return arrivals.take();
  }
}
