package io.candlestream.state;

import static java.util.stream.Collectors.toUnmodifiableMap;

import io.candlestream.config.Timeframe;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.util.OutputTag;

/** Side outputs, one for each timeframe. */
public final class TimeframeOutputs {

  private TimeframeOutputs() {}

  /** Of elements of a type; to be made once, for it is looked at closely. */
  public static <T> Map<Timeframe, OutputTag<T>> of(Class<T> type) {
    return Stream.of(Timeframe.values())
        .collect(
            toUnmodifiableMap(
                timeframe -> timeframe,
                timeframe -> new OutputTag<>(timeframe.word(), Types.of(type))));
  }
}
