package io.candlestream.state;

/** Of a value that never changes, so that it need not be copied. */
abstract class CompactSerializer<T> extends StreamSerializer<T> {

  @Override
  public boolean isImmutableType() {
    return true;
  }

  /** State is always present or absent as a whole, so there is no empty instance to make. */
  @Override
  public T createInstance() {
    return null;
  }

  @Override
  public T copy(T from) {
    return from;
  }
}
