package io.candlestream.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/**
 * A Flink cluster's REST interface, as far as it is documented and stays the same over versions.
 */
public final class FlinkRest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);
  private static final int NOT_FOUND = 404;

  /** While the cluster elects a leader: after the death of a JobManager, or of its ZooKeeper. */
  private static final int UNAVAILABLE = 503;

  private final URI address;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param address such as {@code http://localhost:8081}
   */
  public FlinkRest(URI address) {
    this.address = address;
  }

  /** The cluster gave an answer, and it was an error. */
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }

    /** Whether the cluster does not know what it was asked about. */
    public boolean isUnknown() {
      return status == NOT_FOUND;
    }
  }

  public URI address() {
    return address;
  }

  /**
   * @throws Refused if the cluster answers with an error; only after some time, if it has no leader
   * @throws IOException if it does not answer
   */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  /** As {@link #get}, with a body in JSON. */
  public JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
            .build());
  }

  /** As {@link #get}. */
  public JsonNode patch(String path) throws IOException, InterruptedException {
    return send(request(path).method("PATCH", HttpRequest.BodyPublishers.noBody()).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE);
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    HttpResponse<byte[]> answer = ask(request);
    while (answer.statusCode() == UNAVAILABLE && System.nanoTime() - end < 0) {
      Thread.sleep(BETWEEN_TRIES.toMillis());
      answer = ask(request);
    }
    JsonNode body = json.readTree(answer.body());
    if (answer.statusCode() >= 400) {
      throw new Refused(
          answer.statusCode(),
          "%s %s: %s"
              .formatted(
                  request.method(),
                  request.uri(),
                  body.path("errors")
                      .path(0)
                      .asText("no reason given")
                      .lines()
                      .findFirst()
                      .orElse("")));
    }
    return body;
  }

  private HttpResponse<byte[]> ask(HttpRequest request) throws IOException, InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new IOException("no Flink cluster answers at %s (%s)".formatted(address, e), e);
    }
  }
}
