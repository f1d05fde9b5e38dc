package io.candlestream.servers;

import java.nio.file.Path;

/**
 * What a server proves with who it is; both files are PEM.
 *
 * @param chain its certificate, and that of the authority behind it
 * @param key its private key, in plain, for its owner's eyes only
 */
public record ServerCertificate(Path chain, Path key) {}
