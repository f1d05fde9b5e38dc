package io.candlestream.cluster;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A fault, or a class of them, that takes too long for every build. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = "candlestream.faults",
    matches = "all",
    disabledReason = "-Dcandlestream.faults=all has not been given")
@interface OnlyInTheWholeSet {}
