package io.candlestream.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.candlestream.market.Decimal;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** How to add a format, as README.md says. */
class AcmeTest {

  @Test
  void theClassAloneMakesTheFormat() {
    assertThat(
            ReadTrades.from("acme")
                .trades(
                    """
                    {"trades":[{"sym":"A","id":1,"px":1.10,"qty":"2","side":"B","at":1723161255},
                               {"sym":"A","id":2,"px":1.2,"qty":"3","side":"S","at":1723161256}]}
                    """))
        .containsExactly(
            trade(1, "1.1", "2", Side.BUY, 1_723_161_255_000_000L),
            trade(2, "1.2", "3", Side.SELL, 1_723_161_256_000_000L));
    assertThat(ReadTrades.from("acme").read("{\"heartbeat\":1}")).isEmpty();
  }

  private static Trade trade(long id, String price, String size, Side side, long timestampMicros) {
    return new Trade(
        "acme",
        "A",
        TradeId.of(id),
        null,
        Decimal.parse(price),
        Decimal.parse(size),
        side,
        timestampMicros);
  }

  @Test
  void readmeShowsIt() throws IOException {
    String source = Files.readString(Path.of("src/test/java/io/candlestream/feed/Acme.java"));
    String example = source.substring(source.indexOf("@AutoService"));
    assertThat(Files.readString(Path.of("..", "README.md")))
        .contains("```java\n" + example + "```");
  }
}
