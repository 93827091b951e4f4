import { BottleError, Code } from '@bottle/protos';
import { partitionOfKey } from '@bottle/capabilities';
import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { fromKafkaError, isRejection } from './kafka-errors.ts';

const { KafkaJSConnectionError, KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } =
  kafkajs;
const protocolError = (type: string): Error =>
  Object.assign(new KafkaJSProtocolError(new Error(`the broker says ${type}`)), { type });

describe('what kafkajs throws', () => {
  it('keeps the broker’s own code, however deep it is wrapped', () => {
    const inner = protocolError('MESSAGE_TOO_LARGE');
    const outer = Object.assign(new KafkaJSNonRetriableError(inner), { cause: inner });
    for (const error of [inner, outer]) {
      expect(isRejection(error)).toBe(true);
      expect(fromKafkaError(error)).toMatchObject({
        code: Code.INVALID_ARGUMENT,
        reason: 'driver-error',
        details: { driverCode: 'MESSAGE_TOO_LARGE' },
      });
    }
  });

  it('is an outage when nobody answered', () => {
    const refused = new KafkaJSConnectionError('Connection error: connect ECONNREFUSED', { code: 'ECONNREFUSED' });
    const exceeded = new KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 5, retryTime: 100 });
    expect(isRejection(exceeded)).toBe(false);
    expect(fromKafkaError(exceeded)).toMatchObject({
      code: Code.UNAVAILABLE,
      reason: 'resource-unavailable',
      details: { driverCode: 'ECONNREFUSED' },
    });
  });

  it('is UNAVAILABLE with the code when the broker could not, for now', () => {
    const error = fromKafkaError(protocolError('NOT_ENOUGH_REPLICAS'));
    expect(error).toMatchObject({ code: Code.UNAVAILABLE, details: { driverCode: 'NOT_ENOUGH_REPLICAS' } });
    expect(isRejection(protocolError('NOT_ENOUGH_REPLICAS'))).toBe(false);
  });

  it('leaves our own errors as they are', () => {
    const error = new BottleError(Code.NOT_FOUND, 'x', 'x');
    expect(fromKafkaError(error)).toBe(error);
  });
});

it('keys go to the partitions that kafkajs chooses', () => {
  const { DefaultPartitioner } = kafkajs.Partitioners;
  const partitioner = DefaultPartitioner();
  const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({ partitionId, leader: 1 }));
  for (let at = 0; at < 2_000; at++) {
    const key = Buffer.from(`${'ü'.repeat(at % 9)}${at * 7_919}`);
    const expected = partitioner({
      topic: 't',
      partitionMetadata: partitionMetadata as never,
      message: { key, value: '' },
    });
    expect(partitionOfKey(key, 7)).toBe(expected);
  }
});
