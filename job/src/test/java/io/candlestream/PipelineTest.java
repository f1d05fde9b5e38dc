package io.candlestream;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class PipelineTest {

  private static final List<String> ALL_OFF =
      List.of("quality.price-spike.enabled=false", "quality.conflicting-duplicate=false");

  @Test
  void qualityHasAStationAndATable() {
    assertThat(operators(List.of()))
        .contains("check-quality")
        .anyMatch(name -> name.startsWith("data_quality_events"));
  }

  @Test
  void ofQualityThatIsOffNothingIsThere() {
    assertThat(operators(ALL_OFF))
        .contains("build-candles")
        .doesNotContain("check-quality")
        .noneMatch(name -> name.startsWith("data_quality_events"));
  }

  @Test
  void conflictsAloneNeedNoStation() {
    assertThat(operators(List.of("quality.price-spike.enabled=false")))
        .doesNotContain("check-quality")
        .anyMatch(name -> name.startsWith("data_quality_events"));
  }

  @Test
  void onInputThatEndsSilenceAloneNeedsNoStation() {
    List<String> silence = new ArrayList<>(ALL_OFF);
    silence.add("quality.silent-after=1m");
    assertThat(operators(silence)).contains("check-quality");
    silence.add("source.kafka.stop=latest");
    assertThat(operators(silence)).doesNotContain("check-quality");
  }

  @Test
  void withoutTopicsOrFilesNothingOfFillsOrSentimentIsThere() {
    assertThat(operators(List.of()))
        .contains("Source: read-ticks", "compute-indicators")
        .noneMatch(PipelineTest::isBeside);
    assertThat(operators(List.of("fills.kafka.topics=[fills]")))
        .filteredOn(PipelineTest::isBeside)
        .map(name -> name.replaceFirst(": (Writer|Committer)$", ""))
        .containsExactlyInAnyOrder(
            "Source: read-fills",
            "accept-fills",
            "take-marks",
            "keep-portfolio",
            "trade_history",
            "portfolio_positions",
            "portfolio_snapshots");
    assertThat(operators(List.of("sentiment.kafka.topics=[items]")))
        .filteredOn(PipelineTest::isBeside)
        .map(name -> name.replaceFirst(": (Writer|Committer)$", ""))
        .containsExactlyInAnyOrder(
            "Source: read-sentiment",
            "accept-sentiment",
            "drop-duplicate-sentiment",
            "sentiment_data");
  }

  /** Whether an operator is of a stream beside the ticks. */
  private static boolean isBeside(String operator) {
    return operator.matches(".*(fills|portfolio|marks|trade_history|sentiment).*");
  }

  private static List<String> operators(List<String> settings) {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    Pipeline.define(env, JobConfig.of(settings));
    StreamGraph graph = env.getStreamGraph();
    return graph.getStreamNodes().stream().map(StreamNode::getOperatorName).toList();
  }
}
