package io.candlestream.state;

import static java.util.stream.Collectors.joining;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.util.LinkedOptionalMapSerializer;

/**
 * What a savepoint says about the job that wrote it: which operators it had, which states these
 * had, and how each is serialized. So it can be said by name what stands in the way of restoring
 * it; Flink itself names an operator by a hash, a state not at all, and passes over a state that
 * nobody asks for.
 */
public final class SavepointStates {

  private static final String KEY = "its key";

  /**
   * @param kind whether it is of a key or of a subtask, and what it is: a value, a map, a timer …
   * @param serializers of its parts, such as a map's keys and values
   */
  private record State(String kind, Map<String, TypeSerializerSnapshot<?>> serializers) {

    static State of(StateMetaInfoSnapshot meta) {
      String options =
          new TreeMap<>(meta.getOptionsImmutable())
              .values().stream().map(option -> " " + option).collect(joining());
      Map<String, TypeSerializerSnapshot<?>> serializers = new TreeMap<>();
      meta.getSerializerSnapshotsImmutable()
          .forEach(
              (part, snapshot) ->
                  serializers.put(
                      part.replaceFirst("_SERIALIZER$", "").toLowerCase(Locale.ROOT), snapshot));
      return new State(meta.getBackendStateType() + options, serializers);
    }

    String type() {
      return serializers.entrySet().stream()
          .filter(part -> !part.getKey().equals("namespace"))
          .map(part -> typeOf(part.getValue()))
          .collect(joining(" to "));
    }
  }

  /**
   * @param unreadable why its states are not known; null if they are
   */
  private record Operator(int maxParallelism, Map<String, State> states, String unreadable) {}

  private final Map<String, Operator> operators = new TreeMap<>();

  private SavepointStates() {}

  /**
   * @param savepoint the directory
   */
  public static SavepointStates of(Path savepoint) throws IOException {
    SavepointStates states = new SavepointStates();
    try (DataInputStream metadata =
        new DataInputStream(Files.newInputStream(savepoint.resolve("_metadata")))) {
      Checkpoints.loadCheckpointMetadata(metadata, loader(), savepoint.toUri().toString())
          .getOperatorStates()
          .forEach(operator -> states.operators.put(uid(operator), read(operator)));
    }
    return states;
  }

  private static String uid(OperatorState operator) {
    return operator
        .getOperatorUid()
        .or(operator::getOperatorName)
        .orElseGet(() -> operator.getOperatorID().toString());
  }

