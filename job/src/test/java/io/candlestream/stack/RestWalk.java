package io.candlestream.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Everything that a Flink's REST endpoint and web UI answer to somebody who only looks. */
public final class RestWalk {

  private static final List<String> ROOTS =
      List.of(
          "/",
          "/config",
          "/overview",
          "/datasets",
          "/jars",
          "/jobs",
          "/jobs/overview",
          "/jobs/metrics",
          "/jobmanager/config",
          "/jobmanager/environment",
          "/jobmanager/log",
          "/jobmanager/logs",
          "/jobmanager/metrics",
          "/jobmanager/stdout",
          "/jobmanager/thread-dump",
          "/taskmanagers",
          "/taskmanagers/metrics");

  private static final List<String> OF_A_JOB =
      List.of(
          "",
          "/accumulators",
          "/checkpoints",
          "/checkpoints/config",
          "/config",
          "/exceptions",
          "/jobmanager/config",
          "/jobmanager/environment",
          "/jobmanager/log-url",
          "/metrics",
          "/plan",
          "/resource-requirements",
          "/status");

  private static final List<String> OF_A_VERTEX =
      List.of(
          "",
          "/accumulators",
          "/backpressure",
          "/jm-operator-metrics",
          "/metrics",
          "/subtasks/accumulators",
          "/subtasks/metrics",
          "/subtasks/0",
          "/subtasks/0/metrics",
          "/subtasktimes",
          "/taskmanagers",
          "/watermarks");

  private static final List<String> OF_A_TASK_MANAGER =
      List.of("", "/log", "/logs", "/metrics", "/stdout", "/thread-dump");

  private static final Pattern FILE_OF_THE_UI =
      Pattern.compile("(?:src|href)=\"([^\"/:]+\\.(?:js|css|ico))\"");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final String endpoint;
  private final Map<String, String> answers = new LinkedHashMap<>();
  private final Deque<String> paths = new ArrayDeque<>(ROOTS);

  private RestWalk(String endpoint) {
    this.endpoint = endpoint;
  }

  /** The answer to each path, errors included. */
  public static Map<String, String> of(String endpoint) throws IOException, InterruptedException {
    RestWalk walk = new RestWalk(endpoint);
    while (!walk.paths.isEmpty()) {
      walk.visit(walk.paths.remove());
    }
    return walk.answers;
  }

  private void visit(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(endpoint + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    answers.put(path, answer.headers().map() + "\n" + answer.body());
    switch (path) {
      case "/" -> {
        Matcher files = FILE_OF_THE_UI.matcher(answer.body());
        while (files.find()) {
          paths.add("/" + files.group(1));
        }
      }
      case "/jobs" ->
          json.readTree(answer.body())
              .findValuesAsText("id")
              .forEach(id -> OF_A_JOB.forEach(below -> paths.add("/jobs/" + id + below)));
      case "/taskmanagers" ->
          json.readTree(answer.body())
              .findValuesAsText("id")
              .forEach(
                  id ->
                      OF_A_TASK_MANAGER.forEach(below -> paths.add("/taskmanagers/" + id + below)));
      default -> follow(path, answer.body());
    }
  }

  private void follow(String path, String body) throws IOException {
    if (path.matches("/jobs/[0-9a-f]{32}")) {
      for (JsonNode vertex : json.readTree(body).path("vertices")) {
        OF_A_VERTEX.forEach(
            below -> paths.add(path + "/vertices/" + vertex.get("id").asText() + below));
      }
    } else if (path.endsWith("/checkpoints")) {
      for (JsonNode checkpoint : json.readTree(body).path("history")) {
        paths.add(path + "/details/" + checkpoint.get("id").asText());
      }
    } else if (path.endsWith("/logs")) {
      for (JsonNode log : json.readTree(body).path("logs")) {
        paths.add(path + "/" + log.get("name").asText());
      }
    }
  }
}
