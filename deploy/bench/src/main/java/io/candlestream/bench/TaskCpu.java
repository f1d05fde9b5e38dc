package io.candlestream.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The processor time that threads of this process use, by their names, which for a task of Flink's
 * are those of its operators. A thread that ends takes its time along: so this looks now and then.
 */
final class TaskCpu {

  private record Used(String thread, long nanos) {}

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Map<Long, Used> used = new HashMap<>();

  void look() {
    long[] ids = threads.getAllThreadIds();
    long[] nanos = threads.getThreadCpuTime(ids);
    java.lang.management.ThreadInfo[] infos = threads.getThreadInfo(ids);
    for (int i = 0; i < ids.length; i++) {
      if (infos[i] != null && nanos[i] > 0) {
        used.put(ids[i], new Used(infos[i].getThreadName(), nanos[i]));
      }
    }
  }

  /** Of the threads whose names have one of some words in them; seconds. */
  double secondsOf(List<String> words) {
    Predicate<String> wanted = name -> words.stream().anyMatch(name::contains);
    return used.values().stream()
            .filter(thread -> wanted.test(thread.thread()))
            .mapToLong(Used::nanos)
            .sum()
        / 1e9;
  }
}
