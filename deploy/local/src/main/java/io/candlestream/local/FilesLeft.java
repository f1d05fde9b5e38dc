package io.candlestream.local;

/**
 * What of the files is still to be read.
 *
 * @param files that are not read to their end
 * @param bytes as they lie on the disk
 */
record FilesLeft(long files, long bytes) {

  FilesLeft orMore(FilesLeft other) {
    return new FilesLeft(Math.max(files, other.files), Math.max(bytes, other.bytes));
  }
}
