/** How values travel between operators and rest in their state: Flink's types and serializers. */
package io.candlestream.state;
