package io.candlestream.config;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamConfigTest {

  @Test
  void comesFromTopicsOrFromFilesAsItsTypeSays() {
    refused(
        SourceConfig.Type.KAFKA,
        List.of("a"),
        List.of("b"),
        "a stream comes from topics or from files, not from both");
    refused(
        SourceConfig.Type.KAFKA, List.of(), List.of("b"), "the type of a stream is what it names");
    refused(
        SourceConfig.Type.FILES, List.of("a"), List.of(), "the type of a stream is what it names");
    refused(SourceConfig.Type.FILES, List.of(), List.of(), "the type of a stream is what it names");
  }

  @Test
  void isNotReadFromWhereCandlesEnd() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new StreamConfig(
                    SourceConfig.Type.KAFKA,
                    kafka(List.of("a"), StartPosition.Kind.RESUME),
                    new SourceConfig.Files(List.of(), ""),
                    Duration.ZERO))
        .withMessage("only ticks are read from where candles end");
  }

  @Test
  void itsTopicsMayBeNoneButNotThoseOfTicks() {
    SourceConfig.Kafka none = kafka(List.of(), StartPosition.Kind.EARLIEST);

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new SourceConfig(
                    SourceConfig.Type.KAFKA,
                    "canonical",
                    "",
                    new SourceConfig.Csv(List.of(), ','),
                    none,
                    new SourceConfig.Files(List.of(), "")))
        .withMessage("a Kafka source needs a topic");
  }

  private static void refused(
      SourceConfig.Type type, List<String> topics, List<String> paths, String problem) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new StreamConfig(
                    type,
                    kafka(topics, StartPosition.Kind.EARLIEST),
                    new SourceConfig.Files(paths, ""),
                    Duration.ZERO))
        .withMessage(problem);
  }

  private static SourceConfig.Kafka kafka(List<String> topics, StartPosition.Kind start) {
    return new SourceConfig.Kafka(
        "localhost:9092",
        topics,
        "candlestream",
        new StartPosition(start, null),
        new StopPosition(StopPosition.Kind.NEVER, null),
        new KafkaProperties(Map.of()));
  }
}
