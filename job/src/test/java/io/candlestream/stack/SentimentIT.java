package io.candlestream.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.servers.Edition;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Sentiment, from topics and files to its table and its hourly and daily aggregates. */
@ParameterizedClass
@EnumSource
class SentimentIT {

  @RegisterExtension static final FlinkCluster FLINK = new FlinkCluster();

  private static final int PARTITIONS = 2;
  private static final Instant START = Instant.parse("2024-08-07T20:00:00Z");
  private static final Duration LENGTH = Duration.ofHours(30);
  private static final int MEAN_DIGITS = 12;

  @TempDir private Path folder;

  private final TestDatabase database;
  private final List<Topic> topics = new ArrayList<>();

  SentimentIT(Edition edition) {
    database = TestDatabase.offering(edition, "schema.retention.sentiment-data=0");
  }

  @AfterEach
  void drop() {
    topics.forEach(Topic::close);
    database.close();
  }

  /**
   * @param magnitude null where it is not told, as is {@code textRef}
   */
  private record Item(
      String symbol,
      String provider,
      String id,
      BigDecimal score,
      BigDecimal magnitude,
      String textRef,
      Instant time) {

    String json() {
      return "{\"symbol\":\"%s\",\"provider\":\"%s\",\"item_id\":\"%s\",\"score\":%s%s%s,\"timestamp\":\"%s\"}"
          .formatted(
              symbol,
              provider,
              id,
              score,
              magnitude == null ? "" : ",\"magnitude\":\"" + magnitude + "\"",
              textRef == null ? "" : ",\"text_ref\":\"" + textRef + "\"",
              time);
    }

    Item at(Instant other) {
      return new Item(symbol, provider, id, score, magnitude, textRef, other);
    }
  }

