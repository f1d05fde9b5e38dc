package io.candlestream.ingest;

import io.candlestream.market.Event;
import java.io.Serializable;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Makes the decoders of a stream's records, one for each partition or file. */
public interface Decoders<T extends Event> extends Serializable {

  RecordDecoder<T> ofPartition();

  /**
   * @param path of the file
   * @param part the name of a file in it, if it is an archive; or empty
   */
  RecordDecoder<T> ofFile(String path, String part);

  /** The type of what they make of records. */
  TypeInformation<Verdict<T>> verdicts();
}
