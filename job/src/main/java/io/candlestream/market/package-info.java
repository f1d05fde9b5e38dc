/** The domain, pure: no type of Flink, JDBC or JSON occurs here. */
package io.candlestream.market;
