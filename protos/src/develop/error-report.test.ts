import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportError } from './error-report.ts';

let directory: string;
let file: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bt-report-'));
  file = join(directory, 'cart.ts');
  const lines = ["const apiToken = 'hunter2';", 'const settings = { "dbPassword": "hunter2" };', 'throw new Error();'];
  writeFileSync(
    file,
    [...lines, "connect('redis://u:hunter2@h');", 'four', 'five', 'six', 'seven', 'eight'].join('\n'),
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function errorAt(place: string, message = 'broken', options?: ErrorOptions): Error {
  const error = new TypeError(message, options);
  const ours = `    at call (${join(import.meta.dirname, '../errors.ts')}:1:1)`;
  error.stack = [`TypeError: ${message}`, '    at node:internal/x:1:1', ours, `    at total (${place})`].join('\n');
  return error;
}

describe('a report of an error', () => {
  it('has the source around the first line that is neither Node’s nor the platform’s', () => {
    const { name, message, stack, source } = reportError(errorAt(`${pathToFileURL(file).href}?bottle-attempt=2:3:7`));
    expect([name, message, stack.length]).toEqual(['TypeError', 'broken', 3]);
    expect(source).toMatchObject({ file, line: 3, column: 7 });
    expect(source?.lines.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(source?.lines[2]).toEqual({ line: 3, text: 'throw new Error();' });
    expect(reportError(errorAt(`${file}:3:7`)).source?.line).toBe(3);
  });
  it('has the source that a syntax error names above its message', () => {
    const error = new SyntaxError('Expression expected');
    error.stack = `${file}:5\n  four\n   ^\nSyntaxError: Expression expected\n    at parse (node:internal/x:1:1)`;
    expect(reportError(error).source).toMatchObject({ file, line: 5 });
  });
  it('has none of what cannot be read', () => {
    expect(reportError(errorAt(`${directory}/none.ts:3:7`))).not.toHaveProperty('source');
    expect(reportError(errorAt(`${file}:300:7`))).not.toHaveProperty('source');
    expect(reportError(errorAt(`${directory}:1:1`))).not.toHaveProperty('source');
    expect(reportError(errorAt('/x/node_modules/y/index.js:1:1'))).not.toHaveProperty('source');
  });
  it('shows no secret of messages, stacks and sources', () => {
    const error = errorAt(`${file}:3:7`, 'at redis://u:hunter2@h with Bearer hunter2hunter2');
    const text = JSON.stringify(reportError(new Error('outer', { cause: error })));
    expect(text).toContain("const apiToken = '***';");
    expect(text).not.toContain('hunter2');
  });
  it('tells what caused it, not for ever, and what an AggregateError holds', () => {
    const circular = new Error('round');
    circular.cause = circular;
    expect(JSON.stringify(reportError(circular)).match(/round/g)?.length).toBeLessThan(20);
    const both = reportError(new AggregateError([new Error('a'), 'b'], 'both'));
    expect(both.errors?.map(({ message }) => message)).toEqual(['a', 'b']);
  });
  it('is made of whatever was thrown', () => {
    const wild = new Error('x');
    Object.defineProperty(wild, 'message', {
      get() {
        throw new Error('no');
      },
    });
    for (const thrown of [undefined, null, 5, 'text', {}, Symbol('s'), Object.create(null), wild]) {
      expect(reportError(thrown)).toMatchObject({ stack: [] });
    }
  });
});
