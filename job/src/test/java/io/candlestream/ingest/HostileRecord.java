package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Event;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A record that tries to break the reading of its stream, with the verdict that the rules demand:
 * at the clock {@link #NOW}, and with the default limits.
 *
 * @param name says what is special about it; unique in its stream
 * @param raw the record's value; empty also stands for a null value
 * @param reasons all for which it is rejected, in their order; none if it is accepted
 */
public record HostileRecord(String name, byte[] raw, List<RejectReason> reasons) {

  /** The clock that these records are judged at, and the timestamp of their Kafka records. */
  public static final Instant NOW = HostileTicks.NOW;

  public boolean isAccepted() {
    return reasons.isEmpty();
  }

  /** By a decoder of its stream. */
  void assertJudged(RecordDecoder<?> decoder, Origin origin, Input input) {
    Verdict<?> verdict = decoder.decode(raw.clone(), origin, NOW.toEpochMilli());
    assertThat(verdict.origin()).isEqualTo(origin);
    if (isAccepted()) {
      assertThat(verdict.rejected()).isEmpty();
      assertThat(verdict.accepted()).as("accepted").hasSize(1);
      Event accepted = verdict.accepted().get(0);
      assertThat(accepted.raw()).isEqualTo(raw);
      assertThat(accepted.origin()).isEqualTo(origin);
      assertThat(accepted.input()).isEqualTo(input);
    } else {
      assertThat(verdict.accepted()).isEmpty();
      assertThat(verdict.rejected()).as("rejections").hasSize(1);
      Reject rejected = verdict.rejected().get(0);
      assertThat(rejected.reasons()).isEqualTo(reasons);
      assertThat(rejected.raw()).isEqualTo(raw);
      assertThat(rejected.origin()).isEqualTo(origin);
      assertThat(rejected.input()).isEqualTo(input);
    }
  }

  /** That records of a stream have every reason but {@code LATE}, and have names of their own. */
  static void assertEveryReason(List<HostileRecord> corpus, Input input) {
    assertThat(corpus).extracting(HostileRecord::name).doesNotHaveDuplicates();
    Set<RejectReason> expected =
        Arrays.stream(RejectReason.values())
            .filter(reason -> reason.isOf(input) && reason != RejectReason.LATE)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(RejectReason.class)));
    assertThat(
            corpus.stream()
                .flatMap(hostile -> hostile.reasons().stream())
                .collect(Collectors.toSet()))
        .isEqualTo(expected);
    // Each also alone, so that no other reason stands in for it.
    assertThat(
            corpus.stream()
                .filter(hostile -> hostile.reasons().size() == 1)
                .map(hostile -> hostile.reasons().get(0))
                .collect(Collectors.toSet()))
        .isEqualTo(expected);
  }

  @Override
  public String toString() {
    return name;
  }
}
