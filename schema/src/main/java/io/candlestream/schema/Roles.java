package io.candlestream.schema;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The roles of a database: one owns what migrations make, one writes, one reads. What they may do
 * is granted at the end of every migration; login roles are made members of them.
 *
 * <p>The owner can log in, though it has no password until somebody gives it one: TimescaleDB runs
 * background jobs only for roles that can.
 */
final class Roles {
  static final String OWNER = "candlestream_owner";
  private static final List<String> ALL =
      List.of(OWNER, "candlestream_writer", "candlestream_reader");

  private static final String DUPLICATE_OBJECT = "42710";
  private static final String UNIQUE_VIOLATION = "23505";

  /**
   * From PostgreSQL 16 on, members of a role need not be able to become it: who creates a role is a
   * member at first that can grant, and no more.
   */
  private static final String CAN_BECOME =
      """
      SELECT pg_has_role(
        current_user,
        ?,
        CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
      """;

  private Roles() {}

  /**
   * Creates the roles that are missing, as far as the connected one may.
   *
   * @return the role to migrate as, which the connected one can {@code SET ROLE} to: the owner of a
   *     database that was migrated before; for another, {@link #OWNER} where possible, else the
   *     connected role itself
   * @throws SchemaException if the database has an owner that the connected role is no member of
   */
  static String prepare(Session session) throws SQLException {
    if (session.isTrue(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")) {
      for (String role : missing(session)) {
        create(session, role);
      }
    }
    String self = session.text("SELECT current_user");
    String owner = ownerOfTables(session);
    if (owner == null || owner.equals(OWNER)) {
      becomeMember(session);
    }
    if (owner == null) {
      owner = canOwn(session) ? OWNER : self;
    } else if (!session.isTrue(CAN_BECOME, owner)) {
      throw new SchemaException(
          "the tables belong to role %s, and role %s is no member of it: migrate as %s, or as a superuser GRANT %s TO %s;"
              .formatted(owner, self, owner, owner, self));
    }
    closePublicSchema(session, owner);
    return owner;
  }

  /** The roles that the server lacks. */
  static List<String> missing(Session session) throws SQLException {
    List<String> missing = new ArrayList<>();
    for (String role : ALL) {
      if (!session.isTrue("SELECT to_regrole(?) IS NOT NULL", role)) {
        missing.add(role);
      }
    }
    return missing;
  }

  /** The role that owns the database's tables; null before the first migration. */
  static String ownerOfTables(Session session) throws SQLException {
    return session.text(
        """
        SELECT pg_get_userbyid(relowner)
        FROM pg_class
        WHERE oid = to_regclass('public.candlestream_settings')
        """);
  }

  private static void create(Session session, String role) throws SQLException {
    try {
      session.execute("CREATE ROLE " + role + (role.equals(OWNER) ? " LOGIN" : ""));
    } catch (SQLException e) {
      // Roles are the server's: another database may be migrated just now.
      if (!DUPLICATE_OBJECT.equals(e.getSQLState()) && !UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  private static void becomeMember(Session session) throws SQLException {
    if (missing(session).contains(OWNER) || session.isTrue(CAN_BECOME, OWNER)) {
      return;
    }
    if (session.isTrue(
        "SELECT pg_has_role(current_user, ?, 'MEMBER WITH ADMIN OPTION') OR rolcreaterole"
            + " AND current_setting('server_version_num')::integer < 160000"
            + " FROM pg_roles WHERE rolname = current_user",
        OWNER)) {
      session.execute("GRANT %s TO CURRENT_USER".formatted(OWNER));
    }
  }

  private static void closePublicSchema(Session session, String owner) throws SQLException {
    if (publicSchemaIsOpen(session) && ownsPublicSchema(session)) {
      grantPublicSchema(session, owner);
      session.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    }
  }

  /**
   * Whether every role may create tables in it: as servers before 15 have it, and databases that
   * came from them.
   */
  static boolean publicSchemaIsOpen(Session session) throws SQLException {
    return session.isTrue(
        "SELECT EXISTS (SELECT FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'public' AND"
            + " grantee = 0 AND privilege_type = 'CREATE')");
  }

  private static boolean ownsPublicSchema(Session session) throws SQLException {
    return session.isTrue(
        "SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname ="
            + " 'public'");
  }

  private static void grantPublicSchema(Session session, String owner) throws SQLException {
    session.execute(
        session.text("SELECT format('GRANT CREATE, USAGE ON SCHEMA public TO %I', ?)", owner));
  }

  /** Whether we can act as {@link #OWNER}, and it can make here what it needs to. */
  private static boolean canOwn(Session session) throws SQLException {
    if (missing(session).contains(OWNER) || !session.isTrue(CAN_BECOME, OWNER)) {
      return false;
    }
    if (session.isTrue(
        """
        SELECT pg_has_role(current_user, datdba, 'USAGE')
        FROM pg_database
        WHERE datname = current_database()
        """)) {
      session.execute(
          session.text(
              "SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), ?)", OWNER));
    }
    if (ownsPublicSchema(session)) {
      grantPublicSchema(session, OWNER);
    }
    return session.isTrue(
        """
        SELECT has_database_privilege(?, current_database(), 'CREATE')
          AND has_schema_privilege(?, 'public', 'CREATE')
        """,
        OWNER,
        OWNER);
  }
}
