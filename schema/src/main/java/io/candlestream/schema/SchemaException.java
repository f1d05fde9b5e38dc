package io.candlestream.schema;

/**
 * The database cannot be migrated, or asked. The message says what is wrong, where, and what to do;
 * it holds no secret. A cause, if any, is for debugging only.
 */
public final class SchemaException extends RuntimeException {
  SchemaException(String message) {
    super(message);
  }

  SchemaException(String message, Throwable cause) {
    super(message, cause);
  }
}
