package io.candlestream.local;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** What a program said, and its exit code. */
record Output(int exitCode, String out, String err) {

  /** A program's main logic, as {@link RunLocal#run} and {@link Demo#run}. */
  interface MainLogic {
    int run(PrintWriter out, PrintWriter err, Map<String, String> environment, String... args);
  }

  static Output of(MainLogic program, String... args) {
    return of(program, Map.of(), args);
  }

  static Output of(MainLogic program, Map<String, String> environment, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        program.run(new PrintWriter(out, true), new PrintWriter(err, true), environment, args);
    return new Output(exitCode, out.toString(), err.toString());
  }
}
