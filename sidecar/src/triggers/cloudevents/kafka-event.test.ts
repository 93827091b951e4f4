import { describe, expect, it } from 'vitest';
import { loadEventJudge } from './event-judge.ts';
import { parseKafkaEvent } from './kafka-event.ts';

const judge = await loadEventJudge();
const message = (headers: Record<string, string>, value: string | undefined, key?: string) => ({
  key: key === undefined ? undefined : Buffer.from(key),
  value: value === undefined ? undefined : Buffer.from(value),
  headers: Object.entries(headers).map(([name, text]) => ({ name, value: Buffer.from(text) })),
});
const complaintsOf = (given: Parameters<typeof parseKafkaEvent>[0]) =>
  judge(parseKafkaEvent(given)).map(({ attribute }) => attribute);

const BINARY = { ce_specversion: '1.0', ce_id: '1', ce_source: '/s', ce_type: 't' };
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };

describe('a message', () => {
  it('in binary mode is an event; the key is its partition key unless it has one', () => {
    const { event } = parseKafkaEvent(message({ ...BINARY, 'Content-Type': 'text/plain' }, 'grüße', 'k'));
    expect(event).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      datacontenttype: 'text/plain',
      data: 'grüße',
      partitionkey: 'k',
    });
    const own = parseKafkaEvent(message({ ...BINARY, ce_partitionkey: 'own' }, undefined, 'k')).event;
    expect(own).toMatchObject({ partitionkey: 'own' });
    expect(own).not.toHaveProperty('data');
  });
  it('without a content type keeps its bytes', () => {
    expect(parseKafkaEvent(message(BINARY, '{"a":1}')).event).toMatchObject({ data_base64: 'eyJhIjoxfQ==' });
  });
  it('in structured mode is what its value says', () => {
    const value = JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', data: false });
    expect(complaintsOf(message(STRUCTURED, value))).toEqual([]);
    expect(parseKafkaEvent(message(STRUCTURED, value)).event).toMatchObject({ data: false });
  });
  it.each([
    ['no event', {}, '{"a":1}'],
    ['a tombstone', STRUCTURED, undefined],
    ['no JSON', STRUCTURED, '{'],
    ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, '[]'],
  ])('is refused as a whole: %s', (_what, headers, value) => {
    expect(complaintsOf(message(headers as Record<string, string>, value))).toEqual(['']);
  });
  it('is refused with every attribute that is wrong', () => {
    const headers = { ...BINARY, ce_id: '', ce_time: 'x', 'content-type': 'application/json' };
    expect([...complaintsOf(message(headers, '{'))].sort()).toEqual(['data', 'id', 'time']);
  });
});
