package io.candlestream.ingest;

import io.candlestream.market.RejectReason;
import java.util.ArrayList;
import java.util.List;

/** Everything that speaks against an event. */
final class Reasons {

  private final List<RejectReason> found = new ArrayList<>();

  void addUnless(boolean valid, RejectReason reason) {
    if (!valid) {
      found.add(reason);
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  List<RejectReason> list() {
    return found;
  }
}
