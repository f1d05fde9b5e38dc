package io.candlestream;

import io.candlestream.config.Timeframe;
import io.candlestream.indicator.CandleRow;
import org.apache.flink.api.connector.sink2.Sink;

/** Where candles and their indicators go. */
public interface CandleSinks {

  Sink<CandleRow> marketData();

  Sink<CandleRow> indicators(Timeframe timeframe);
}
