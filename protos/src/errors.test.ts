import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  BottleError,
  Code,
  codeOfHttpStatus,
  codeOfStatus,
  fromWireError,
  GRPC_STATUS,
  HTTP_STATUS,
  toWireError,
} from './errors.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('BottleError', () => {
  const report = { name: 'Error', message: 'm', stack: [] };
  it('keeps its number, status and fields on the way through the wire', () => {
    for (const code of Object.values(Code)) {
      const error = new BottleError(code, 'some-reason', 'a sentence', { details: { n: 1 }, httpStatus: 418, report });
      const wire = toWireError(error);
      const { detailsJson = '', httpStatus = 0, message = '', reason = '', code: number = 0, reportJson = '' } = wire;
      const back = fromWireError({ detailsJson, httpStatus, message, reason, code: number, reportJson });
      const fieldsOf = (of: BottleError) => [of.code, of.reason, of.message, of.details, of.httpStatus, of.report];
      expect(fieldsOf(back)).toEqual(fieldsOf(error));
      expect(codeOfStatus(GRPC_STATUS[code])).toBe(code);
    }
  });
  it('turns what is thrown into an internal error that shows nothing', () => {
    const thrown = new Error('password=1');
    expect(BottleError.from(thrown)).toMatchObject({ code: 'INTERNAL', message: 'internal error', cause: thrown });
    const own = new BottleError(Code.ABORTED, 'r', 'm');
    expect(BottleError.from(own)).toBe(own);
  });
  it('finds a code for every HTTP error status', () => {
    for (const status of [400, 401, 403, 404, 429, 499, 501, 503, 504])
      expect(HTTP_STATUS[codeOfHttpStatus(status)]).toBe(status);
    expect([codeOfHttpStatus(418), codeOfHttpStatus(599)]).toEqual(['FAILED_PRECONDITION', 'INTERNAL']);
  });
});

describe('docs/errors.md', () => {
  it('lists every reason that the sources use, and no other', () => {
    const sources = ['protos/src', 'capabilities/src', 'sidecar/src', 'function-runtime/src', 'bottle-sdk/src'].flatMap(
      (folder) => filesBelow(join(ROOT, folder)),
    );
    const used = new Set<string>();
    for (const file of sources.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))) {
      const text = readFileSync(file, 'utf8');
      for (const [, reason] of text.matchAll(/new (?:Bottle|Call)Error\(\s*[\w.()]+,\s*'([a-z-]+)'/g))
        used.add(reason ?? '');
      for (const [, reason] of text.matchAll(/super\(Code\.\w+, '([a-z-]+)'/g)) used.add(reason ?? '');
      for (const [, reason] of text.matchAll(/'(uncaught-error|unhandled-rejection)'/g)) used.add(reason ?? '');
    }
    const documented = new Set(
      [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([a-z-]+)` +\|/gm)].map(
        ([, reason]) => reason ?? '',
      ),
    );
    expect(used.size).toBeGreaterThan(20);
    expect([...documented].sort()).toEqual([...used].sort());
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
