package io.candlestream.past;

import io.candlestream.indicator.Past;
import io.candlestream.market.Instrument;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Counter;

/** What is known of instruments from before the job had them. */
public interface PastCandles extends AutoCloseable {

  /**
   * So many candles leave nothing visible of what came before them: of what is not stored, the
   * averages of the MACD and the size of the RSI's changes, 400 steps leave less than 10⁻¹².
   */
  int ENOUGH = 400;

  /**
   * Asks for one instrument's past.
   *
   * @param beforeMicros the moment whose past it is; that of the answer may be an earlier one, if
   *     no candle starts between the two
   * @param untilMicros base candles from that moment to here are wanted one by one, exclusive
   */
  record Question(Instrument instrument, long beforeMicros, long untilMicros) {}

  /** Opens it where it is used. */
  interface Opener extends Serializable {

    /**
     * @param errors counts those of the database
     */
    PastCandles open(Counter errors);
  }

  /**
   * The pasts, each of every timeframe that is asked of this; an instrument of which nothing is
   * known is left out.
   *
   * @throws IOException if they cannot be read, even after all retries
   */
  Map<Instrument, Past> read(List<Question> questions) throws IOException, InterruptedException;

  @Override
  void close();
}
