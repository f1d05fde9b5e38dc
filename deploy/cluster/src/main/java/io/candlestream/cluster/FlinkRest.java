package io.candlestream.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/**
 * A Flink cluster's REST interface, as far as it is documented and stays the same over versions.
 *
 * <p>A cluster that has answered before, and does not now, may be changing its JobManager: it is
 * asked again for a while, so nothing may be asked here that it would matter to ask twice.
 */
public final class FlinkRest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration CHANGE_OF_LEADER = Duration.ofMinutes(1);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);
  private static final int FIRST_ERROR = 400;
  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 503;

  private final URI address;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ObjectMapper json = new ObjectMapper();
  private boolean hasAnswered;

  /**
   * @param address such as {@code http://localhost:8081}
   */
  public FlinkRest(URI address) {
    this.address = address;
  }

  /** Nobody answers, or nobody who could. */
  public static final class Silent extends IOException {
    private static final long serialVersionUID = 1;

    Silent(URI address, String reason, IOException cause) {
      super(
          "no Flink cluster answers at %s (%s); start it, or correct the address"
              .formatted(address, reason),
          cause);
    }
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
   * @throws Refused if the cluster answers with an error
   * @throws Silent if it does not answer
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
    long end = System.nanoTime() + CHANGE_OF_LEADER.toNanos();
    while (true) {
      try {
        JsonNode answer = sendOnce(request);
        hasAnswered = true;
        return answer;
      } catch (Silent notNow) {
        if (!hasAnswered || System.nanoTime() - end > 0) {
          throw notNow;
        }
        Thread.sleep(BETWEEN_TRIES.toMillis());
      }
    }
  }

  private JsonNode sendOnce(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer;
    try {
      answer = http.send(request, BodyHandlers.ofByteArray());
    } catch (ConnectException e) {
      throw new Silent(address, "nothing listens there", e);
    } catch (IOException e) {
      throw new Silent(address, e.toString(), e);
    }
    if (answer.statusCode() == UNAVAILABLE) {
      throw new Silent(address, "it has no JobManager that leads", null);
    }
    JsonNode body;
    try {
      body = json.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw new Silent(address, "what answers speaks no JSON", e);
    }
    if (answer.statusCode() >= FIRST_ERROR) {
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
}
