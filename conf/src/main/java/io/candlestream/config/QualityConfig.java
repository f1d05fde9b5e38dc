package io.candlestream.config;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What counts as wrong with ticks that pass the rules, and with feeds.
 *
 * @param onAnomaly what becomes of a tick with a spike
 * @param priceSpike how prices are looked at
 * @param sizeSpike how sizes are looked at
 * @param sequential which venues number their trades one by one, in order of precedence
 * @param conflictingDuplicate whether copies of a trade are compared with it
 * @param silentAfter how long an instrument may be without a tick, in processing time; zero: as
 *     long as it likes
 */
public record QualityConfig(
    OnAnomaly onAnomaly,
    PriceSpike priceSpike,
    SizeSpike sizeSpike,
    List<SequentialFeed> sequential,
    boolean conflictingDuplicate,
    Duration silentAfter)
    implements Serializable {

  public QualityConfig {
    Objects.requireNonNull(onAnomaly);
    Objects.requireNonNull(priceSpike);
    Objects.requireNonNull(sizeSpike);
    sequential = List.copyOf(sequential);
    Scalars.notNegative(silentAfter);
  }

  /** The same for input that ends: who is silent there has no more to say. */
  public QualityConfig withoutSilence() {
    return new QualityConfig(
        onAnomaly, priceSpike, sizeSpike, sequential, conflictingDuplicate, Duration.ZERO);
  }

  /** Whether there is anything to look for in what passes drop-duplicates. */
  public boolean checksTicks() {
    return priceSpike.enabled()
        || sizeSpike.enabled()
        || !sequential.isEmpty()
        || !silentAfter.isZero();
  }

  /** What a venue numbers its trades by; empty where it does not. */
  public Optional<SequenceField> sequenceOf(String source) {
    return sequential.stream()
        .filter(feed -> feed.matches(source))
        .map(SequentialFeed::field)
        .findFirst();
  }

  /** What becomes of a tick that is an anomaly. */
  public enum OnAnomaly {
    /** It counts as any other. */
    FLAG,
    /** It goes to the rejected ticks. */
    REJECT
  }

  /** The field of a tick that counts trades. */
  public enum SequenceField {
    TRADE_ID,
    SEQUENCE
  }

  /**
   * What a value is compared with: the last ones.
   *
   * @param window how many of them, {@code level} to {@value #LONGEST}
   * @param level how many ticks make a level, {@value #LEAST_LEVEL} or more
   * @param maxAge how long they say something about the next, in event time; zero: for ever
   */
  public record Window(int window, int level, Duration maxAge) implements Serializable {

    public static final int LONGEST = 127;
    public static final int LEAST_LEVEL = 3;

    public Window {
      Scalars.within(LEAST_LEVEL, LONGEST, level);
      Scalars.within(level, LONGEST, window);
      Scalars.notNegative(maxAge);
    }
  }

  /**
   * @param enabled whether prices are looked at
   * @param window the prices that one is compared with
   * @param k how many standard deviations are too far, 0 to {@value #LARGEST_K}
   * @param floor the part of the median below which no change is too far, 0 to 1
   */
  public record PriceSpike(boolean enabled, Window window, double k, double floor)
      implements Serializable {

    static final int LARGEST_K = 1_000;

    public PriceSpike {
      Objects.requireNonNull(window);
      Scalars.within(0, LARGEST_K, k);
      Scalars.within(0, 1, floor);
    }
  }

  /**
   * @param enabled whether sizes are looked at
   * @param window the sizes that one is compared with
   * @param k how many standard deviations of the logarithm are too far, 0 to {@value
   *     PriceSpike#LARGEST_K}
   * @param factor the multiple of the median below which no size is too large; more than 1
   */
  public record SizeSpike(boolean enabled, Window window, double k, double factor)
      implements Serializable {

    public SizeSpike {
      Objects.requireNonNull(window);
      Scalars.within(0, PriceSpike.LARGEST_K, k);
      requireFactor(factor);
    }

    static double requireFactor(double factor) {
      if (!(factor > 1 && factor < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("must be more than 1");
      }
      return factor;
    }
  }

  /**
   * Venues whose trades rise by one, instrument by instrument.
   *
   * @param pattern a venue in which {@code *} stands for any characters, or none, and {@code ?} for
   *     one
   * @param field what rises
   */
  public record SequentialFeed(String pattern, SequenceField field) implements Serializable {

    private static final Pattern VENUE_PATTERN = Pattern.compile("[A-Za-z0-9_.*?-]{1,32}");

    public SequentialFeed {
      requirePattern(pattern);
      Objects.requireNonNull(field);
    }

    boolean matches(String source) {
      return Wildcards.match(pattern, source);
    }

    static String requirePattern(String pattern) {
      if (!VENUE_PATTERN.matcher(pattern).matches()) {
        throw new IllegalArgumentException(
            "must be a pattern of a venue: 1 to 32 of A-Z a-z 0-9 _ . - and the wildcards * ?");
      }
      return pattern;
    }
  }
}