  private static List<Item> generate(long seed) {
    Random random = new Random(seed);
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      items.add(
          new Item(
              "S" + random.nextInt(3),
              "news-" + random.nextInt(2),
              i % 3 == 0 ? "" + i : "a-" + i,
              BigDecimal.valueOf(random.nextInt(2_001) - 1_000, 3),
              random.nextBoolean() ? null : BigDecimal.valueOf(random.nextInt(1_000), 2),
              random.nextBoolean() ? null : "https://example.com/?id=" + i,
              START.plus(random.nextLong(LENGTH.toMillis() * 1_000), ChronoUnit.MICROS)));
    }
    items.sort(Comparator.comparing(Item::time));
    return items;
  }

  @Test
  void itemsOfATopicCountOnceAndWhatIsNoneOrLateIsRejected() throws Exception {
    List<Item> items = generate(71);
    Topic topic = topic(PARTITIONS);
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      topic.send(partition(item), item.json());
      if (i % 7 == 0) {
        topic.send(partition(item), item.json());
        topic.send(partition(item), item.at(item.time().minusSeconds(60)).json());
      }
    }
    topic.send(0, "no item");
    topic.flush();
    int copies = 2 * ((items.size() + 6) / 7);
    JobRun job = FLINK.start(config(topic(1).settings(), topic.settings("sentiment")), 2);
    job.eventually(() -> assertThat(stored()).hasSameSizeAs(items));
    Item late = items.get(0).at(START.minus(Duration.ofHours(1)));
    topic.send(partition(late), late.json());
    job.eventually(
        () ->
            assertThat(
                    database.query(
                        """
                        SELECT stream, reasons, source, symbol, convert_from(raw, 'UTF8')
                        FROM rejected_ticks
                        """))
                .containsExactlyInAnyOrder(
                    "sentiment|{MALFORMED}|null|null|no item",
                    "sentiment|{LATE}|%s|%s|%s"
                        .formatted(late.provider(), late.symbol(), late.json())));

    assertTables(items);
    assertThat(job.count("sentimentAccepted")).isEqualTo(items.size());
    assertThat(job.count("sentimentDuplicate")).isEqualTo(copies);
    assertThat(job.count("sentimentRejected")).isEqualTo(2);
    assertThat(job.restarts()).isZero();
  }

  @Test
  void itemsOfACompressedFileAreRead() throws Exception {
    List<Item> items = generate(72);
    Path file = folder.resolve("items.jsonl.gz");
    try (OutputStream compressed = new GZIPOutputStream(Files.newOutputStream(file))) {
      for (Item item : items) {
        compressed.write((item.json() + "\n").getBytes(UTF_8));
      }
    }
    Path noTicks = Files.createFile(folder.resolve("ticks.jsonl"));

    JobConfig config =
        config(
            List.of("source.type=files", "source.files.paths=[\"" + noTicks + "\"]"),
            List.of("sentiment.files.paths=[\"" + file + "\"]"));
    FLINK.start(config, 2).awaitEnd();
    FLINK.start(config, 1).awaitEnd();

    assertTables(items);
    assertThat(database.query("SELECT count(*) FROM sentiment_data WHERE updated_at <> created_at"))
        .as("rows that the second run has changed")
        .containsExactly("0");
  }

  private void assertTables(List<Item> items) throws Exception {
    assertThat(stored())
        .containsExactlyInAnyOrderElementsOf(
            items.stream()
                .map(
                    item ->
                        "%s|%s|%s|%d|%s|%s|%s"
                            .formatted(
                                item.symbol(),
                                item.provider(),
                                item.id(),
                                ChronoUnit.MICROS.between(Instant.EPOCH, item.time()),
                                plain(item.score()),
                                item.magnitude() == null ? null : plain(item.magnitude()),
                                item.textRef()))
                .toList());
    assertThat(aggregate("1h"))
        .containsExactlyInAnyOrderElementsOf(expected(items, Duration.ofHours(1)));
    assertThat(aggregate("1d"))
        .containsExactlyInAnyOrderElementsOf(expected(items, Duration.ofDays(1)));
  }

  private List<String> stored() throws Exception {
    return database.query(
        """
        SELECT
          symbol, provider, item_id, (extract(epoch FROM "timestamp") * 1000000)::bigint,
          trim_scale(score), trim_scale(magnitude), text_ref
        FROM sentiment_data
        """);
  }

  private List<String> aggregate(String timeframe) throws Exception {
    return database.query(
        """
        SELECT
          extract(epoch FROM bucket)::bigint, symbol, provider, items,
          trim_scale(round(mean_score, %d)), min_score, max_score
        FROM sentiment_data_%s
        """
            .formatted(MEAN_DIGITS, timeframe));
  }

  private static List<String> expected(List<Item> items, Duration bucket) {
    List<String> rows = new ArrayList<>();
    items.stream()
        .collect(
            Collectors.groupingBy(
                item ->
                    "%d|%s|%s"
                        .formatted(
                            item.time().getEpochSecond()
                                - item.time().getEpochSecond() % bucket.toSeconds(),
                            item.symbol(),
                            item.provider()),
                TreeMap::new,
                Collectors.mapping(Item::score, Collectors.toList())))
        .forEach(
            (key, scores) ->
                rows.add(
                    "%s|%d|%s|%s|%s"
                        .formatted(
                            key,
                            scores.size(),
                            plain(mean(scores)),
                            plain(scores.stream().min(Comparator.naturalOrder()).orElseThrow()),
                            plain(scores.stream().max(Comparator.naturalOrder()).orElseThrow()))));
    return rows;
  }

  private static BigDecimal mean(List<BigDecimal> scores) {
    return scores.stream()
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .divide(BigDecimal.valueOf(scores.size()), MEAN_DIGITS, RoundingMode.HALF_UP);
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  private static int partition(Item item) {
    return Math.floorMod((item.provider() + item.symbol()).hashCode(), PARTITIONS);
  }

  private Topic topic(int partitions) {
    Topic topic = Topic.create(partitions);
    topics.add(topic);
    return topic;
  }

  private JobConfig config(List<String> ticks, List<String> sentiment) {
    return JobConfig.of(
        Stream.of(database.settings(), ticks, sentiment, List.of("sentiment.allowed-lateness=24h"))
            .flatMap(List::stream)
            .toList());
  }
}
