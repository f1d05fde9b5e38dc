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

/** A stack for the tests of one class, and for each test that asks for it a run of its own. */
final class Scene
    implements BeforeAllCallback, ParameterResolver, AfterEachCallback, AfterAllCallback {

  private final Edition edition;
  private final Map<String, String> flink;
  private Stack stack;
  private Run run;
  private long begunNanos;

  /**
   * @param flink laid over Flink's configuration
   */
  Scene(Edition edition, Map<String, String> flink) {
    this.edition = edition;
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
    stack = Stack.start(edition, flink);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Run.class;
  }

  @Override
  public Run resolveParameter(ParameterContext parameter, ExtensionContext context) {
    begunNanos = System.nanoTime();
    try {
      run = Run.on(stack);
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
