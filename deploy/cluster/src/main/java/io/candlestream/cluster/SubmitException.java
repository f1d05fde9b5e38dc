package io.candlestream.cluster;

/** A job that is not on the cluster, or not as it should be; the message says why. */
final class SubmitException extends RuntimeException {

  private static final long serialVersionUID = 1;

  SubmitException(String message) {
    super(message);
  }
}
