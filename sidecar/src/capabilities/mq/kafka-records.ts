import type { QueueRecord } from '@bottle/capabilities';
import type { IHeaders, KafkaMessage } from 'kafkajs';

/** What `Broker.fetch` of kafkajs answers; its own types leave it open. */
export interface FetchResponse {
  responses: readonly { partitions: readonly FetchedPartition[] }[];
}

export interface FetchedPartition {
  partition: number;
  highWatermark: string;
  /** Transactions that were given up, in the order of their first offsets. */
  abortedTransactions?: readonly { producerId: string; firstOffset: string }[] | null;
  messages: readonly FetchedMessage[];
}

/** As kafkajs decodes it. Messages of formats older than 2 have neither flag nor context. */
type FetchedMessage = KafkaMessage & {
  isControlRecord?: boolean;
  batchContext?: { producerId: string; inTransaction: boolean };
};

/** The type of a control record: the end of a transaction that was given up. */
const ABORT_MARKER = Buffer.from([0, 0, 0, 0]);

/** The records from an offset on, without those of transactions that were given up, and without the marks of transactions. */
export function visibleRecords(
  { partition, messages, abortedTransactions }: FetchedPartition,
  from: bigint,
): QueueRecord[] {
  const records: QueueRecord[] = [];
  const aborted = abortedTransactions && abortedTransactions.length > 0 ? new Aborted(abortedTransactions) : undefined;
  for (const message of messages) {
    const isVisible = aborted ? !aborted.covers(message) : true;
    if (!isVisible || message.isControlRecord) continue;
    const record = recordOf(partition, message);
    if (record.offset >= from) records.push(record);
  }
  return records;
}

/** Which messages belong to transactions that were given up. Asked for each message, in order. */
class Aborted {
  readonly #producers = new Set<string>();
  readonly #waiting: { producerId: string; firstOffset: string }[];

  constructor(transactions: readonly { producerId: string; firstOffset: string }[]) {
    this.#waiting = [...transactions];
  }

  covers({ offset, key, isControlRecord, batchContext }: FetchedMessage): boolean {
    while (this.#waiting[0] && BigInt(offset) >= BigInt(this.#waiting[0].firstOffset)) {
      this.#producers.add(this.#waiting.shift()?.producerId ?? '');
    }
    const { producerId = '', inTransaction = false } = batchContext ?? {};
    if (isControlRecord && key?.equals(ABORT_MARKER)) this.#producers.delete(producerId);
    return inTransaction && this.#producers.has(producerId);
  }
}

/** A message as kafkajs has it, as everybody else does. */
function recordOf(partition: number, { offset, key, value, headers, timestamp }: KafkaMessage): QueueRecord {
  return {
    partition,
    offset: BigInt(offset),
    key: key ?? undefined,
    value: value ?? undefined,
    headers: headers ? headersOf(headers) : NO_HEADERS,
    timestampMs: Number(timestamp),
  };
}

const NO_HEADERS: QueueRecord['headers'] = Object.freeze([]);

function headersOf(headers: IHeaders): QueueRecord['headers'] {
  const names = Object.keys(headers);
  if (names.length === 0) return NO_HEADERS;
  const list: { name: string; value: Buffer }[] = [];
  for (const name of names) {
    const values = headers[name];
    for (const value of Array.isArray(values) ? values : [values ?? '']) {
      list.push({ name, value: typeof value === 'string' ? Buffer.from(value) : value });
    }
  }
  return list;
}
