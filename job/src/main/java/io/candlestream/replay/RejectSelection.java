package io.candlestream.replay;

import io.candlestream.market.Input;
import io.candlestream.market.Reject;
import io.candlestream.market.RejectReason;
import io.candlestream.options.Instruments;
import io.candlestream.options.Moment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which rejects are to be replayed, as the options of a command line say. */
public final class RejectSelection {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The job's configuration, with any of the keys of conf/job.yaml.")
  private Path config;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      converter = ReasonOfTicks.class,
      completionCandidates = ReasonOfTicks.class,
      description =
          "Only rejects with this reason: ${COMPLETION-CANDIDATES}. Repeatable (default: all).")
  private List<RejectReason> reasons = List.of();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      converter = Moment.class,
      description =
          "Only trades of this time and later: ISO-8601 with zone, such as 2024-08-01T00:00:00Z."
              + " Where a record's own time cannot be read, that at which it was produced counts.")
  private Instant from;

  @Option(
      names = "--to",
      paramLabel = "TIME",
      converter = Moment.class,
      description = "Only trades before this time.")
  private Instant to;

  @Mixin private Instruments instruments;

  /** The configuration's file. */
  public Path config() {
    return config;
  }

  /** Whether the times leave anything to select. */
  public boolean isPossible() {
    return from == null || to == null || from.isBefore(to);
  }

  List<RejectReason> reasons() {
    return reasons;
  }

  Optional<Instant> from() {
    return Optional.ofNullable(from);
  }

  Optional<Instant> to() {
    return Optional.ofNullable(to);
  }

  boolean includes(Reject tick) {
    return instruments.include(tick.source(), tick.symbol());
  }

  /** Reads a reason for which ticks can be rejected: rejects of other streams are not replayed. */
  private static final class ReasonOfTicks
      implements ITypeConverter<RejectReason>, Iterable<String> {

    private static final List<String> NAMES =
        Stream.of(RejectReason.values())
            .filter(reason -> reason.isOf(Input.TICKS))
            .map(RejectReason::name)
            .toList();

    @Override
    public RejectReason convert(String text) {
      if (!NAMES.contains(text)) {
        throw new TypeConversionException(
            "'%s' is none of %s".formatted(text, String.join(", ", NAMES)));
      }
      return RejectReason.valueOf(text);
    }

    @Override
    public Iterator<String> iterator() {
      return NAMES.iterator();
    }
  }
}
