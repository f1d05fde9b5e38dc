package io.candlestream.cluster;

import io.candlestream.servers.Edition;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A stack for the tests of one class, and for each test that asks for it a run of its own, which is
 * fed from the beginning of the test to its end.
 */
final class Scene
    implements BeforeAllCallback, ParameterResolver, AfterEachCallback, AfterAllCallback {

  private static final int SYMBOLS = 20;
  private static final int FASTER_THAN_LIFE = 60;

  private final int ticksPerSecond;
  private final Map<String, String> flink;
  private Stack stack;
  private Run run;
  private long begunNanos;

  /**
   * @param flink laid over Flink's configuration
   */
  Scene(int ticksPerSecond, Map<String, String> flink) {
    this.ticksPerSecond = ticksPerSecond;
    this.flink = flink;
  }

  Stack stack() {
    return stack;
  }

  /** Notes that the run has come through. */
  void survived(String fault, String howOften) throws Exception {
    Faults.survived(fault, howOften, run, Duration.ofNanos(System.nanoTime() - begunNanos));
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    stack = Stack.start(Edition.POSTGRES, flink);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Run.class;
  }

  @Override
  public Run resolveParameter(ParameterContext parameter, ExtensionContext context) {
    begunNanos = System.nanoTime();
    try {
      run = Run.on(stack).feed(SYMBOLS, ticksPerSecond, FASTER_THAN_LIFE);
    } catch (Exception e) {
      throw new IllegalStateException("the run cannot begin", e);
    }
    return run;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    if (run != null) {
      run.close();
      run = null;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (stack != null) {
      stack.close();
    }
  }
}
