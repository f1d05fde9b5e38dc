/**
 * How trades are written: each format reads the trades in a record, and judges none of them. To add
 * a format, add a class that is a {@link io.candlestream.feed.FeedFormat}.
 */
package io.candlestream.feed;
