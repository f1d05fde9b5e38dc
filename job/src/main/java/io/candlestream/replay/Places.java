package io.candlestream.replay;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.BitSet;
import org.apache.flink.api.common.accumulators.Accumulator;

/**
 * An accumulator of places in a list, from 0: a set of them, a bit each. Flink sends it along with
 * heartbeats, from a thread of its own.
 */
final class Places implements Accumulator<Integer, BitSet> {

  private BitSet places = new BitSet();

  @Override
  public synchronized void add(Integer place) {
    places.set(place);
  }

  @Override
  public synchronized BitSet getLocalValue() {
    return places;
  }

  @Override
  public synchronized void resetLocal() {
    places = new BitSet();
  }

  @Override
  public synchronized void merge(Accumulator<Integer, BitSet> other) {
    places.or(other.getLocalValue());
  }

  @Override
  public synchronized Accumulator<Integer, BitSet> clone() {
    Places copy = new Places();
    copy.places = (BitSet) places.clone();
    return copy;
  }

  private synchronized void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
  }
}
