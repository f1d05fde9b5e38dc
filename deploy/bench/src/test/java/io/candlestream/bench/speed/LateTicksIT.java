package io.candlestream.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.candlestream.bench.BenchDatabase;
import io.candlestream.bench.SharedServer;
import io.candlestream.market.Instrument;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/** The whole measurement on a small market, and its check of what is stored. */
class LateTicksIT {

  @Test
  void lateTicksAreSeenAndCheckedInTheTable() throws Exception {
    LateTicks few = new LateTicks(20, 30, 200, 20, 5, 40);

    Finding finding = few.measure(SharedServer.community());

    assertThat(finding.median()).isPositive();
    assertThat(finding.detail()).contains("40 late ticks among 200 ticks/s of 20 instruments");
  }

  @Test
  void anIndicatorThatDoesNotFollowFromTheCandlesIsAnError() throws Exception {
    try (BenchDatabase database = BenchDatabase.create(SharedServer.community());
        Connection connection = database.connect()) {
      database.execute(
          """
          INSERT INTO market_data
            (symbol, source, "timestamp", open, high, low, close, volume, buy_volume, turnover, vwap, trades)
          SELECT 'BTC-USD', 'venue', minute, 10, 12, 9, 11, 1, 1, 11, 11, 3
          FROM generate_series('2024-08-08T12:00Z'::timestamptz, '2024-08-08T12:02Z', '1 minute') minute
          """);
      CandleRows rows = new CandleRows(connection);
      Instrument instrument = new Instrument("venue", "BTC-USD");
      assertThat(rows.checked(instrument)).hasSize(3);

      database.execute(
          "UPDATE market_data SET ema_9 = 11 WHERE \"timestamp\" = '2024-08-08T12:02Z'");

      assertThatThrownBy(() -> rows.checked(instrument))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is stored with");
    }
  }
}
