import type { BrokenBatch, QueueRecord } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { Cluster } from 'kafkajs';
import { type Protocol, readingBy } from './broker-protocol.ts';
import { type AbortedTransaction, decodeRecordBatches } from './record-batches.ts';

const READ_COMMITTED = 1;
/** The version of fetch requests that kafkajs speaks with Kafka 2.3 and later. */
const FETCH_VERSION = 11;

/** What is asked of one broker. */
export interface FetchRequest {
  /** The broker's name of it. */
  topic: string;
  /** `from` is the first offset that is wanted. */
  partitions: readonly { partition: number; from: bigint }[];
  /** How long the broker waits while there is nothing. */
  maxWaitMs: number;
  /** Most bytes in all, and of each partition; a single larger batch comes all the same. */
  maxBytes: number;
  maxPartitionBytes: number;
}

/** What a partition had. */
export interface Fetched {
  partition: number;
  records: QueueRecord[];
  /** The offset to go on from. */
  next: bigint;
  /** Where the partition ends. */
  end: bigint;
  /** What cannot be read at `next`. */
  broken: BrokenBatch | undefined;
}

/**
 * Fetches through a connection of kafkajs, which looks at the answer's error codes; the answer itself is decoded here.
 * Throws what kafkajs throws, and FAILED_PRECONDITION for brokers before Kafka 2.3.
 */
export async function fetchRecords(cluster: Cluster, nodeId: string, request: FetchRequest): Promise<Fetched[]> {
  const broker = await cluster.findBroker({ nodeId });
  const from = new Map(request.partitions.map((each) => [each.partition, each.from]));
  const { partitions } = (await readingBy(
    decodingBy((raw) => decodeFetch(raw, from)),
    broker,
  ).fetch({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: request.maxWaitMs,
    minBytes: 1,
    maxBytes: request.maxBytes,
    topics: [
      {
        topic: request.topic,
        partitions: request.partitions.map((each) => ({
          partition: each.partition,
          fetchOffset: String(each.from),
          maxBytes: request.maxPartitionBytes,
        })),
      },
    ],
  })) as FetchAnswer;
  return partitions;
}

function decodingBy(decode: (raw: Buffer) => Promise<FetchAnswer>): (protocol: Protocol) => Protocol['response'] {
  return ({ request, response }) => {
    if (request.apiVersion !== FETCH_VERSION) {
      const message = 'messages are consumed from Kafka 2.3 and later only';
      throw new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message);
    }
    return { ...response, decode };
  };
}

/** In the shape in which kafkajs looks for error codes. */
interface FetchAnswer {
  clientSideThrottleTime: number;
  errorCode: number;
  responses: { partitions: { errorCode: number }[] }[];
  partitions: Fetched[];
}

/** https://kafka.apache.org/protocol.html#The_Messages_Fetch, version 11. */
async function decodeFetch(raw: Buffer, from: ReadonlyMap<number, bigint>): Promise<FetchAnswer> {
  const reader = new AnswerReader(raw);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  reader.int32(); // session
  const errors: { errorCode: number }[] = [];
  const partitions: Fetched[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    reader.take(reader.int16()); // its name
    for (let left = reader.int32(); left > 0; left--) {
      const partition = reader.int32();
      errors.push({ errorCode: reader.int16() });
      const end = reader.int64();
      reader.int64(); // last stable offset
      reader.int64(); // where the partition begins
      const aborted: AbortedTransaction[] = [];
      for (let count = reader.int32(); count > 0; count--) {
        aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() });
      }
      reader.int32(); // preferred replica
      const source = { partition, from: from.get(partition) ?? 0n, aborted };
      const decoded = await decodeRecordBatches(reader.take(reader.int32()), source);
      partitions.push({ partition, end, ...decoded });
    }
  }
  return { clientSideThrottleTime, errorCode, responses: [{ partitions: errors }], partitions };
}

class AnswerReader {
  readonly #raw: Buffer;
  #at = 0;

  constructor(raw: Buffer) {
    this.#raw = raw;
  }

  int16(): number {
    return this.#raw.readInt16BE((this.#at += 2) - 2);
  }

  int32(): number {
    return this.#raw.readInt32BE((this.#at += 4) - 4);
  }

  int64(): bigint {
    return this.#raw.readBigInt64BE((this.#at += 8) - 8);
  }

  /** None for a negative length. */
  take(length: number): Buffer {
    return this.#raw.subarray(this.#at, (this.#at += Math.max(length, 0)));
  }
}
