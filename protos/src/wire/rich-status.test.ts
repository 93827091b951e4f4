import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { BottleError, Code } from '../errors.ts';
import { decodeRichStatus, encodeRichStatus } from './rich-status.ts';

/** As google/rpc/status.proto and error_details.proto have them. */
const { root } = protobuf.parse(`syntax = "proto3"; package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message BadRequest { message FieldViolation { string field = 1; string description = 2; }
    repeated FieldViolation field_violations = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }`);

/** A status as another library reads it. */
function readByOthers(bytes: Uint8Array): { code: number; message: string; details: Record<string, object> } {
  const status = root.lookupType('google.rpc.Status').decode(bytes).toJSON() as {
    code: number;
    message: string;
    details: { typeUrl: string; value: string }[];
  };
  const details = status.details.map(({ typeUrl, value }) => {
    const name = typeUrl.replace('type.googleapis.com/', '');
    return [name, root.lookupType(name).decode(Buffer.from(value, 'base64')).toJSON()] as const;
  });
  return { code: status.code, message: status.message, details: Object.fromEntries(details) };
}

describe('a rich status', () => {
  const issues = [
    { path: 'items.0.quantity', message: 'too many' },
    { path: '', message: 'nothing at all' },
  ];
  const error = new BottleError(Code.INVALID_ARGUMENT, 'invalid-input', 'wrong', {
    details: { issues, left: 3, list: ['a'], retryAfterSec: 1.5, note: 'text' },
  });
  const bytes = encodeRichStatus(error, 'shop', 'wrong');

  it('is what the libraries of others expect', () => {
    expect(readByOthers(bytes)).toEqual({
      code: 3,
      message: 'wrong',
      details: {
        'google.rpc.ErrorInfo': {
          reason: 'invalid-input',
          domain: 'shop',
          metadata: { left: '3', list: '["a"]', note: 'text' },
        },
        'google.rpc.BadRequest': {
          fieldViolations: [{ field: 'items.0.quantity', description: 'too many' }, { description: 'nothing at all' }],
        },
        'google.rpc.RetryInfo': { retryDelay: { seconds: '2' } },
      },
    });
  });
  it('is read back', () => {
    expect(decodeRichStatus(bytes)).toMatchObject({
      reason: 'invalid-input',
      domain: 'shop',
      metadata: { left: '3' },
      violations: [
        { field: 'items.0.quantity', description: 'too many' },
        { field: '', description: 'nothing at all' },
      ],
    });
  });
  it('stays small whatever the details are', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({ path: `field${at}`, message: 'wrong' }));
    const large = new BottleError(Code.INTERNAL, 'r', 'm', { details: { issues: many, text: 'x'.repeat(100_000) } });
    expect(encodeRichStatus(large, 'shop', 'm').length).toBeLessThan(16 * 1024);
  });
  it('of others may be anything', () => {
    for (const other of [Buffer.from('not protobuf'), Buffer.alloc(0), Buffer.alloc(50, 0xff)])
      expect(decodeRichStatus(other)).toBeUndefined();
  });
});
