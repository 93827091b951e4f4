/** Entries of a call by lower-case name; those whose names end in -bin are bytes. */
export type GrpcMetadata = Readonly<Record<string, string | Uint8Array | readonly (string | Uint8Array)[]>>;

/** What a server sent beside its messages. */
export type ReceivedMetadata = ReadonlyMap<string, readonly (string | Buffer)[]>;

/** Alternating name and value, bytes as base64. */
export function toEntries(metadata: GrpcMetadata = {}): string[] {
  return Object.entries(metadata).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly (string | Uint8Array)[]) : [value as string | Uint8Array]).flatMap(
      (each) => [
        name.toLowerCase(),
        typeof each === 'string' && !name.toLowerCase().endsWith('-bin') ? each : Buffer.from(each).toString('base64'),
      ],
    ),
  );
}

/** The reverse. */
export function fromEntries(entries: readonly string[]): ReceivedMetadata {
  const metadata = new Map<string, (string | Buffer)[]>();
  for (let at = 0; at < entries.length; at += 2) {
    const [name = '', text = ''] = [entries[at], entries[at + 1]];
    const values = metadata.get(name) ?? [];
    values.push(name.endsWith('-bin') ? Buffer.from(text, 'base64') : text);
    metadata.set(name, values);
  }
  return metadata;
}
