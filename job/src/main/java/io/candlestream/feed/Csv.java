package io.candlestream.feed;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import com.google.auto.service.AutoService;
import io.candlestream.config.CsvColumn;
import io.candlestream.config.SourceConfig;
import io.candlestream.market.Side;
import io.candlestream.market.TradeId;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lines of separated values, quoted as RFC 4180 says, a trade each; no line break within a value.
 * Which column is what is configured, or told by the first line of each file. Even with configured
 * columns a first line without any digit is passed over: some files of an archive have a header,
 * others have none.
 */
@AutoService(FeedFormat.class)
public final class Csv implements FeedFormat {

  static final int MAX_RECORD_BYTES = 64 * 1024;

  /** What public archives call the columns: Binance's and Bybit's. */
  private static final Map<String, CsvColumn> OTHER_NAMES =
      Map.of(
          "id", CsvColumn.TRADE_ID,
          "agg_trade_id", CsvColumn.TRADE_ID,
          "trdmatchid", CsvColumn.TRADE_ID,
          "qty", CsvColumn.SIZE,
          "quantity", CsvColumn.SIZE,
          "time", CsvColumn.TIMESTAMP,
          "transact_time", CsvColumn.TIMESTAMP,
          "is_buyer_maker", CsvColumn.BUYER_IS_MAKER);

  @Override
  public String name() {
    return "csv";
  }

  @Override
  public FeedReader reader(FeedSettings settings) {
    return new Reader(settings);
  }

  private static final class Reader implements FeedReader {

    private static final CsvFactory CSV =
        CsvFactory.builder()
            .enable(CsvParser.Feature.TRIM_SPACES)
            .streamReadConstraints(
                StreamReadConstraints.builder().maxStringLength(MAX_RECORD_BYTES).build())
            .build();

    private final FeedSettings settings;
    private final CsvSchema schema;

    /** Empty until the header is read; where that cannot be read, for good. */
    private List<CsvColumn> columns;

    private boolean headerMayFollow;

    Reader(FeedSettings settings) {
      SourceConfig.Csv csv = settings.csv();
      this.settings = settings;
      this.schema = CsvSchema.emptySchema().withColumnSeparator(csv.delimiter());
      this.columns = csv.columns();
      this.headerMayFollow = settings.mayBeginWithHeader();
    }

    @Override
    public boolean remembers() {
      return headerMayFollow;
    }

    @Override
    public void read(byte[] record, Trades trades) throws MalformedRecord {
      RecordText.check(record, MAX_RECORD_BYTES);
      boolean isFirst = headerMayFollow;
      headerMayFollow = false;
      List<String> values = values(record);
      if (isFirst && columns.isEmpty()) {
        columns = header(values);
      } else if (!isFirst || hasDigit(values)) {
        trades.add(trade(values), record);
      }
    }

    /** The values of the one line that a record is. */
    private List<String> values(byte[] record) throws MalformedRecord {
      List<String> values = new ArrayList<>();
      try (CsvParser parser = CSV.createParser(record)) {
        parser.setSchema(schema);
        MalformedRecord.unless(parser.nextToken() == JsonToken.START_ARRAY);
        while (parser.nextToken() == JsonToken.VALUE_STRING) {
          values.add(parser.getText());
        }
        MalformedRecord.unless(
            parser.currentToken() == JsonToken.END_ARRAY && parser.nextToken() == null);
      } catch (IOException unreadable) {
        throw MalformedRecord.INSTANCE;
      }
      return values;
    }

    private static boolean hasDigit(List<String> values) {
      return values.stream().anyMatch(value -> value.chars().anyMatch(c -> c >= '0' && c <= '9'));
    }

    private List<CsvColumn> header(List<String> names) throws MalformedRecord {
      List<CsvColumn> header = new ArrayList<>();
      for (String name : names) {
        String word = name.toLowerCase(Locale.ROOT);
        header.add(CsvColumn.of(word).orElse(OTHER_NAMES.getOrDefault(word, CsvColumn.IGNORED)));
      }
      MalformedRecord.unless(CsvColumn.problem(header).isEmpty());
      return header;
    }

    private Trade trade(List<String> values) throws MalformedRecord {
      MalformedRecord.unless(!columns.isEmpty() && values.size() == columns.size());
      Map<CsvColumn, String> fields = new EnumMap<>(CsvColumn.class);
      for (int i = 0; i < values.size(); i++) {
        if (!values.get(i).isEmpty()) {
          fields.put(columns.get(i), values.get(i));
        }
      }
      String source = fields.getOrDefault(CsvColumn.SOURCE, settings.defaultSource());
      String symbol = fields.getOrDefault(CsvColumn.SYMBOL, settings.defaultSymbol());
      String tradeId = fields.get(CsvColumn.TRADE_ID);
      String sequence = fields.get(CsvColumn.SEQUENCE);
      MalformedRecord.unless(
          !source.isEmpty()
              && !symbol.isEmpty()
              && fields.keySet().containsAll(CsvColumn.REQUIRED));
      try {
        return new Trade(
            source,
            symbol,
            tradeId == null ? TradeId.NONE : TradeFields.tradeId(tradeId),
            sequence == null ? null : Long.valueOf(sequence),
            TradeFields.decimal(fields.get(CsvColumn.PRICE)),
            TradeFields.decimal(fields.get(CsvColumn.SIZE)),
            side(fields),
            EpochMicros.ofText(fields.get(CsvColumn.TIMESTAMP)));
      } catch (NumberFormatException | DateTimeException unreadable) {
        throw MalformedRecord.INSTANCE;
      }
    }

    private static Side side(Map<CsvColumn, String> fields) throws MalformedRecord {
      String side = fields.get(CsvColumn.SIDE);
      if (side != null) {
        return TradeFields.side(side.toLowerCase(Locale.ROOT), "buy", "sell");
      }
      String buyerIsMaker = fields.get(CsvColumn.BUYER_IS_MAKER);
      return buyerIsMaker == null
          ? Side.UNKNOWN
          : TradeFields.side(buyerIsMaker.toLowerCase(Locale.ROOT), "false", "true");
    }
  }
}
