package io.candlestream.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a database server that can be cut and mended, as if the server went and came back. */
final class Link implements AutoCloseable {

  private static final String JDBC = "jdbc:";

  private final URI server;
  private final ServerSocket door;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile boolean cut;

  private Link(URI server) throws IOException {
    this.server = server;
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    new Thread(this::accept, "link").start();
  }

  /**
   * @param url JDBC URL of the database
   */
  static Link to(String url) throws IOException {
    return new Link(URI.create(url.substring(JDBC.length())));
  }

  /** The database's JDBC URL by way of this link. */
  String url() {
    return "%s%s://127.0.0.1:%d%s%s"
        .formatted(
            JDBC,
            server.getScheme(),
            door.getLocalPort(),
            server.getRawPath(),
            server.getRawQuery() == null ? "" : "?" + server.getRawQuery());
  }

  /** Ends all connections, and hangs up on whoever calls. */
  void cut() throws IOException {
    cut = true;
    for (Socket socket : open) {
      socket.close();
    }
  }

  void mend() {
    cut = false;
  }

  /** How often somebody has called while the link was cut. */
  int callsRefused() {
    return refused.get();
  }

  private void accept() {
    while (true) {
      try {
        Socket caller = door.accept();
        if (cut) {
          caller.close();
          refused.incrementAndGet();
        } else {
          Socket called = new Socket(server.getHost(), server.getPort());
          pump(caller, called);
          pump(called, caller);
        }
      } catch (SocketException closed) {
        return;
      } catch (IOException e) {
        throw new IllegalStateException("the link is broken", e);
      }
    }
  }

  private void pump(Socket from, Socket to) {
    open.add(from);
    new Thread(
            () -> {
              try (InputStream in = from.getInputStream();
                  OutputStream out = to.getOutputStream()) {
                in.transferTo(out);
              } catch (IOException cutOrClosed) {
                // Either side may end the connection at any time, and so may the test.
              }
            },
            "link")
        .start();
  }

  @Override
  public void close() throws IOException {
    door.close();
    cut();
  }
}
