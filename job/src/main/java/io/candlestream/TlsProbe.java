package io.candlestream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.utils.Utils;

/** Finds out whether a server speaks TLS: says hello, and looks at the first byte of the answer. */
final class TlsProbe {

  /** The content types of the records with which a server can answer: RFC 8446, section 5.1. */
  private static final int ALERT = 21;

  private static final int HANDSHAKE = 22;

  /** What a server speaks. */
  enum Answer {
    TLS,
    /** It took the hello for something else. */
    OTHER,
    /** No server was there, or none answered in time. */
    NONE
  }

  private TlsProbe() {}

  /**
   * Asks the first server that answers.
   *
   * @param servers {@code host:port}, several with commas between
   * @param patience for each of them
   */
  static Answer ask(String servers, Duration patience) {
    for (String server : servers.split(",")) {
      String address = server.strip();
      Answer answer =
          ask(new InetSocketAddress(Utils.getHost(address), Utils.getPort(address)), patience);
      if (answer != Answer.NONE) {
        return answer;
      }
    }
    return Answer.NONE;
  }

  private static Answer ask(InetSocketAddress address, Duration patience) {
    int millis = (int) patience.toMillis();
    try (Socket socket = new Socket()) {
      socket.connect(address, millis);
      socket.setSoTimeout(millis);
      socket.getOutputStream().write(hello());
      int first = socket.getInputStream().read();
      return first == HANDSHAKE || first == ALERT ? Answer.TLS : Answer.OTHER;
    } catch (IOException e) {
      // Only asked where Kafka's client has failed already, and has the better words for it.
      return Answer.NONE;
    }
  }

  private static byte[] hello() throws SSLException {
    SSLEngine engine;
    try {
      engine = SSLContext.getDefault().createSSLEngine();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this virtual machine has no TLS", e);
    }
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.flip().remaining()];
    hello.get(bytes);
    return bytes;
  }
}
