package io.candlestream.state;

/** Of an object that its operator changes, so that each copy is one of its own. */
public abstract class MutableSerializer<T> extends StreamSerializer<T> {

  @Override
  public boolean isImmutableType() {
    return false;
  }
}
