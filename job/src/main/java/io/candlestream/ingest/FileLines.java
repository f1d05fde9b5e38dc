package io.candlestream.ingest;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.flink.api.common.io.compression.InflaterInputStreamFactory;
import org.apache.flink.connector.file.src.compression.StandardDeCompressors;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/**
 * The lines of a file, decompressed as its ending says ({@code .gz}, {@code .bz2}, {@code
 * .deflate}, {@code .zip}). An archive is read part by part, each a file of its own, in the order
 * of its directory; folders and hidden files in it are left out. The lines of all parts are counted
 * on.
 */
final class FileLines implements Closeable {

  private final Path path;
  private final Parts parts;

  private LineFormat.Lines lines;
  private int part;
  private long number;

  private FileLines(Path path, Parts parts, InputStream first) {
    this.path = path;
    this.parts = parts;
    this.lines = new LineFormat.Lines(first);
  }

  static FileLines open(Path path) throws IOException {
    Parts parts = isArchive(path) ? Archive.open(path) : Single.open(path);
    try {
      return new FileLines(path, parts, parts.next());
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw new IOException("cannot decompress " + path, e);
    }
  }

  static boolean isArchive(Path path) {
    return path.getName().endsWith(".zip");
  }

  /** How many lines have been read, of all parts. */
  long number() {
    return number;
  }

  /** Which part the last line is from, counted from 0. */
  int part() {
    return part;
  }

  /** What that part is called in its archive; empty for a file that is none. */
  String partName() {
    return parts.name();
  }

  /** How much of the file has been read, in bytes as they lie on the disk. */
  long bytesRead() throws IOException {
    return parts.bytesRead();
  }

  /** The next line, of a long one the beginning; null at the end of the last part. */
  byte[] next() throws IOException {
    try {
      byte[] line = lines.next();
      while (line == null) {
        InputStream following = parts.next();
        if (following == null) {
          return null;
        }
        part++;
        lines = new LineFormat.Lines(following);
        line = lines.next();
      }
      number++;
      return line;
    } catch (IOException e) {
      throw new IOException("cannot read %s after line %d".formatted(path, number), e);
    }
  }

  @Override
  public void close() throws IOException {
    parts.close();
  }

  private interface Parts extends Closeable {

    /** The next part; an empty one where a file has none at all, null behind the last. */
    InputStream next() throws IOException;

    String name();

    /** How much of the file has been read, as it lies on the disk; of an archive, about so much. */
    long bytesRead() throws IOException;
  }

  private static final class Single implements Parts {

    private final FSDataInputStream file;
    private final InputStream content;
    private boolean begun;

    private Single(FSDataInputStream file, InputStream content) {
      this.file = file;
      this.content = content;
    }

    static Single open(Path path) throws IOException {
      FSDataInputStream file = path.getFileSystem().open(path);
      InflaterInputStreamFactory<?> decompressor =
          StandardDeCompressors.getDecompressorForFileName(path.getName());
      try {
        return new Single(file, decompressor == null ? file : decompressor.create(file));
      } catch (IOException | RuntimeException e) {
        file.close();
        throw new IOException("cannot decompress " + path, e);
      }
    }

    @Override
    public InputStream next() {
      InputStream next = begun ? null : content;
      begun = true;
      return next;
    }

    @Override
    public String name() {
      return "";
    }

    @Override
    public long bytesRead() throws IOException {
      return file.getPos();
    }

    @Override
    public void close() throws IOException {
      content.close();
    }
  }

  private static final class Archive implements Parts {

    private final ZipFile zip;
    private final Iterator<? extends ZipEntry> entries;
    private boolean begun;
    private ZipEntry entry;
    private Content content;

    /** Of the entries before this one. */
    private long bytesBefore;

    private Archive(ZipFile zip, List<? extends ZipEntry> entries) {
      this.zip = zip;
      this.entries = entries.iterator();
    }

    static Archive open(Path path) throws IOException {
      try {
        ZipFile zip = new ZipFile(new File(path.toUri().getPath()));
        return new Archive(zip, zip.stream().filter(Archive::isData).toList());
      } catch (IOException e) {
        throw new IOException("cannot decompress " + path, e);
      }
    }

    private static boolean isData(ZipEntry entry) {
      return !entry.isDirectory()
          && Stream.of(entry.getName().split("/")).noneMatch(FileRecords::isHidden);
    }

    @Override
    public InputStream next() throws IOException {
      if (content != null) {
        if (content.getChecksum().getValue() != entry.getCrc()) {
          throw new IOException(entry.getName() + " is damaged: its checksum is another");
        }
        bytesBefore += entry.getCompressedSize();
      }
      boolean isFirst = !begun;
      begun = true;
      if (!entries.hasNext()) {
        content = null;
        return isFirst ? InputStream.nullInputStream() : null;
      }
      entry = entries.next();
      content = new Content(zip.getInputStream(entry));
      return content;
    }

    @Override
    public String name() {
      return entry == null ? "" : entry.getName();
    }

    /** As much of the compressed entry as of the decompressed. */
    @Override
    public long bytesRead() {
      return content == null || entry.getSize() == 0
          ? bytesBefore
          : bytesBefore
              + (long) ((double) entry.getCompressedSize() * content.length / entry.getSize());
    }

    @Override
    public void close() throws IOException {
      zip.close();
    }
  }

  /** An entry's bytes, decompressed, with their checksum and how many they are. */
  private static final class Content extends CheckedInputStream {

    private long length;

    Content(InputStream in) {
      super(in, new CRC32());
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
      int read = super.read(buffer, offset, count);
      length += Math.max(read, 0);
      return read;
    }
  }
}
