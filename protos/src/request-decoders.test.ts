import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadServiceDefinition } from './capabilities.ts';
import { describeRoot } from './proto-files/describe-root.ts';
import { loadProtoFiles } from './proto-files/load-proto-files.ts';
import { requestDecoders } from './request-decoders.ts';

const TILL = `syntax = "proto3";
package till.v1;
service Till {
  rpc Pay(Payment) returns (Payment);
  rpc Refund(stream Payment) returns (Payment);
}
message Payment {
  string order_id = 1;
  int64 cents = 2;
  repeated Line order_lines = 3;
}
message Line {
  string sku_code = 1;
  bytes raw_data = 2;
}
`;

describe('requestDecoders', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bt-d-'));
  const file = join(directory, 'till.proto');
  let pay: (message: object) => unknown;
  let paths: string[];
  let decode: ((bytes: Uint8Array) => unknown) | undefined;
  beforeAll(() => {
    writeFileSync(file, TILL);
    const decoders = requestDecoders(describeRoot(loadProtoFiles([file], []), (path) => path));
    decode = decoders.get('/till.v1.Till/Pay');
    paths = [...decoders.keys()];
    const method = loadServiceDefinition(file, 'till.v1.Till', [])['Pay'];
    pay = (message) => decode?.(method?.requestSerialize(message) ?? Buffer.alloc(0));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('knows every method by its path', () => {
    expect(paths.sort()).toEqual(['/till.v1.Till/Pay', '/till.v1.Till/Refund']);
  });
  it('decodes what a client sends, with names as functions see them', () => {
    const message = { orderId: 'o-1', cents: '5', orderLines: [{ skuCode: 'lamp', rawData: Buffer.of(1) }] };
    expect(pay(message)).toEqual(message);
  });
  it('leaves out what the client did not send', () => {
    expect(pay({})).toEqual({});
  });
  it('throws for bytes that are no such message', () => {
    expect(() => decode?.(Buffer.of(0xff))).toThrow(RangeError);
  });
});
