// The four ways in which Kafka compresses batches. kafkajs brings gzip; it is told of the others.
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { lz4Compress, lz4Decompress, snappyCompress, snappyDecompress } from '@platformatic/wasm-utils/bundled';
import kafkajs, { CompressionTypes } from 'kafkajs';

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

const compressZstd = promisify(zstdCompress);
const decompressZstd = promisify(zstdDecompress);

const CODECS: readonly [CompressionTypes, Codec][] = [
  [
    CompressionTypes.Snappy,
    { compress: async ({ buffer }) => snappyCompress(buffer), decompress: async (bytes) => fromSnappy(bytes) },
  ],
  [
    CompressionTypes.LZ4,
    { compress: async ({ buffer }) => lz4Compress(buffer), decompress: async (bytes) => lz4Decompress(bytes) },
  ],
  [CompressionTypes.ZSTD, { compress: ({ buffer }) => compressZstd(buffer), decompress: decompressZstd }],
];

/** Tells kafkajs, whose table of codecs is the only way. */
export function addCodecs(): void {
  const codecs = kafkajs.CompressionCodecs as Record<number, () => Codec>;
  for (const [type, codec] of CODECS) codecs[type] = () => codec;
}

/** Undoes the compression of a batch by its number. Throws what the codec throws; undefined: nobody knows the number. */
export function decompress(bytes: Buffer, type: number): Promise<Buffer> | undefined {
  const codecs = kafkajs.CompressionCodecs as Readonly<Record<number, (() => Codec) | undefined>>;
  return codecs[type]?.().decompress(bytes);
}

/** What snappy-java, and so Kafka's own clients, put before blocks of at most so many bytes, each behind its length. */
const FRAMED = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
/** The mark and two versions. */
const FRAME_HEADER_BYTES = 16;

/** librdkafka sends one block without a frame. */
function fromSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, FRAMED.length).equals(FRAMED)) return snappyDecompress(bytes);
  const blocks: Buffer[] = [];
  for (let at = FRAME_HEADER_BYTES; at < bytes.length; ) {
    const length = bytes.readInt32BE(at);
    if (length <= 0 || at + 4 + length > bytes.length) throw new RangeError('a block is cut off');
    blocks.push(snappyDecompress(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}