  private static Operator read(OperatorState operator) {
    Map<String, State> states = new TreeMap<>();
    try {
      for (OperatorSubtaskState subtask : operator.getStates()) {
        for (KeyedStateHandle handle : subtask.getManagedKeyedState()) {
          readKeyed((KeyGroupsStateHandle) handle, states);
        }
        for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
          readUnkeyed(handle, states);
        }
      }
    } catch (IOException e) {
      return new Operator(operator.getMaxParallelism(), states, e.getMessage());
    }
    return new Operator(operator.getMaxParallelism(), states, null);
  }

  private static void readKeyed(StreamStateHandle handle, Map<String, State> states)
      throws IOException {
    KeyedBackendSerializationProxy<?> header = new KeyedBackendSerializationProxy<>(loader());
    try (InputStream in = handle.openInputStream()) {
      header.read(new DataInputViewStreamWrapper(in));
    }
    states.put(KEY, new State("KEY", Map.of("key", header.getKeySerializerSnapshot())));
    header
        .getStateMetaInfoSnapshots()
        .forEach(state -> states.put("state " + state.getName(), State.of(state)));
  }

  private static void readUnkeyed(StreamStateHandle handle, Map<String, State> states)
      throws IOException {
    OperatorBackendSerializationProxy header = new OperatorBackendSerializationProxy(loader());
    try (InputStream in = handle.openInputStream()) {
      header.read(new DataInputViewStreamWrapper(in));
    }
    Stream.concat(
            header.getOperatorStateMetaInfoSnapshots().stream(),
            header.getBroadcastStateMetaInfoSnapshots().stream())
        .forEach(state -> states.put("state " + state.getName(), State.of(state)));
  }

  private static ClassLoader loader() {
    return SavepointStates.class.getClassLoader();
  }

  /**
   * Everything in this savepoint that a job would fail to read, or would lose without a word.
   *
   * @param job a savepoint of that job
   * @return a line each, with the operator's uid, the state and its type
   */
  public List<String> problemsFor(SavepointStates job) {
    List<String> problems = new ArrayList<>();
    operators.forEach(
        (uid, written) -> problemsOf(uid, written, job.operators.get(uid), problems::add));
    return problems;
  }

  private interface Problems {
    void add(String problem);
  }

  private static void problemsOf(String uid, Operator written, Operator job, Problems problems) {
    if (written.unreadable() != null) {
      problems.add("uid %s: its state cannot be read: %s".formatted(uid, written.unreadable()));
    } else if (job == null) {
      written
          .states()
          .forEach(
              (name, state) -> {
                if (!name.equals(KEY)) {
                  problems.add(
                      "uid %s: the job has no such operator, and would lose %s of type %s"
                          .formatted(uid, name, state.type()));
                }
              });
    } else if (!written.states().isEmpty()) {
      if (job.maxParallelism() != written.maxParallelism()) {
        problems.add(
            "uid %s: its maximum parallelism was %d and is %d"
                .formatted(uid, written.maxParallelism(), job.maxParallelism()));
      }
      written
          .states()
          .forEach((name, state) -> problemsOf(uid, name, state, job.states().get(name), problems));
    }
  }

  private static void problemsOf(
      String uid, String name, State written, State job, Problems problems) {
    if (job == null) {
      problems.add(
          "uid %s: the job does not know %s of type %s, and would lose it"
              .formatted(uid, name, written.type()));
    } else if (!job.kind().equals(written.kind())) {
      problems.add(
          "uid %s: %s of type %s was %s and is %s"
              .formatted(uid, name, written.type(), written.kind(), job.kind()));
    } else {
      written
          .serializers()
          .forEach(
              (part, snapshot) -> {
                TypeSerializerSnapshot<?> now = job.serializers().get(part);
                if (!canRead(now, snapshot, !name.equals(KEY))) {
                  problems.add(
                      "uid %s: %s of type %s cannot be read: %s"
                          .formatted(uid, name, written.type(), change(part, snapshot, now)));
                }
              });
    }
  }

  /**
   * @param mayMigrate whether old bytes may be written anew; a key's may not, as they decide where
   *     it is
   */
  @SuppressWarnings("unchecked") // Flink compares them as they come, too.
  private static <T> boolean canRead(
      TypeSerializerSnapshot<T> job, TypeSerializerSnapshot<?> written, boolean mayMigrate) {
    var compatibility = job.resolveSchemaCompatibility((TypeSerializerSnapshot<T>) written);
    return !compatibility.isIncompatible()
        && (mayMigrate || !compatibility.isCompatibleAfterMigration());
  }

  /** What it is, down to the field of a record in a list in a record, that cannot be read. */
  private static String change(
      String path, TypeSerializerSnapshot<?> written, TypeSerializerSnapshot<?> job) {
    Map<String, TypeSerializerSnapshot<?>> partsOfJob = parts(job);
    if (typeOf(written).equals(typeOf(job))) {
      for (Map.Entry<String, TypeSerializerSnapshot<?>> part : parts(written).entrySet()) {
        TypeSerializerSnapshot<?> now = partsOfJob.get(part.getKey());
        if (now != null && !canRead(now, part.getValue(), true)) {
          return change(path + "." + part.getKey(), part.getValue(), now);
        }
      }
    }
    return "%s was %s and is %s".formatted(path, exactly(written), exactly(job));
  }

  /** A record's fields, or what a collection holds. */
  private static Map<String, TypeSerializerSnapshot<?>> parts(TypeSerializerSnapshot<?> snapshot) {
    Map<String, TypeSerializerSnapshot<?>> parts = new TreeMap<>();
    if (snapshot instanceof PojoSerializerSnapshot<?> pojo) {
      return Pojo.of(pojo).fields();
    }
    if (snapshot instanceof CompositeTypeSerializerSnapshot<?, ?> composite) {
      for (TypeSerializerSnapshot<?> nested : composite.getNestedSerializerSnapshots()) {
        parts.put("" + parts.size(), nested);
      }
    }
    return parts;
  }

  private static String exactly(TypeSerializerSnapshot<?> snapshot) {
    return snapshot instanceof PojoSerializerSnapshot<?>
        ? typeOf(snapshot)
        : snapshot.getClass().getName() + " version " + snapshot.getCurrentVersion();
  }

  /** What a serializer is for, as far as its snapshot tells. */
  private static String typeOf(TypeSerializerSnapshot<?> snapshot) {
    if (snapshot instanceof PojoSerializerSnapshot<?> pojo) {
      return Pojo.of(pojo).type();
    }
    if (snapshot instanceof CompositeTypeSerializerSnapshot<?, ?> composite) {
      return Stream.of(composite.getNestedSerializerSnapshots())
          .map(SavepointStates::typeOf)
          .collect(joining(", ", simpleName(composite) + "<", ">"));
    }
    return simpleName(snapshot);
  }

  private static String simpleName(TypeSerializerSnapshot<?> snapshot) {
    String name = snapshot.getClass().getName();
    return name.substring(name.lastIndexOf('.') + 1)
        .replaceFirst("Serializer(Snapshot|\\$.*)?$", "");
  }

  /** What the snapshot of a POJO keeps to itself, and yet writes. */
  private record Pojo(String type, Map<String, TypeSerializerSnapshot<?>> fields) {

    static Pojo of(PojoSerializerSnapshot<?> snapshot) {
      DataOutputSerializer bytes = new DataOutputSerializer(1024);
      try {
        snapshot.writeSnapshot(bytes);
        DataInputDeserializer written = new DataInputDeserializer(bytes.getCopyOfBuffer());
        String type = written.readUTF();
        Map<String, TypeSerializerSnapshot<?>> fields = new TreeMap<>();
        LinkedOptionalMapSerializer.readOptionalMap(
                written,
                (field, name) -> name,
                (field, name) -> TypeSerializerSnapshot.readVersionedSnapshot(field, loader()))
            .forEach((name, field, serializer) -> fields.put(name, serializer));
        return new Pojo(type, fields);
      } catch (IOException e) {
        throw new IllegalStateException("cannot read what was just written to memory", e);
      }
    }
  }
}
