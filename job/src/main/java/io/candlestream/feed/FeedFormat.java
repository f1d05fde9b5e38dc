package io.candlestream.feed;

/**
 * A way in which trades are written, such as the messages of one venue.
 *
 * <p>Formats are found by {@link java.util.ServiceLoader}: a class that implements this, has a
 * public constructor without parameters and is annotated with
 * {@code @AutoService(FeedFormat.class)} is known by its name, and needs no other change.
 */
public interface FeedFormat {

  /** What {@code source.format} calls it: lower case. */
  String name();

  /** A new reader, for the records of one file or one partition. */
  FeedReader reader(FeedSettings settings);
}
