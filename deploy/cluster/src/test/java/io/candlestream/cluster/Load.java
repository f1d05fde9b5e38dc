package io.candlestream.cluster;

import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.local.ticks.TickKind;
import io.candlestream.local.ticks.TickMix;
import io.candlestream.oracle.TickRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A feed that goes on while things break: ticks of a made-up market, some late, some twice, some
 * unreadable, at a steady rate and much faster than they happened. It remembers what it has sent.
 */
final class Load {

  /**
   * None later than its candle is kept, and none absurd, which the plain computation cannot tell.
   */
  private static final TickMix MIX = new TickMix(0.02, 0.01, 0.002, 0, 0.001, 0);

  private static final Instant START = Instant.parse("2024-08-08T00:00:00Z");

  private record Sent(byte[] value, boolean isTick, Future<RecordMetadata> where) {}

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final List<Sent> sent = new ArrayList<>();
  private final CompletableFuture<Void> done;
  private volatile boolean isStopping;

  private Load(String bootstrapServers, String topic, TickGenerator ticks, int perSecond) {
    this.topic = topic;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                // A broker may be away for a while, and no record may be lost or change its place.
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                600_000,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                600_000,
                ProducerConfig.LINGER_MS_CONFIG,
                5),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.done = CompletableFuture.runAsync(() -> send(ticks, perSecond));
  }

  /**
   * Begins to send.
   *
   * @param perSecond records
   * @param fasterThanLife how many seconds of the market go by in one
   */
  static Load start(
      String bootstrapServers, String topic, int symbols, int perSecond, int fasterThanLife) {
    TickGenerator ticks =
        TickGenerator.live(
            1,
            symbols,
            (double) perSecond / fasterThanLife,
            TimeUnit.SECONDS.toMicros(START.getEpochSecond()),
            MIX);
    return new Load(bootstrapServers, topic, ticks, perSecond);
  }

  private void send(TickGenerator ticks, int perSecond) {
    long start = System.nanoTime();
    long nanosBetween = TimeUnit.SECONDS.toNanos(1) / perSecond;
    for (long number = 0; !isStopping && ticks.advance(); number++) {
      long due = start + number * nanosBetween;
      while (System.nanoTime() - due < 0 && !isStopping) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
      byte[] value = ticks.payload();
      Future<RecordMetadata> where =
          producer.send(
              new ProducerRecord<>(topic, null, ticks.recordTimestampMillis(), ticks.key(), value));
      synchronized (sent) {
        sent.add(new Sent(value, ticks.kind() != TickKind.MALFORMED, where));
      }
    }
    producer.flush();
  }

  /** How many records have been handed over by now. */
  int size() {
    synchronized (sent) {
      return sent.size();
    }
  }

  /** Sends no more, and waits until the broker has everything. */
  void stop() throws Exception {
    isStopping = true;
    done.get(Duration.ofMinutes(10).toSeconds(), TimeUnit.SECONDS);
  }

  /** The ticks among what was sent, once it has stopped. */
  List<TickRecord> ticks() throws Exception {
    List<TickRecord> ticks = new ArrayList<>();
    for (Sent one : sent) {
      RecordMetadata where = one.where.get();
      if (one.isTick) {
        ticks.add(new TickRecord(topic, where.partition(), where.offset(), one.value));
      }
    }
    return ticks;
  }

  void close() throws Exception {
    stop();
    producer.close();
  }
}
