package io.candlestream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Fill;
import io.candlestream.market.Input;
import io.candlestream.market.Origin;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.market.Sentiment;
import io.candlestream.market.SomeFill;
import io.candlestream.state.Subtask;
import io.candlestream.state.Subtask.Snapshot;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptRecordsTest {

  private static final SomeFill FILL = SomeFill.of("ACME");

  @Test
  void acceptedEventsGoOnAndRejectedOnesAside() throws Exception {
    try (Subtask<Verdict<Fill>, Fill> accept = fills(null)) {
      Fill first = FILL.id(1).fill();
      Reject second = rejected(Input.FILLS, RejectReason.INVALID_FEE);
      Fill third = FILL.id(3).offset(2).fill();
      accept.take(Verdict.accept(first));
      accept.take(Verdict.reject(second));
      accept.take(Verdict.accept(third));
      assertThat(accept.output()).containsExactly(first, third);
      assertThat(accept.output(AcceptRecords.REJECTED))
          .usingRecursiveFieldByFieldElementComparator()
          .containsExactly(second);
    }
  }

  @Test
  void nothingThatIsAcceptedIsHeldBackWhereverReadingBegan() throws Exception {
    try (Subtask<Verdict<Fill>, Fill> accept = fills(null)) {
      Fill inTheMiddle = FILL.offset(42).fill();
      accept.take(Verdict.accept(inTheMiddle));
      assertThat(accept.output()).containsExactly(inTheMiddle);
    }
  }

  @Test
  void ofARecordWithSeveralEventsEachGoesItsWayAndARecordWithoutAnyIsNothing() throws Exception {
    try (Subtask<Verdict<Fill>, Fill> accept = fills(null)) {
      Fill first = FILL.id(1).fill();
      Fill second = FILL.id(2).fill();
      Reject bad = rejected(Input.FILLS, RejectReason.INVALID_SIZE);
      accept.take(new Verdict<>(first.origin(), List.of(first, second), List.of(bad, bad)));
      accept.take(Verdict.withoutEvents(first.origin()));
      assertThat(accept.output()).containsExactly(first, second);
      assertThat(accept.output(AcceptRecords.REJECTED)).hasSize(2);
      assertThat(accept.metric("fillsRejected")).isEqualTo(2);
    }
  }

  @Test
  void rejectedEventsAreCountedOnceInAllAndOnceForEachReason() throws Exception {
    try (Subtask<Verdict<Fill>, Fill> accept = fills(null)) {
      accept.take(Verdict.reject(rejected(Input.FILLS, RejectReason.MALFORMED)));
      accept.take(
          Verdict.reject(
              rejected(Input.FILLS, RejectReason.INVALID_PRICE, RejectReason.INVALID_ACCOUNT)));
      accept.take(Verdict.reject(rejected(Input.FILLS, RejectReason.INVALID_ACCOUNT)));
      assertThat(accept.metric("fillsRejected")).isEqualTo(3);
      assertThat(accept.metric("reason.MALFORMED.fillsRejected")).isEqualTo(1);
      assertThat(accept.metric("reason.INVALID_PRICE.fillsRejected")).isEqualTo(1);
      assertThat(accept.metric("reason.INVALID_ACCOUNT.fillsRejected")).isEqualTo(2);
      assertThat(accept.metric("reason.INVALID_FEE.fillsRejected")).isZero();
    }
  }

  @Test
  void everyReasonOfAStreamButLateHasItsCounter() throws Exception {
    try (Subtask<Verdict<Fill>, Fill> accept = fills(null)) {
      for (RejectReason reason : reasonsOf(Input.FILLS)) {
        accept.take(Verdict.reject(rejected(Input.FILLS, reason)));
        assertThat(accept.metric("reason." + reason + ".fillsRejected")).isEqualTo(1);
      }
      assertThat(accept.metric("fillsRejected")).isEqualTo(reasonsOf(Input.FILLS).size());
    }
    try (Subtask<Verdict<Sentiment>, Sentiment> accept =
        Subtask.of(new AcceptRecords<Sentiment>(Input.SENTIMENT), 1, 0, null)) {
      for (RejectReason reason : reasonsOf(Input.SENTIMENT)) {
        accept.take(Verdict.reject(rejected(Input.SENTIMENT, reason)));
        assertThat(accept.metric("reason." + reason + ".sentimentRejected")).isEqualTo(1);
      }
      assertThat(accept.metric("sentimentRejected")).isEqualTo(reasonsOf(Input.SENTIMENT).size());
    }
  }

  @Test
  void countsGoOnOverARestart() throws Exception {
    Snapshot snapshot;
    try (Subtask<Verdict<Fill>, Fill> accept = fills(null)) {
      accept.take(Verdict.reject(rejected(Input.FILLS, RejectReason.FUTURE)));
      snapshot = Snapshot.of(accept);
    }
    try (Subtask<Verdict<Fill>, Fill> accept = fills(snapshot)) {
      accept.take(Verdict.reject(rejected(Input.FILLS, RejectReason.FUTURE)));
      assertThat(accept.metric("fillsRejected")).isEqualTo(2);
      assertThat(accept.metric("reason.FUTURE.fillsRejected")).isEqualTo(2);
    }
  }

  private static List<RejectReason> reasonsOf(Input input) {
    return Arrays.stream(RejectReason.values())
        .filter(reason -> reason.isOf(input) && reason != RejectReason.LATE)
        .toList();
  }

  private static Subtask<Verdict<Fill>, Fill> fills(Snapshot snapshot) throws Exception {
    return Subtask.of(new AcceptRecords<Fill>(Input.FILLS), 1, 0, snapshot);
  }

  private static Reject rejected(Input input, RejectReason... reasons) {
    return new Reject(
        input,
        new Origin(input.word(), 0, 1, 0, 0),
        new byte[] {'?'},
        List.of(reasons),
        null,
        null,
        null);
  }
}
