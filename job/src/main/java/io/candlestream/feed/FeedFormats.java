package io.candlestream.feed;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** All formats there are. */
public final class FeedFormats {

  private static final Map<String, FeedFormat> BY_NAME = load();

  private FeedFormats() {}

  /**
   * @throws IllegalArgumentException naming the formats there are, if it is none of them
   */
  public static FeedFormat named(String name) {
    FeedFormat format = BY_NAME.get(name);
    if (format == null) {
      throw new IllegalArgumentException(
          "source.format: there is no format %s; there are %s"
              .formatted(name, String.join(", ", BY_NAME.keySet())));
    }
    return format;
  }

  private static Map<String, FeedFormat> load() {
    Map<String, FeedFormat> formats = new TreeMap<>();
    // The job's own classes: on a cluster, the thread's class loader may be another.
    for (FeedFormat format :
        ServiceLoader.load(FeedFormat.class, FeedFormat.class.getClassLoader())) {
      FeedFormat other = formats.put(format.name(), format);
      if (other != null) {
        throw new IllegalStateException(
            "two formats have the name %s: %s and %s"
                .formatted(format.name(), other.getClass().getName(), format.getClass().getName()));
      }
    }
    return formats;
  }
}
