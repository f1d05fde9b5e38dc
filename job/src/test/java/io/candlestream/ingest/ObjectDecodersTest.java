package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.config.JobConfig;
import io.candlestream.config.ValidationConfig;
import io.candlestream.market.Event;
import io.candlestream.market.Fill;
import io.candlestream.market.Origin;
import io.candlestream.market.Sentiment;
import io.candlestream.state.Types;
import java.util.List;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class ObjectDecodersTest {

  private static final ValidationConfig VALIDATION =
      JobConfig.of(List.of("validation.max-ahead=0")).validation();
  private static final long NOW_MILLIS = HostileRecord.NOW.toEpochMilli();

  private static final Decoders<Fill> FILLS = ObjectDecoders.ofFills(VALIDATION);
  private static final Decoders<Sentiment> SENTIMENT = ObjectDecoders.ofSentiment(VALIDATION);

  @Test
  void partitionsAndFilesAreReadAlikeByADecoderEachWhereverTheJobRuns() throws Exception {
    for (Decoders<Fill> decoders : List.of(FILLS, InstantiationUtil.clone(FILLS))) {
      RecordDecoder<Fill> ofPartition = decoders.ofPartition();
      assertThat(decoders.ofPartition()).isNotSameAs(ofPartition);
      for (RecordDecoder<Fill> decoder :
          List.of(ofPartition, decoders.ofFile("a.json", ""), decoders.ofFile("a.zip", "b"))) {
        assertJudges(decoder, HostileFills.FAULTLESS);
      }
    }
    for (Decoders<Sentiment> decoders : List.of(SENTIMENT, InstantiationUtil.clone(SENTIMENT))) {
      assertJudges(decoders.ofPartition(), HostileSentiment.FAULTLESS);
      assertJudges(decoders.ofFile("a.json", ""), HostileSentiment.FAULTLESS);
    }
  }

  @Test
  void verdictsAreOfTheirEvents() {
    assertThat(FILLS.verdicts()).isEqualTo(Types.verdicts(Fill.class));
    assertThat(SENTIMENT.verdicts()).isEqualTo(Types.verdicts(Sentiment.class));
  }

  /** Nothing is stale, and the rules are those that are configured. */
  private static void assertJudges(RecordDecoder<? extends Event> decoder, JsonRecord record) {
    assertThat(decoder.remembers()).isFalse();
    assertThat(isAccepted(decoder, record)).isTrue();
    assertThat(isAccepted(decoder, record.with("timestamp", "0"))).isTrue();
    assertThat(isAccepted(decoder, record.with("timestamp", "1723161600000000"))).isTrue();
    assertThat(isAccepted(decoder, record.with("timestamp", "1723161600000001"))).isFalse();
  }

  private static boolean isAccepted(RecordDecoder<? extends Event> decoder, JsonRecord record) {
    return decoder.decode(record.bytes(), new Origin("some", 0, 0, 0, 0), NOW_MILLIS).hasAccepted();
  }
}
