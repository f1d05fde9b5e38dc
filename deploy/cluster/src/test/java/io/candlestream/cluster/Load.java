package io.candlestream.cluster;

import io.candlestream.local.ticks.TickGenerator;
import io.candlestream.local.ticks.TickKind;
import io.candlestream.local.ticks.TickMix;
import io.candlestream.oracle.TickRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * A live feed that goes on while things break: ticks of a made-up market, some late, some twice,
 * some unreadable. It remembers what it has sent.
 */
final class Load {

  /**
   * None later than its candle is kept, and none absurd, which the plain computation cannot tell.
   */
  private static final TickMix MIX = new TickMix(0.02, 0.01, 0.002, 0, 0.001, 0);

  private record Sent(byte[] value, boolean isTick, Future<RecordMetadata> where) {}

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final List<Sent> sent = new ArrayList<>();
  private final CompletableFuture<Void> done;
  private volatile int times = 1;
  private volatile boolean isStopping;

  private Load(
      String bootstrapServers, String topic, TickGenerator ticks, int perSecond, Duration ago) {
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
                5,
                // How soon it knows of a partition that was added.
                ProducerConfig.METADATA_MAX_AGE_CONFIG,
                5_000),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.done = CompletableFuture.runAsync(() -> send(ticks, perSecond, ago));
  }

  /**
   * Begins to send.
   *
   * @param perSecond records, on the average
   * @param ago when the ticks happened that are sent now
   */
  static Load start(
      String bootstrapServers, String topic, int symbols, int perSecond, Duration ago) {
    TickGenerator ticks =
        TickGenerator.live(
            1, symbols, perSecond, (System.currentTimeMillis() - ago.toMillis()) * 1_000, MIX);
    return new Load(bootstrapServers, topic, ticks, perSecond, ago);
  }

  private void send(TickGenerator ticks, int perSecond, Duration ago) {
    int sentAt = 1;
    while (!isStopping && ticks.advance()) {
      if (times != sentAt) {
        sentAt = times;
        ticks.continueLive((double) perSecond * sentAt, ticks.recordTimestampMillis() * 1_000);
      }
      long dueMillis = ticks.recordTimestampMillis() + ago.toMillis();
      while (System.currentTimeMillis() < dueMillis && !isStopping) {
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

  /** From now on the market sees so many times as many trades as at first. */
  void trade(int manyTimes) {
    times = manyTimes;
  }

  /** How many records have been handed over by now. */
  int size() {
    synchronized (sent) {
      return sent.size();
    }
  }

  /** How many partitions have records by now. */
  int partitions() throws Exception {
    List<Sent> arrived;
    synchronized (sent) {
      arrived = sent.stream().filter(one -> one.where.isDone()).toList();
    }
    Set<Integer> partitions = new HashSet<>();
    for (Sent one : arrived) {
      partitions.add(one.where.get().partition());
    }
    return partitions.size();
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
