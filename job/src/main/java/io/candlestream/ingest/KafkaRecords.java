package io.candlestream.ingest;

import io.candlestream.config.SourceConfig;
import io.candlestream.config.StartPosition;
import io.candlestream.market.Event;
import io.candlestream.market.Origin;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/** Records from Kafka topics. */
@SuppressWarnings("deprecation") // Flink's connector still asks for Kafka's OffsetResetStrategy.
public final class KafkaRecords {

  /** The end of the year 9999. */
  private static final long LATEST_TIMESTAMP_MILLIS = 253_402_300_799_999L;

  /** What one fetch of a partition holds by Kafka's own defaults, of records as long as a trade. */
  private static final String RECORDS_AT_ONCE = "5000";

  /** Well within the lateness that ticks are allowed: a new partition's have waited so long. */
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(10);

  private KafkaRecords() {}

  public static <T extends Event> KafkaSource<Verdict<T>> source(
      SourceConfig.Kafka kafka, Decoders<T> decoders) {
    KafkaSourceBuilder<Verdict<T>> builder =
        KafkaSource.<Verdict<T>>builder()
            .setBootstrapServers(kafka.bootstrapServers())
            .setTopics(kafka.topics())
            .setGroupId(kafka.groupId())
            .setClientIdPrefix(kafka.groupId())
            .setStartingOffsets(startingOffsets(kafka.start()))
            .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
            .setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_AT_ONCE)
            .setProperty(
                KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
                Long.toString(LOOK_FOR_PARTITIONS.toMillis()))
            .setDeserializer(new Deserializer<>(kafka, decoders));
    kafka.properties().reveal().forEach(builder::setProperty);
    return switch (kafka.stop().kind()) {
      case NEVER -> builder.build();
      case LATEST -> builder.setBounded(OffsetsInitializer.latest()).build();
      case TIMESTAMP ->
          builder
              .setBounded(OffsetsInitializer.timestamp(kafka.stop().timestamp().toEpochMilli()))
              .build();
    };
  }

  private static OffsetsInitializer startingOffsets(StartPosition start) {
    return switch (start.kind()) {
      case COMMITTED -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
      case EARLIEST -> OffsetsInitializer.earliest();
      case LATEST -> new EarliestWhereLost(OffsetsInitializer.latest());
      case TIMESTAMP ->
          new EarliestWhereLost(OffsetsInitializer.timestamp(start.timestamp().toEpochMilli()));
      case RESUME ->
          throw new IllegalArgumentException("resume is to be looked up in the database first");
    };
  }

  /**
   * Where a position of a running job is no longer in the topic, because retention was faster, goes
   * on with the earliest record that is: Flink would skip to the latest and lose what lies between.
   */
  private record EarliestWhereLost(OffsetsInitializer start) implements OffsetsInitializer {

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
        Collection<TopicPartition> partitions, PartitionOffsetsRetriever offsets) {
      return start.getPartitionOffsets(partitions, offsets);
    }

    @Override
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
      return OffsetResetStrategy.EARLIEST;
    }
  }

  /** The earlier of the record's timestamp and now, so that a replay judges as the first run. */
  static long clockMillis(long recordTimestampMillis, long nowMillis) {
    return recordTimestampMillis < 0 ? nowMillis : Math.min(recordTimestampMillis, nowMillis);
  }

  /** Decodes and judges in the source, before watermarks. */
  private static final class Deserializer<T extends Event>
      implements KafkaRecordDeserializationSchema<Verdict<T>> {

    private final SourceConfig.Kafka kafka;
    private final Decoders<T> decoders;
    private transient Map<TopicPartition, RecordDecoder<T>> begun;

    /**
     * The partition of the record before, and its decoder: most records follow one of their own.
     */
    private transient TopicPartition last;

    private transient RecordDecoder<T> lastDecoder;

    /** What the clock has shown, so that old records need not ask it. */
    private transient long passedMillis;

    Deserializer(SourceConfig.Kafka kafka, Decoders<T> decoders) {
      this.kafka = kafka;
      this.decoders = decoders;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
      begun = new HashMap<>();
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Verdict<T>> out)
        throws IOException {
      Origin origin =
          new Origin(
              record.topic(),
              record.partition(),
              record.offset(),
              0,
              recordTimestamp(record.timestamp()));
      out.collect(decoder(record).decode(record.value(), origin, clock(record.timestamp())));
    }

    private long clock(long recordTimestampMillis) {
      if (0 <= recordTimestampMillis && recordTimestampMillis <= passedMillis) {
        return recordTimestampMillis;
      }
      passedMillis = System.currentTimeMillis();
      return clockMillis(recordTimestampMillis, passedMillis);
    }

    private RecordDecoder<T> decoder(ConsumerRecord<byte[], byte[]> record) throws IOException {
      if (last == null
          || last.partition() != record.partition()
          || !last.topic().equals(record.topic())) {
        last = new TopicPartition(record.topic(), record.partition());
        lastDecoder = begun.get(last);
        if (lastDecoder == null) {
          lastDecoder = begin(last, record.offset());
          begun.put(last, lastDecoder);
        }
      }
      return lastDecoder;
    }

    private RecordDecoder<T> begin(TopicPartition partition, long offset) throws IOException {
      RecordDecoder<T> decoder = decoders.ofPartition();
      if (decoder.remembers()) {
        PartitionPast.recall(kafka, partition, offset, decoder);
      }
      return decoder;
    }

    /** A producer can set any timestamp; one that no database can hold counts as unknown. */
    private static long recordTimestamp(long millis) {
      return millis < 0 || millis > LATEST_TIMESTAMP_MILLIS ? 0 : millis;
    }

    @Override
    public TypeInformation<Verdict<T>> getProducedType() {
      return decoders.verdicts();
    }
  }
}
