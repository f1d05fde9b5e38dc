package io.candlestream.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.IntFunction;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads one YAML document to a tree in which every scalar is its text, as written: what a value
 * means is its key's to say, so that no digit of a decimal is lost and a password such as 0123
 * stays what it is.
 */
final class Yaml {

  private static final YAMLFactory FACTORY = new YAMLFactory();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final IntFunction<String> place;
  private final List<String> problems;
  private final YAMLParser parser;

  private Yaml(IntFunction<String> place, List<String> problems, YAMLParser parser) {
    this.place = place;
    this.problems = problems;
    this.parser = parser;
  }

  /**
   * The tree of {@code text}; null in it stands for an empty value. What is wrong is added to
   * {@code problems}, behind what {@code place} calls its line; a missing node stands in its place,
   * or for the whole text where that is not YAML at all.
   */
  static JsonNode read(String text, IntFunction<String> place, List<String> problems) {
    try (YAMLParser parser = FACTORY.createParser(text)) {
      Yaml yaml = new Yaml(place, problems, parser);
      JsonToken first = parser.nextToken();
      JsonNode root = first == null ? NullNode.instance : yaml.node(first);
      if (parser.nextToken() != null) {
        yaml.problem("a second document begins; keep one");
      }
      return root;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      problems.add(place.apply(line) + ": " + reason(e));
      return MissingNode.getInstance();
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory cannot fail", e);
    }
  }

  private JsonNode node(JsonToken token) throws IOException {
    if (parser.isCurrentAlias() || parser.getObjectId() != null || parser.getTypeId() != null) {
      problem(
          "a value that begins with * & or ! needs quotes (aliases, anchors and tags are not"
              + " supported)");
      parser.skipChildren();
      return MissingNode.getInstance();
    }
    return switch (token) {
      case START_OBJECT -> mapping();
      case START_ARRAY -> sequence();
      case VALUE_NULL -> NullNode.instance;
      default -> TextNode.valueOf(parser.getText());
    };
  }

  private ObjectNode mapping() throws IOException {
    ObjectNode mapping = NODES.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (mapping.has(key)) {
        problem("the key " + key + " is given twice; keep one");
      }
      JsonNode value = node(parser.nextToken());
      int colon = key.indexOf(':');
      if (value.isNull() && colon > 0) {
        // {password:xyz} is one long key to YAML. The rest of it is not shown: it may be a secret.
        problem("the key " + key.substring(0, colon) + " needs a space after its colon");
      } else {
        mapping.set(key, value);
      }
    }
    return mapping;
  }

  private ArrayNode sequence() throws IOException {
    ArrayNode sequence = NODES.arrayNode();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      sequence.add(node(token));
    }
    return sequence;
  }

  private void problem(String problem) {
    problems.add(place.apply(parser.currentTokenLocation().getLineNr()) + ": " + problem);
  }

  /** What the YAML reader says, without the piece of text it quotes: that may be a secret. */
  private static String reason(JsonProcessingException e) {
    return "malformed YAML: "
        + (e.getCause() instanceof MarkedYAMLException marked
            ? marked.getProblem().replaceFirst("(undefined tag handle).*", "$1")
            : "check quotes, brackets and special characters");
  }
}
