package io.candlestream.portfolio;

import io.candlestream.market.Fill;
import io.candlestream.market.Instrument;
import io.candlestream.market.Intervals;
import io.candlestream.state.Types;
import java.time.Duration;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** The operator that keeps the portfolio, by itself, with candles of a minute, 5 s out of order. */
@SuppressWarnings("try") // Its close may throw whatever it likes, as Flink has it.
final class PortfolioHarness
    extends KeyedTwoInputStreamOperatorTestHarness<Instrument, Fill, Mark, PositionRow> {

  PortfolioHarness(Duration allowedLateness) throws Exception {
    super(
        KeepPortfolio.operator(
            Intervals.of(Duration.ofMinutes(1), Duration.ofSeconds(5), allowedLateness)),
        Fill::instrument,
        Mark::instrument,
        Types.of(Instrument.class));
  }
}
