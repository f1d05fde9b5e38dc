package io.candlestream.portfolio;

import io.candlestream.market.Decimal;

/**
 * What was paid in one currency.
 *
 * @param amount below zero where rebates outweigh
 */
public record Fee(String currency, Decimal amount) {}
