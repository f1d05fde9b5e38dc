package io.candlestream.bench.speed;

import java.lang.management.ManagementFactory;

/** Processor time. */
final class Cpu {

  /** Some work. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  private Cpu() {}

  /** What this thread uses for some work, in nanoseconds. */
  static double nanosOf(Work work) throws Exception {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    work.run();
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
  }
}
