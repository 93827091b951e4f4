import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tlsOptions, withTlsFiles } from './tls-options.ts';

let folder: string;
let caFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bottle-tls-'));
  caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, 'one');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('has what is in the file now, for every client that a driver makes; while it is away, what was there before', () => {
  const { tls } = withTlsFiles({ tls: { caFile, serverName: 'x', rejectUnauthorized: true } });
  const [client, other] = [tlsOptions(tls), tlsOptions(tls)];
  expect({ ...client }).toEqual({ ca: 'one', servername: 'x', rejectUnauthorized: true });
  writeFileSync(caFile, 'two');
  expect([client.ca, Object.assign({}, other).ca]).toEqual(['two', 'two']);
  rmSync(caFile);
  expect([client.ca, tlsOptions(tls).ca]).toEqual(['two', 'two']);
  writeFileSync(caFile, 'three');
  expect(other.ca).toBe('three');
});

it('names a file that cannot be read at first', () => {
  const missing = join(folder, 'none.pem');
  const settings = { tls: { keyFile: missing, rejectUnauthorized: true } };
  expect(() => withTlsFiles(settings)).toThrow(`${missing}, which \`tls\` names, cannot be read: ENOENT`);
  expect(() => withTlsFiles({ tls: { caFile: folder, rejectUnauthorized: true } })).toThrow('EISDIR');
});
