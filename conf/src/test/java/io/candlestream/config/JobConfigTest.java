package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.candlestream.config.QualityConfig.OnAnomaly;
import io.candlestream.config.QualityConfig.PriceSpike;
import io.candlestream.config.QualityConfig.SequenceField;
import io.candlestream.config.QualityConfig.SizeSpike;
import io.candlestream.config.QualityConfig.Window;
import io.candlestream.config.ValidationConfig.Bounds;
import io.candlestream.config.ValidationConfig.SymbolOverride;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobConfigTest {

  @TempDir Path folder;

  @Test
  void defaultsAreThoseTheDesignNames() {
    assertThat(JobConfig.of(List.of()))
        .isEqualTo(
            new JobConfig(
                new SourceConfig(
                    SourceConfig.Type.KAFKA,
                    "canonical",
                    "",
                    new SourceConfig.Csv(List.of(), ','),
                    new SourceConfig.Kafka(
                        "localhost:9092",
                        List.of("ticks"),
                        "candlestream",
                        new StartPosition(StartPosition.Kind.COMMITTED, null),
                        new StopPosition(StopPosition.Kind.NEVER, null),
                        new KafkaProperties(Map.of())),
                    new SourceConfig.Files(List.of(), "")),
                new ValidationConfig(
                    bounds("0.000001", "1000000"),
                    bounds("0", "1000000000"),
                    Duration.ofHours(24),
                    Duration.ofSeconds(5),
                    List.of()),
                new DedupConfig(DedupConfig.WithoutId.COUNT),
                new TimeConfig(
                    Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofSeconds(30)),
                new CandlesConfig(Duration.ofMinutes(1), Duration.ZERO, false),
                List.of(Timeframe.values()),
                new IndicatorsConfig(true, 0),
                new QualityConfig(
                    OnAnomaly.FLAG,
                    new PriceSpike(true, new Window(31, 10, Duration.ofMinutes(15)), 8, 0.005),
                    new SizeSpike(false, new Window(63, 10, Duration.ofMinutes(15)), 3, 10_000),
                    List.of(),
                    true,
                    Duration.ZERO),
                new RejectsConfig("", "", new KafkaProperties(Map.of())),
                streamThatIsOff(StartPosition.Kind.EARLIEST),
                streamThatIsOff(StartPosition.Kind.COMMITTED),
                new DatabaseConfig(
                    "jdbc:postgresql://localhost:5432/candlestream",
                    "candlestream",
                    new Secret(""),
                    5000,
                    Duration.ofMillis(500),
                    5,
                    false),
                new SchemaConfig(
                    SchemaConfig.Edition.AUTO,
                    new SchemaConfig.Refresh(
                        Duration.ofDays(28),
                        Map.of(
                            Timeframe.FIVE_MINUTES, Duration.ofMinutes(5),
                            Timeframe.FIFTEEN_MINUTES, Duration.ofMinutes(15),
                            Timeframe.ONE_HOUR, Duration.ofHours(1),
                            Timeframe.ONE_DAY, Duration.ofHours(1))),
                    Duration.ofDays(7),
                    new SchemaConfig.Retention(
                        Duration.ofDays(30),
                        Map.of(
                            Timeframe.FIVE_MINUTES, Duration.ofDays(90),
                            Timeframe.FIFTEEN_MINUTES, Duration.ofDays(180),
                            Timeframe.ONE_HOUR, Duration.ofDays(365),
                            Timeframe.ONE_DAY, Duration.ofDays(2555)),
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ofDays(365),
                        Duration.ofDays(365)),
                    Duration.ofMinutes(15))));
  }

  private static StreamConfig streamThatIsOff(StartPosition.Kind start) {
    return new StreamConfig(
        SourceConfig.Type.KAFKA,
        new SourceConfig.Kafka(
            "localhost:9092",
            List.of(),
            "candlestream",
            new StartPosition(start, null),
            new StopPosition(StopPosition.Kind.NEVER, null),
            new KafkaProperties(Map.of())),
        new SourceConfig.Files(List.of(), ""),
        Duration.ofHours(24));
  }

  @Test
  void fileIsLaidOverTheDefaultsAndSetsOverTheFileInTheirOrder() throws IOException {
    Path file =
        file(
            """
            source:
              kafka:
                topics: spot
                properties: {client.id: a, client.rack: b}
            time:
              # all commented out
            candles: {interval: 30s}
            database:
              user: from-file
              batch-size: 10
            """);

    JobConfig config =
        JobConfig.load(
            file,
            List.of(
                "database.batch-size=20",
                "candles.interval=15s",
                "candles.interval=5s",
                "source.kafka.properties.client.id=c"),
            Map.of());

    assertThat(config.source().kafka().topics()).containsExactly("spot");
    assertThat(config.source().kafka().properties().reveal())
        .isEqualTo(Map.of("client.id", "c", "client.rack", "b"));
    assertThat(config.time()).isEqualTo(JobConfig.of(List.of()).time());
    assertThat(config.candles().interval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.database().user()).isEqualTo("from-file");
    assertThat(config.database().batchSize()).isEqualTo(20);
  }

  @Test
  void emptyFileLeavesEveryDefault() throws IOException {
    assertThat(JobConfig.load(file("# nothing yet\n"), List.of(), Map.of()))
        .isEqualTo(JobConfig.of(List.of()));
  }

  @Test
  void setTakesScalarsListsAndMaps() {
    JobConfig config =
        JobConfig.of(
            List.of(
                "source.type=files",
                "source.files.paths=[a.jsonl, 'b, c/*.gz']",
                "source.default-source=",
                "source.kafka.start=timestamp:2024-08-08T02:00:00+02:00",
                "source.kafka.stop=timestamp:2024-08-09T00:00:00Z",
                "validation.price={min: 1, max: 2}",
                "validation.overrides={'BTC*': {price: {max: 7}}}",
                "validation.overrides.BRK.?={size: {min: 3}}",
                "schema.edition=apache",
                "dedup.without-id=content",
                "candles.live-every=2s",
                "candles.fill-gaps=true",
                "timeframes=[1d, 5m, 1d]",
                "indicators={warm-start: true, generation: 3}",
                "database.allow-shrink=true",
                "database.password=a: b #c"));

    assertThat(config.source().type()).isEqualTo(SourceConfig.Type.FILES);
    assertThat(config.source().files().paths()).containsExactly("a.jsonl", "b, c/*.gz");
    assertThat(config.source().defaultSource()).isEmpty();
    assertThat(config.source().kafka().start())
        .isEqualTo(
            new StartPosition(StartPosition.Kind.TIMESTAMP, Instant.parse("2024-08-08T00:00:00Z")));
    assertThat(config.source().kafka().stop())
        .isEqualTo(
            new StopPosition(StopPosition.Kind.TIMESTAMP, Instant.parse("2024-08-09T00:00:00Z")));
    assertThat(config.validation().price()).isEqualTo(bounds("1", "2"));
    assertThat(config.validation().overrides())
        .containsExactly(
            new SymbolOverride("BTC*", bounds("1", "7"), bounds("0", "1000000000")),
            new SymbolOverride("BRK.?", bounds("1", "2"), bounds("3", "1000000000")));
    assertThat(config.schema().edition()).isEqualTo(SchemaConfig.Edition.APACHE);
    assertThat(config.dedup().withoutId()).isEqualTo(DedupConfig.WithoutId.CONTENT);
    assertThat(config.candles())
        .isEqualTo(new CandlesConfig(Duration.ofMinutes(1), Duration.ofSeconds(2), true));
    assertThat(config.timeframes()).containsExactly(Timeframe.FIVE_MINUTES, Timeframe.ONE_DAY);
    assertThat(config.indicators()).isEqualTo(new IndicatorsConfig(true, 3));
    assertThat(config.database().allowShrink()).isTrue();
    assertThat(config.database().password().reveal()).isEqualTo("a: b #c");
  }

  @Test
  void aTimeframeThatIsTheBaseCandleIsLeftOut() {
    assertThat(JobConfig.of(List.of("candles.interval=5m", "timeframes=[5m, 1h]")).timeframes())
        .containsExactly(Timeframe.ONE_HOUR);
    assertThat(JobConfig.of(List.of("timeframes=[]")).timeframes()).isEmpty();
  }

  @Test
  void startingElsewhereMovesOnlyTheTicks() {
    JobConfig config =
        JobConfig.of(List.of("fills.kafka.topics=own", "sentiment.files.paths=a.jsonl"));
    StartPosition latest = new StartPosition(StartPosition.Kind.LATEST, null);

    assertThat(config.startingAt(latest))
        .isEqualTo(
            JobConfig.of(
                List.of(
                    "source.kafka.start=latest",
                    "fills.kafka.topics=own",
                    "sentiment.files.paths=a.jsonl")));
  }

  @Test
  void aJobCanStartWhereTheStoredCandlesEnd() {
    assertThat(JobConfig.of(List.of("source.kafka.start=resume")).source().kafka().start())
        .isEqualTo(new StartPosition(StartPosition.Kind.RESUME, null))
        .hasToString("resume");
  }

  @Test
  void theFirstPatternThatFitsAVenueSaysWhatItsTradesAreNumberedBy() {
    QualityConfig quality =
        JobConfig.of(
                List.of(
                    "quality.sequential={binance: trade-id, 'b*': sequence, '*-sim': trade-id}"))
            .quality();

    assertThat(quality.sequenceOf("binance")).contains(SequenceField.TRADE_ID);
    assertThat(quality.sequenceOf("bybit")).contains(SequenceField.SEQUENCE);
    assertThat(quality.sequenceOf("b-sim")).contains(SequenceField.SEQUENCE);
    assertThat(quality.sequenceOf("okx-sim")).contains(SequenceField.TRADE_ID);
    assertThat(quality.sequenceOf("okx")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "quality.price-spike.enabled=true, true",
    "quality.size-spike.enabled=true, true",
    "quality.sequential.binance=trade-id, true",
    "quality.silent-after=1m, true",
    "quality.conflicting-duplicate=true, false",
    "quality.on-anomaly=reject, false"
  })
  void ticksAreCheckedOnlyForWhatIsOn(String set, boolean checked) {
    assertThat(
            JobConfig.of(List.of("quality.price-spike.enabled=false", set)).quality().checksTicks())
        .isEqualTo(checked);
  }

  @Test
  void onInputThatEndsNobodyIsSilent() {
    QualityConfig quality = JobConfig.of(List.of("quality.silent-after=1m")).quality();

    assertThat(quality.withoutSilence()).isEqualTo(JobConfig.of(List.of()).quality());
  }

  @Test
  void decimalsKeepEveryDigit() throws IOException {
    String min = "0.100000000000000000000000000000000001";
    String max = "123456789012345678901234567890.5";

    JobConfig config =
        JobConfig.load(
            file("validation: {price: {min: " + min + ", max: " + max + "}, size: {max: 1e3}}"),
            List.of(),
            Map.of());

    assertThat(config.validation().price()).isEqualTo(bounds(min, max));
    assertThat(config.validation().size().max()).isEqualByComparingTo("1000");
  }

  @Test
  void allProblemsAreReportedTogetherEachWithItsPath() throws IOException {
    Path file =
        file(
            """
            sauce: {type: kafka}
            source:
              type: kafak
              default-source: a venue
              kafka:
                topic: spot
                topics: []
                bootstrap-servers: localhost
                start: yesterday
                properties: {group.id: g, nested: {a: b}}
            validation:
              price: {min: 10, max: 5}
              size: {min: -1}
              max-age: 1 day
              overrides:
                "BTC USD": {}
                "ETH*": {price: {max: 1, mean: 2}, volume: 3}
            dedup: count
            candles: {interval: 7s, live-every: often, fill-gaps: 1}
            timeframes: [1h, 7m]
            indicators: {generation: -1}
            time:
              idle-timeout: 0
              allowed-lateness:
            database:
              url: postgres://me:hunter2@host/db
              batch-size: 0
              flush-every: [1s]
              max-retries: many
              allow-shrink: no
            """);

    ConfigException e =
        problemsOf(file, List.of("database.urls=x", "candles", "schema.edition=timescale"));

    assertThat(e.problems())
        .containsExactly(
            "sauce: unknown key; did you mean source?",
            "source.kafka.topic: unknown key; did you mean source.kafka.topics?",
            "dedup: must be a section, not a value; it has the keys without-id",
            "database.urls: unknown key; did you mean database.url?",
            "--set: must be key.path=value, such as --set candles.interval=5s",
            "source.type: must be one of kafka, files, but is kafak",
            "source.default-source: must be empty or 1 to 32 of A-Z a-z 0-9 _ . -, but is a venue",
            "source.kafka.bootstrap-servers: must be host:port, several with commas between, but is"
                + " localhost",
            "source.kafka.topics: must name a topic",
            "source.kafka.start: must be committed, earliest, latest, resume or a time such as"
                + " timestamp:2024-08-08T00:00:00Z, but is yesterday",
            "source.kafka.properties.group.id: set source.kafka.group-id instead",
            "source.kafka.properties.nested: must be a single value, not a map",
            "validation.price.min: 10 is above validation.price.max: 5",
            "validation.size.min: must be 0 or more, but is -1",
            "validation.max-age: must be a duration such as 500ms, 5s, 30m, 24h, 7d or 0, but is 1"
                + " day",
            "validation.overrides.BTC USD: must be a pattern of a symbol: 1 to 64 of A-Z a-z 0-9 ."
                + " _ : / @ = ^ # - and the wildcards * ?, but is BTC USD",
            "validation.overrides.ETH*.volume: unknown key; known here are price and size",
            "validation.overrides.ETH*.price.mean: unknown key; known here are min and max",
            "validation.price.min: 10 is above validation.overrides.ETH*.price.max: 1",
            "time.allowed-lateness: has no value; give one (\"\" for an empty text), or leave the"
                + " key out",
            "time.idle-timeout: must be more than 0, but is 0",
            "candles.interval: must be whole seconds that divide 5m (1s, 5s, 10s, 15s, 30s, 1m, 5m"
                + " …), but is 7s",
            "candles.live-every: must be a duration such as 500ms, 5s, 30m, 24h, 7d or 0, but is"
                + " often",
            "candles.fill-gaps: must be true or false, but is 1",
            "timeframes[1]: must be 5m, 15m, 1h or 1d, but is 7m",
            "indicators.generation: must be from 0 to 999999999, but is -1",
            "database.url: must look like jdbc:postgresql://host:5432/name?parameter=value, with"
                + " user and password not in it but in database.user and database.password",
            "database.batch-size: must be from 1 to 100000, but is 0",
            "database.flush-every: must be a single value, not a list",
            "database.max-retries: must be a whole number, but is many",
            "database.allow-shrink: must be true or false, but is no",
            "schema.edition: must be one of auto, community, apache, postgres, but is timescale");
    assertThat(e).hasMessage(String.join("\n", e.problems()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          candles.intervall        | did you mean candles.interval?
          kafka.topics             | did you mean source.kafka.topics?
          database.batchSize       | did you mean database.batch-size?
          candles.empty            | candles has the keys interval, live-every, fill-gaps
          Validation.Max-Age       | did you mean validation.max-age?
          portfolio.accounts       | the top level has the keys source, validation, dedup, time, candles, timeframes, indicators, quality, rejects, fills, sentiment, database, schema
          """)
  void unknownKeyIsReportedWithTheNearestOrWithThoseThereAre(String key, String advice) {
    assertThat(problemsOf(key + "=1")).containsExactly(key + ": unknown key; " + advice);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          schema.retention.base=28d        | schema.refresh.start-offset: 28d is not a day below schema.retention.base: 28d: a refresh that reaches what retention has dropped would empty the aggregates there
          schema.refresh.start-offset=71h  | schema.refresh.start-offset: must be at least 3d 5m 5s, 3d + time.allowed-lateness + time.out-of-orderness, but is 71h
          schema.columnstore.after=5m      | schema.columnstore.after: must be 0 or more than 5m 5s, time.allowed-lateness + time.out-of-orderness, but is 5m
          schema.columnstore.after=30d     | schema.columnstore.after: 30d is not below schema.retention.base: 30d: chunks would be dropped before
          schema.retention.5m=28d          | schema.retention.5m: 28d is not a day above schema.refresh.start-offset: 28d: a refresh would bring candles back that were dropped
          schema.retention.trade-history=7d         | schema.columnstore.after: 7d is not below schema.retention.trade-history: 7d: chunks would be dropped before
          schema.retention.portfolio-snapshots=1d   | schema.columnstore.after: 7d is not below schema.retention.portfolio-snapshots: 1d: chunks would be dropped before
          schema.retention.sentiment-data=34d       | schema.retention.sentiment-data: must be 0 or at least 35d, 7d more than its refreshes look back, but is 34d: a refresh that reaches what retention has dropped would empty the aggregates there
          schema.refresh.every.1h=0        | schema.refresh.every.1h: must be more than 0, but is 0
          """)
  void policiesThatWouldUndoEachOtherAreRefused(String set, String problem) {
    assertThat(problemsOf(set)).containsExactly(problem);
  }

  @Test
  void refreshesOfSentimentLookBackOverTwoDaysThatAreClosed() {
    String[] shortest = {"schema.refresh.start-offset=73h", "schema.retention.sentiment-data=11d"};
    assertThat(problemsOf(shortest))
        .containsExactly(
            "schema.retention.sentiment-data: must be 0 or at least 11d 1h 5s, 7d more than its"
                + " refreshes look back, but is 11d: a refresh that reaches what retention has"
                + " dropped would empty the aggregates there");

    JobConfig config = JobConfig.of(List.of("schema.refresh.start-offset=73h"));
    assertThat(
            config
                .schema()
                .refresh()
                .startOffsetOfSentiment(config.sentiment().stillOpen(config.time())))
        .isEqualTo(Duration.ofDays(4).plusSeconds(3605));
    config = JobConfig.of(List.of());
    assertThat(
            config
                .schema()
                .refresh()
                .startOffsetOfSentiment(config.sentiment().stillOpen(config.time())))
        .isEqualTo(Duration.ofDays(28));
  }

  @Test
  void aGenerationNeedsAWarmStart() {
    assertThat(problemsOf("indicators={warm-start: false, generation: 1}"))
        .containsExactly(
            "indicators.generation: 1 has instruments begin from the database, which"
                + " indicators.warm-start: false rules out; set one or the other");
  }

  @Test
  void rowsThatAreKeptForEverLeaveRefreshesFree() {
    JobConfig config =
        JobConfig.of(
            List.of(
                "schema.retention.base=0",
                "schema.retention.5m=0",
                "schema.retention.15m=0",
                "schema.retention.1h=0",
                "schema.retention.sentiment-data=0",
                "schema.refresh.start-offset=400d",
                "schema.columnstore.after=0"));

    assertThat(config.schema().retention().base()).isZero();
    assertThat(config.schema().columnstoreAfter()).isZero();
  }

  static List<String> everyKey() {
    return List.copyOf(new Settings().paths());
  }

  @ParameterizedTest
  @MethodSource("everyKey")
  void everyKeyOfTheDefaultsIsReadAndRefusesAnotherType(String key) {
    boolean freeMap = new Settings().get(key).isObject();

    assertThat(problemsOf(key + (freeMap ? "=[[a]]" : "={a: [b]}")))
        .singleElement()
        .asString()
        .startsWith(key)
        .contains(freeMap ? "must be a map" : "must be a single value, not a map");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          database.batch-size=100001           | database.batch-size: must be from 1 to 100000, but is 100001
          database.batch-size=9999999999       | database.batch-size: must be a whole number, but is 9999999999
          database.max-retries=-1              | database.max-retries: must be from 0 to 100, but is -1
          database.flush-every=0               | database.flush-every: must be more than 0, but is 0
          database.user=                       | database.user: must not be empty, but is ""
          source.kafka.topics=[a, 'b,c']       | source.kafka.topics[1]: must be a topic: 1 to 249 of A-Z a-z 0-9 . _ - (for several topics write a list), but is b,c
          source.type=files                    | source.files.paths: must name a path, as source.type is files
          source.format=Binance Spot           | source.format: must be the name of a format, such as canonical, but is Binance Spot
          source.format=csv                    | source.csv.columns: must name the columns, as lines in a topic have no header
          source.csv.columns=[price, size]     | source.csv.columns: must have the columns price, size and timestamp
          source.csv.columns=[price, size, timestamp, price]  | source.csv.columns: must have the column price only once
          source.csv.columns=[price, size, timestamp, side, buyer_is_maker]  | source.csv.columns: must have only one of side and buyer_is_maker
          source.csv.columns=[price, size, time]  | source.csv.columns[2]: must be one of source, symbol, trade_id, sequence, price, size, side, buyer_is_maker, timestamp, or - to ignore, but is time
          source.csv.delimiter=1               | source.csv.delimiter: must be one character that no value holds, such as a comma, a semicolon or a tab, but is 1
          source.files.name-pattern=(?<symbol> | source.files.name-pattern: must be a regular expression (Unclosed group), but is (?<symbol>
          source.files.name-pattern=.[A-Z]+    | source.files.name-pattern: must have a group (?<symbol>…) or (?<source>…), and no other named group, but is .[A-Z]+
          source.files.name-pattern=(?<day>.)  | source.files.name-pattern: must have a group (?<symbol>…) or (?<source>…), and no other named group, but is (?<day>.)
          source={kafka.topics: a}             | source.kafka.topics: write nested keys one below the other, not joined by dots
          validation.price.max=NaN             | validation.price.max: must be a decimal number such as 0.000001, but is NaN
          validation.price.max=0.0000009       | validation.price.min: 0.000001 is above validation.price.max: 0.0000009
          quality.price-spike.k=1001           | quality.price-spike.k: must be from 0 to 1000, but is 1001
          quality.price-spike.floor=1.1        | quality.price-spike.floor: must be from 0 to 1, but is 1.1
          quality.price-spike.level=2          | quality.price-spike.level: must be from 3 to 127, but is 2
          quality.price-spike.level=32         | quality.price-spike.window: 31 is below quality.price-spike.level: 32: there would never be a verdict
          quality.size-spike.window=128        | quality.size-spike.window: must be from 3 to 127, but is 128
          quality.size-spike.factor=1          | quality.size-spike.factor: must be more than 1, but is 1
          quality.sequential.bin nance=trade-id| quality.sequential.bin nance: must be a pattern of a venue: 1 to 32 of A-Z a-z 0-9 _ . - and the wildcards * ?, but is bin nance
          quality.sequential.binance=id        | quality.sequential.binance: must be one of trade-id, sequence, but is id
          quality.on-anomaly=drop              | quality.on-anomaly: must be one of flag, reject, but is drop
          quality.silent-after=soon            | quality.silent-after: must be a duration such as 500ms, 5s, 30m, 24h, 7d or 0, but is soon
          validation.overrides.A*.price.max=1  | validation.overrides.A*.price.max: must be a map of price and size
          """)
  void valueOutsideItsRangeIsReportedWithWhatItMayBe(String set, String problem) {
    assertThat(problemsOf(set)).containsExactly(problem);
  }

  @Test
  void columnsThatHoldNothingOfATickAreLeftOut() {
    SourceConfig source =
        JobConfig.of(
                List.of(
                    "source.format=csv",
                    "source.csv.columns=[trade_id, price, size, '-', \"\", timestamp,"
                        + " buyer_is_maker]",
                    "source.csv.delimiter=\"\\t\""))
            .source();

    assertThat(source.csv().columns())
        .containsExactly(
            CsvColumn.TRADE_ID,
            CsvColumn.PRICE,
            CsvColumn.SIZE,
            CsvColumn.IGNORED,
            CsvColumn.IGNORED,
            CsvColumn.TIMESTAMP,
            CsvColumn.BUYER_IS_MAKER);
    assertThat(source.csv().delimiter()).isEqualTo('\t');
  }

  @ParameterizedTest
  @CsvSource({
    "latest, latest",
    "timestamp:2024-08-08T00:00:00Z, timestamp:2024-08-08T00:00:00Z",
    "timestamp:2024-08-08T00:00:00Z, timestamp:2024-08-07T23:59:59Z"
  })
  void aStopThatIsNotAfterTheStartIsRefused(String start, String stop) {
    assertThat(problemsOf("source.kafka.start=" + start, "source.kafka.stop=" + stop))
        .containsExactly(
            "source.kafka.stop: %s is not after source.kafka.start: %s, so nothing would be read"
                .formatted(stop, start));
  }

  @Test
  void rejectsGoToTheSourcesBrokersUnlessTheyHaveTheirOwn() {
    String source =
        "source.kafka.properties={security.protocol: SSL, ssl.key.password: a, fetch.min.bytes: 7}";
    JobConfig same =
        JobConfig.of(List.of(source, "rejects.topic=bad", "rejects.kafka.properties.acks=1"));
    JobConfig own =
        JobConfig.of(
            List.of(source, "rejects.topic=ticks", "rejects.kafka.bootstrap-servers=other:9092"));

    assertThat(same.rejects().brokers(same.source().kafka())).isEqualTo("localhost:9092");
    assertThat(same.rejects().connection(same.source().kafka()).reveal())
        .isEqualTo(Map.of("security.protocol", "SSL", "ssl.key.password", "a", "acks", "1"));
    assertThat(own.rejects().brokers(own.source().kafka())).isEqualTo("other:9092");
    assertThat(own.rejects().connection(own.source().kafka()).reveal()).isEmpty();
    assertThat(JobConfig.of(List.of()).rejects().hasTopic()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rejects.topic=ticks                            | rejects.topic: ticks is among source.kafka.topics: each reject would be read and rejected again, without end
          rejects.topic=a b                              | rejects.topic: must be a topic: 1 to 249 of A-Z a-z 0-9 . _ - (for several topics write a list), but is a b
          rejects.kafka.bootstrap-servers=x              | rejects.kafka.bootstrap-servers: must be host:port, several with commas between, but is x
          rejects.kafka.properties.bootstrap.servers=b:1 | rejects.kafka.properties.bootstrap.servers: set rejects.kafka.bootstrap-servers instead
          """)
  void rejectsThatCannotBeSentAreRefused(String set, String problem) {
    assertThat(problemsOf(set)).containsExactly(problem);
  }

  @Test
  void fillsAndSentimentAreOffUntilTheyNameTopicsOrFiles() {
    JobConfig off = JobConfig.of(List.of("fills.kafka.bootstrap-servers=b:1"));
    JobConfig on =
        JobConfig.of(List.of("fills.kafka.topics=own", "sentiment.files.paths=[a.jsonl, b/*.gz]"));

    assertThat(off.fills().isOn()).isFalse();
    assertThat(off.sentiment().isOn()).isFalse();
    assertThat(on.fills().isOn()).isTrue();
    assertThat(on.fills().type()).isEqualTo(SourceConfig.Type.KAFKA);
    assertThat(on.fills().kafka().topics()).containsExactly("own");
    assertThat(on.sentiment().isOn()).isTrue();
    assertThat(on.sentiment().type()).isEqualTo(SourceConfig.Type.FILES);
    assertThat(on.sentiment().files().paths()).containsExactly("a.jsonl", "b/*.gz");
  }

  @Test
  void streamsAreReadFromTheSourcesBrokersUnlessTheyHaveTheirOwn() {
    JobConfig config =
        JobConfig.of(
            List.of(
                "source.kafka.bootstrap-servers=a:1,b:2",
                "source.kafka.group-id=mine",
                "source.kafka.properties={security.protocol: SSL, ssl.key.password: a,"
                    + " ssl.protocol: TLSv1.2, fetch.min.bytes: 7}",
                "fills.kafka={topics: own, stop: latest}",
                "fills.kafka.properties={ssl.protocol: TLSv1.3, client.rack: r}",
                "sentiment.kafka={topics: ticks, bootstrap-servers: 'other:9092', start: latest}",
                "sentiment.kafka.properties={client.rack: s}",
                "sentiment.allowed-lateness=0"));

    assertThat(config.fills().kafka())
        .isEqualTo(
            new SourceConfig.Kafka(
                "a:1,b:2",
                List.of("own"),
                "mine",
                new StartPosition(StartPosition.Kind.EARLIEST, null),
                new StopPosition(StopPosition.Kind.LATEST, null),
                new KafkaProperties(
                    Map.of(
                        "security.protocol", "SSL",
                        "ssl.key.password", "a",
                        "ssl.protocol", "TLSv1.3",
                        "client.rack", "r"))));
    assertThat(config.sentiment())
        .isEqualTo(
            new StreamConfig(
                SourceConfig.Type.KAFKA,
                new SourceConfig.Kafka(
                    "other:9092",
                    List.of("ticks"),
                    "mine",
                    new StartPosition(StartPosition.Kind.LATEST, null),
                    new StopPosition(StopPosition.Kind.NEVER, null),
                    new KafkaProperties(Map.of("client.rack", "s"))),
                new SourceConfig.Files(List.of(), ""),
                Duration.ZERO));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fills.kafka.start=resume                           | fills.kafka.start: must be committed, earliest, latest or a time such as timestamp:2024-08-08T00:00:00Z (resume goes by the job's candles, and is for source.kafka.start alone), but is resume
          sentiment.kafka.start=soon                         | sentiment.kafka.start: must be committed, earliest, latest or a time such as timestamp:2024-08-08T00:00:00Z (resume goes by the job's candles, and is for source.kafka.start alone), but is soon
          sentiment.kafka={start: latest, stop: latest}      | sentiment.kafka.stop: latest is not after sentiment.kafka.start: latest, so nothing would be read
          fills={kafka: {topics: a}, files: {paths: b}}      | fills: topics and files are named; give one
          sentiment={kafka: {topics: a}, files: {paths: b}}  | sentiment: topics and files are named; give one
          fills.kafka.topics=a b                             | fills.kafka.topics: must be a topic: 1 to 249 of A-Z a-z 0-9 . _ - (for several topics write a list), but is a b
          fills.kafka.bootstrap-servers=x                    | fills.kafka.bootstrap-servers: must be host:port, several with commas between, but is x
          fills.kafka.properties.bootstrap.servers=b:1       | fills.kafka.properties.bootstrap.servers: set fills.kafka.bootstrap-servers instead
          fills.kafka.properties.group.id=g                  | fills.kafka.properties.group.id: set source.kafka.group-id instead
          sentiment.kafka.properties.auto.offset.reset=none  | sentiment.kafka.properties.auto.offset.reset: set sentiment.kafka.start instead
          fills.files.paths=[a, '']                          | fills.files.paths[1]: must not be empty, but is ""
          sentiment.allowed-lateness=-1h                     | sentiment.allowed-lateness: must be a duration such as 500ms, 5s, 30m, 24h, 7d or 0, but is -1h
          fills={kafka: {topics: a}, allowed-lateness: 4m}   | fills.allowed-lateness: 4m is below time.allowed-lateness: 5m: candles can still be corrected for so long, and their snapshots need the positions of then
          """)
  void streamsThatCannotBeReadAreRefused(String set, String problem) {
    assertThat(problemsOf(set)).containsExactly(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fills.kafka.topics=[a, ticks, ticks]  | fills.kafka.topics: ticks is among source.kafka.topics: each stream would reject the other's records
          sentiment.kafka.topics=ticks          | sentiment.kafka.topics: ticks is among source.kafka.topics: each stream would reject the other's records
          fills.kafka.topics=bad                | fills.kafka.topics: bad is rejects.topic: each reject would be read and rejected again, without end
          sentiment.kafka.topics=bad            | sentiment.kafka.topics: bad is rejects.topic: each reject would be read and rejected again, without end
          sentiment.kafka.topics=[news, own]    | sentiment.kafka.topics: own is among fills.kafka.topics: each stream would reject the other's records
          """)
  void aTopicHasOneUse(String set, String problem) {
    assertThat(problemsOf("rejects.topic=bad", "fills.kafka.topics=own", set))
        .containsExactly(problem);
  }

  @Test
  void brokersAreTheSameIfOneIsNamedInBoth() {
    String brokers = "source.kafka.bootstrap-servers=a:1, b:2";

    assertThat(problemsOf(brokers, "fills.kafka={topics: ticks, bootstrap-servers: 'c:3 ,b:2'}"))
        .containsExactly(
            "fills.kafka.topics: ticks is among source.kafka.topics: each stream would reject the"
                + " other's records");
    assertThat(
            JobConfig.of(
                    List.of(brokers, "fills.kafka={topics: ticks, bootstrap-servers: 'b:1,a:2'}"))
                .fills()
                .isOn())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          source={type: files, files: {paths: a}} | source.type: files
          source.kafka.stop=latest                | source.kafka.stop
          """)
  void streamsEndWhereTheTicksDo(String set, String why) {
    assertThat(problemsOf(set, "fills.kafka.topics=own", "sentiment.kafka.topics=news"))
        .containsExactly(
            "fills.kafka.stop: must not be never where the ticks end ("
                + why
                + "), or the job would not; set it to latest, or leave fills.kafka.topics empty",
            "sentiment.kafka.stop: must not be never where the ticks end ("
                + why
                + "), or the job would not; set it to latest, or leave sentiment.kafka.topics"
                + " empty");
    assertThat(JobConfig.of(List.of(set, "fills.files.paths=a.jsonl"))).isNotNull();
    assertThat(JobConfig.of(List.of("fills.files.paths=a.jsonl"))).isNotNull();
  }

  @Test
  void topicsThatTheSourceDoesNotReadAreFreeForOthers() {
    JobConfig config =
        JobConfig.of(
            List.of(
                "source={type: files, files: {paths: a.jsonl}}",
                "fills.kafka={topics: ticks, stop: latest}",
                "rejects.topic=bad",
                "rejects.kafka.bootstrap-servers=other:9092",
                "sentiment.kafka={topics: bad, stop: latest}"));

    assertThat(config.fills().kafka().topics()).containsExactly("ticks");
    assertThat(config.sentiment().kafka().topics()).containsExactly("bad");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fills={kafka: {topics: a}, allowed-lateness: 7d}         | schema.columnstore.after: must be 0 or more than 7d 5s, fills.allowed-lateness + time.out-of-orderness, but is 7d
          sentiment={files: {paths: a}, allowed-lateness: 604795s} | schema.columnstore.after: must be 0 or more than 7d, sentiment.allowed-lateness + time.out-of-orderness, but is 7d
          """)
  void streamsMustBeSettledWhenTheyGoToTheColumnstore(String set, String problem) {
    assertThat(problemsOf(set)).containsExactly(problem);
    assertThat(JobConfig.of(List.of(set, "schema.columnstore.after=0"))).isNotNull();
  }

  @Test
  void theLatenessOfAStreamThatIsOffBindsNothing() {
    JobConfig config =
        JobConfig.of(List.of("fills.allowed-lateness=1s", "sentiment.allowed-lateness=8d"));

    assertThat(config.fills().allowedLateness()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.sentiment().allowedLateness()).isEqualTo(Duration.ofDays(8));
  }

  @Test
  void whatStreamsDoToEachOtherIsReportedBesideTheOtherProblems() {
    assertThat(
            problemsOf(
                "source.format=A Format",
                "rejects.topic=ticks",
                "fills={kafka: {topics: [ticks, own]}, allowed-lateness: 1s}",
                "sentiment={kafka: {topics: own}, allowed-lateness: 7d}",
                "database.batch-size=0"))
        .containsExactly(
            "source.format: must be the name of a format, such as canonical, but is A Format",
            "rejects.topic: ticks is among source.kafka.topics: each reject would be read and"
                + " rejected again, without end",
            "fills.kafka.topics: ticks is among source.kafka.topics: each stream would reject the"
                + " other's records",
            "fills.kafka.topics: ticks is rejects.topic: each reject would be read and rejected"
                + " again, without end",
            "fills.allowed-lateness: 1s is below time.allowed-lateness: 5m: candles can still be"
                + " corrected for so long, and their snapshots need the positions of then",
            "sentiment.kafka.topics: own is among fills.kafka.topics: each stream would reject the"
                + " other's records",
            "database.batch-size: must be from 1 to 100000, but is 0",
            "schema.columnstore.after: must be 0 or more than 7d 5s, sentiment.allowed-lateness +"
                + " time.out-of-orderness, but is 7d");
  }

  @Test
  void whatIsWrongWithTheSourceIsNotSaidOfTheStreamsAsWell() {
    assertThat(
            problemsOf("source.kafka.group-id=", "fills.kafka.topics=ticks", "rejects.topic=ticks"))
        .containsExactly("source.kafka.group-id: must not be empty, but is \"\"");
  }

  @Test
  void aBoundThatIsWrongIsNotComparedAsWell() {
    assertThat(problemsOf("validation.price.min=x", "validation.overrides={A: {price: {max: 1}}}"))
        .containsExactly(
            "validation.price.min: must be a decimal number such as 0.000001, but is x");
  }

  @Test
  void valuesAreInterpolatedWhereverTheyStand() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "x: '}\"# ${HOST}\n");
    Path file =
        file(
            """
            source:
              default-source: ${VENUE:-}
              kafka:
                topics: ["${TOPIC}", other]
                properties: {sasl.jaas.config: "${file:%s}"}
            database:
              url: jdbc:postgresql://${HOST}:${PORT:-5433}/db
              batch-size: ${BATCH}
              password: ${CANDLESTREAM_DB_PASSWORD}
            """
                .formatted(secret));

    JobConfig config =
        JobConfig.load(
            file,
            List.of("source.kafka.group-id=$${x}-${HOST}"),
            Map.of(
                "TOPIC", "spot",
                "HOST", "db1",
                "BATCH", "7",
                "CANDLESTREAM_DB_PASSWORD", "${HOST} & [\\$1"));

    assertThat(config.source().defaultSource()).isEmpty();
    assertThat(config.source().kafka().topics()).containsExactly("spot", "other");
    assertThat(config.source().kafka().properties().reveal())
        .isEqualTo(Map.of("sasl.jaas.config", "x: '}\"# ${HOST}"));
    assertThat(config.source().kafka().groupId()).isEqualTo("${x}-db1");
    assertThat(config.database().url()).isEqualTo("jdbc:postgresql://db1:5433/db");
    assertThat(config.database().batchSize()).isEqualTo(7);
    assertThat(config.database().password().reveal()).isEqualTo("${HOST} & [\\$1");
  }

  @Test
  void whatCannotBeInterpolatedIsReportedWithItsPath() {
    Path missing = folder.resolve("missing");

    assertThat(
            problemsOf(
                "database.password=${DB_PASSWORD}",
                "database.user=${file:" + missing + "}",
                "source.kafka.topics=['${1}']",
                "source.kafka.properties.a=${b"))
        .containsExactly(
            "source.kafka.topics[0]: has a ${ that begins neither ${NAME}, ${NAME:-default} nor"
                + " ${file:/path}; write $${ for a literal ${",
            "source.kafka.properties.a: has a ${ that begins neither ${NAME}, ${NAME:-default} nor"
                + " ${file:/path}; write $${ for a literal ${",
            "database.user: there is no file " + missing,
            "database.password: the environment variable DB_PASSWORD is not set; set it, or write"
                + " ${DB_PASSWORD:-default}");
  }

  @Test
  void unusableFileIsReportedWithItsName() throws IOException {
    Path missing = folder.resolve("missing.yaml");
    Path latin1 =
        Files.write(folder.resolve("latin1.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9});

    assertThat(problemsOf(missing, List.of()).problems())
        .containsExactly(missing + ": there is no such file");
    assertThat(problemsOf(latin1, List.of()).problems())
        .containsExactly(latin1 + ": must be UTF-8 text");
    assertThat(problemsOf(folder, List.of()).problems())
        .singleElement()
        .asString()
        .startsWith(folder + ": cannot be read: ");
  }

  @Test
  void fileThatIsNoMapIsReported() throws IOException {
    Path file = file("- source\n");

    assertThat(problemsOf(file, List.of()).problems())
        .containsExactly(file + ": must hold keys and values, as conf/job.yaml does");
  }

  @Test
  void malformedYamlIsReportedWithItsLine() throws IOException {
    Path file = file("source:\n  type: files\n  files: {paths: [hunter2\ntime: {}\n");

    assertThat(problemsOf(file, List.of()).problems())
        .singleElement()
        .asString()
        .startsWith(file + ":4: malformed YAML: ")
        .doesNotContain("hunter2");
  }

  @Test
  void malformedSetIsReportedOnce() {
    assertThat(problemsOf("source.type=files", "source.files.paths=[a"))
        .singleElement()
        .asString()
        .startsWith("--set source.files.paths: malformed YAML: ");
  }

  @Test
  void keysGivenTwiceAreReportedWithTheirLineBesideTheOtherProblems() throws IOException {
    Path file =
        file(
            """
            candles:
              interval: 1m
              interval: 5s
            dedup: {}
            candles: {}
            time: {idle: 1s}
            """);

    assertThat(problemsOf(file, List.of()).problems())
        .containsExactly(
            file + ":3: the key interval is given twice; keep one",
            file + ":5: the key candles is given twice; keep one",
            "time.idle: unknown key; time has the keys out-of-orderness, allowed-lateness,"
                + " idle-timeout");
  }

  @Test
  void noErrorQuotesASecret() throws IOException {
    Path file =
        file(
            """
            source:
              kafka:
                properties: {sasl.jaas.config: [hunter2], ssl.key.password: {hunter2: hunter2}}
            database:
              url: jdbc:postgresql://u:hunter2@host/db
              password: *hunter2
              user: !hunter2 x
              passwort: hunter2
              batch-size: ${PW}
            databases: hunter2
            schema: {edition:hunter2}
            """);

    ConfigException e =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                JobConfig.load(
                    file,
                    List.of("database.password hunter2", "schema='hunter2", "time=!hunter2!a"),
                    Map.of("PW", "hunter2")));

    assertThat(e.problems()).hasSize(12);
    assertThat(e.problems()).contains("database.batch-size: must be a whole number, but is ${PW}");
    assertThat(e).hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "database.password=hunter2",
        "database.password=${USER:-hunter2}",
        "database.password=$${hunter2}",
        "database.url=jdbc:postgresql://h/db?sslpassword=hunter2&ssl=true",
        "source.kafka.properties.ssl.truststore.password=hunter2${USER}",
        "source.kafka.properties.ssl.keystore.key=hunter2",
        "source.kafka.properties.sasl.oauthbearer.client.credentials.client.secret=hunter2",
        "source.kafka.properties.sasl.jaas.config=M required username=\"${USER}\""
            + " password=\"hunter2\";",
        "source.kafka.properties.sasl.jaas.config=M required password=hunter2;",
        "source.kafka.properties.sasl.jaas.config=M required password=${USER};",
        "rejects.kafka.properties.sasl.jaas.config=M required clientSecret='hunter2' a=b;",
        "fills.kafka.properties.sasl.jaas.config=M required password='hunter2';",
        "sentiment.kafka.properties.ssl.key.password=hunter2"
      })
  void aSecretInPlainIsRefusedAndNotRepeated(String set) throws IOException {
    String key = set.substring(0, set.indexOf('='));
    String problem =
        key
            + ": holds a secret in plain, where others can read it (the list of processes shows"
            + " command lines); write ${NAME} for an environment variable, or ${file:/path} for a"
            + " file";

    assertThatThrownBy(() -> JobConfig.load(List.of(set), Map.of("USER", "me")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(problem);
  }

  @Test
  void aPasswordInTheUrlOfTheDatabaseIsRefusedWhereverItComesFrom() {
    assertThatThrownBy(
            () ->
                JobConfig.load(
                    List.of("database.url=jdbc:postgresql://h/db?password=${PW}"),
                    Map.of("PW", "hunter2")))
        .hasMessage(
            "database.url: must hold no password, as addresses are shown and logged; leave it out,"
                + " and set database.password");
  }

  @Test
  void secretsComeFromTheEnvironmentAndFiles() throws IOException {
    Path password = Files.writeString(folder.resolve("password"), "a\"b\\c;'\n");
    Map<String, String> properties =
        JobConfig.load(
                List.of(
                    "source.kafka.properties.sasl.jaas.config=M required username=\"me\" password=\"${file:%s}\";"
                        .formatted(password),
                    "source.kafka.properties.ssl.key.password=${PW}",
                    "source.kafka.properties.ssl.truststore.location=/etc/ca.pem"),
                Map.of("PW", "a\"b"))
            .source()
            .kafka()
            .properties()
            .reveal();

    assertThat(properties)
        .containsExactly(
            Map.entry(
                "sasl.jaas.config", "M required username=\"me\" password=\"a\\\"b\\\\c;\\'\";"),
            Map.entry("ssl.key.password", "a\"b"),
            Map.entry("ssl.truststore.location", "/etc/ca.pem"));
  }

  @Test
  void aProgramsOwnSettingsMayHoldSecretsInPlain() {
    assertThat(JobConfig.of(List.of("database.password=pw")).database().password())
        .isEqualTo(new Secret("pw"));
  }

  @Test
  void noSecretIsPrinted() {
    JobConfig config =
        JobConfig.of(
            List.of(
                "database.password=hunter2",
                "database.url=jdbc:postgresql://host/db?sslPassword=hunter2&ssl=true",
                "source.kafka.properties={sasl.jaas.config: hunter2, ssl.key.PASSWORD: hunter2,"
                    + " client.id: me}",
                "rejects.kafka.properties={sasl.jaas.config: hunter2}",
                "fills.kafka.properties={ssl.key.password: hunter2}"));

    assertThat(config.toString())
        .doesNotContain("hunter2")
        .contains("url=jdbc:postgresql://host/db?sslPassword=***&ssl=true,")
        .contains("password=***,")
        .contains("properties={sasl.jaas.config=***, ssl.key.PASSWORD=***, client.id=me}");
  }

  @Test
  void travelsToTheOperatorsUnchanged() throws IOException, ClassNotFoundException {
    JobConfig config =
        JobConfig.of(
            List.of(
                "validation.overrides={A: {}, B: {size: {max: 1}}}",
                "source.kafka.properties={a: b}",
                "fills={kafka: {topics: own, properties: {a: b}}}",
                "sentiment={files: {paths: a}}",
                "source.kafka.start=timestamp:2024-08-08T00:00:00Z"));

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(config);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(config);
    }
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("my.yaml"), yaml);
  }

  private static ConfigException problemsOf(Path file, List<String> sets) {
    return catchThrowableOfType(ConfigException.class, () -> JobConfig.load(file, sets, Map.of()));
  }

  private static List<String> problemsOf(String... sets) {
    return catchThrowableOfType(ConfigException.class, () -> JobConfig.of(List.of(sets)))
        .problems();
  }

  private static Bounds bounds(String min, String max) {
    return new Bounds(new BigDecimal(min), new BigDecimal(max));
  }
}
