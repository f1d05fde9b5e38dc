package io.candlestream.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server of this machine on which things can go wrong. */
final class Proxy {

  private final int server;
  private final ServerSocket door;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private boolean holdsRequests;
  private boolean holdsAnswers;
  private volatile Duration delay = Duration.ZERO;
  private volatile String doomed = "";
  private final AtomicInteger answersToLose = new AtomicInteger();
  private final AtomicInteger callers = new AtomicInteger();

  private Proxy(int server) throws IOException {
    this.server = server;
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread(this::accept);
  }

  static Proxy to(int port) throws IOException {
    return new Proxy(port);
  }

  int port() {
    return door.getLocalPort();
  }

  /** From now on nothing passes, either way, and no connection ends. */
  void hold() {
    synchronized (gate) {
      holdsRequests = true;
      holdsAnswers = true;
    }
  }

  /** From now on requests pass, and what is asked for is done, but no answer comes back. */
  void holdAnswers() {
    synchronized (gate) {
      holdsAnswers = true;
    }
  }

  void release() {
    synchronized (gate) {
      holdsRequests = false;
      holdsAnswers = false;
      gate.notifyAll();
    }
  }

  /** From now on every piece of data, either way, waits so long. */
  void slowDown(Duration each) {
    delay = each;
  }

  /**
   * The next so many times that a request holds a text, it passes, but the connection ends before
   * the answer does.
   */
  void loseAnswersTo(String request, int times) {
    doomed = request;
    answersToLose.set(times);
  }

  /** How many answers are still to be lost. */
  int answersToLose() {
    return answersToLose.get();
  }

  /** How many connections there have been. */
  int callers() {
    return callers.get();
  }

  private void accept() {
    while (true) {
      Socket caller;
      try {
        caller = door.accept();
        callers.incrementAndGet();
      } catch (IOException closed) {
        return;
      }
      try {
        Socket called = new Socket(InetAddress.getLoopbackAddress(), server);
        Connection connection = new Connection(caller, called);
        thread(() -> connection.pump(caller, called, true));
        thread(() -> connection.pump(called, caller, false));
      } catch (IOException serverIsAway) {
        hangUp(caller);
      }
    }
  }

  private static void hangUp(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a connection does not end", e);
    }
  }

  private final class Connection {

    private final Socket caller;
    private final Socket called;
    private volatile boolean isDoomed;

    Connection(Socket caller, Socket called) {
      this.caller = caller;
      this.called = called;
      open.add(caller);
      open.add(called);
    }

    private void pump(Socket from, Socket to, boolean isRequest) {
      byte[] piece = new byte[64 << 10];
      try (InputStream in = from.getInputStream();
          OutputStream out = to.getOutputStream()) {
        for (int size = in.read(piece); size >= 0; size = in.read(piece)) {
          pass(isRequest);
          if (!isRequest && isDoomed) {
            break;
          }
          if (isRequest && answersToLose.get() > 0 && holds(piece, size)) {
            isDoomed = answersToLose.getAndDecrement() > 0;
          }
          out.write(piece, 0, size);
          out.flush();
        }
        end();
      } catch (IOException ended) {
        // Either side may end the connection at any time.
        end();
      }
    }

    private void end() {
      hangUp(caller);
      hangUp(called);
      open.remove(caller);
      open.remove(called);
    }
  }

  private boolean holds(byte[] piece, int size) {
    return new String(piece, 0, size, ISO_8859_1).contains(doomed);
  }

  private void pass(boolean isRequest) {
    try {
      Thread.sleep(delay.toMillis());
      synchronized (gate) {
        while (isRequest ? holdsRequests : holdsAnswers) {
          gate.wait();
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a proxy", e);
    }
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  void close() throws IOException {
    door.close();
    for (Socket socket : open) {
      socket.close();
    }
    release();
  }
}
