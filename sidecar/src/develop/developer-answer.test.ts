import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError, Code, KnownSecrets } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { createDeveloperAnswer, wantsHtml } from './developer-answer.ts';
import { HINTS } from './hints.ts';

const EVIL = '<script>alert("1")</script>\'&';
const report = {
  name: 'TypeError',
  message: EVIL,
  stack: [`at total${EVIL} (/shop/cart.ts:2:1)`],
  source: { file: `/shop/${EVIL}.ts`, line: 2, column: 1, lines: [{ line: 2, text: EVIL }] },
  cause: { name: 'Error', message: 'the cause', stack: [] },
};
const error = new BottleError(Code.INTERNAL, 'function-error', 'internal error', { details: { [EVIL]: 1n }, report });
const ask = (accept: string, of = error) =>
  createDeveloperAnswer(new KnownSecrets())(of, 'i'.repeat(32), {
    method: 'GET',
    url: `/${EVIL}`,
    headers: { accept },
  });

describe('the answer to an error while somebody develops', () => {
  it('is a problem document with the real message, the stack, the source and the cause', () => {
    const { headers, body } = ask('*/*');
    expect(headers.slice(0, 4)).toEqual([
      'content-type',
      'application/problem+json',
      'content-length',
      `${body.length}`,
    ]);
    expect(JSON.parse(body.toString())).toMatchObject({
      status: 500,
      detail: EVIL,
      reason: 'function-error',
      error: report,
    });
  });
  it('has a hint for what the platform says', () => {
    const missing = new BottleError(Code.NOT_FOUND, 'no-route', 'no function answers this path');
    expect(JSON.parse(ask('*/*', missing).body.toString())).toMatchObject({ hint: HINTS['no-route'] });
    expect(ask('text/html', missing).body.toString()).toContain('Add an http event');
  });
  it('is a page in which nothing is a tag that comes from outside, and that loads nothing', () => {
    const { headers, body } = ask('text/html,application/xhtml+xml,*/*;q=0.8');
    const page = body.toString();
    expect(headers).toContain('text/html; charset=utf-8');
    expect(headers[headers.indexOf('content-security-policy') + 1]).toMatch(/^default-src 'none'/);
    expect(page).toContain('TypeError: &#60;script&#62;alert(&#34;1&#34;)');
    expect(page).toContain('the cause');
    expect(page).not.toMatch(/<script|<link|<img|url\(|https?:\/\//i);
    expect(page).toContain('prefers-color-scheme: dark');
  });
  it('keeps what the problem’s head says', () => {
    const details = { retryAfterSec: 1, allow: ['GET'] };
    const { headers } = ask('text/html', new BottleError(Code.UNAVAILABLE, 'init-failed', 'x', { details }));
    expect(headers.slice(-4)).toEqual(['allow', 'GET', 'retry-after', '1']);
  });
  it('tells what went wrong in the sidecar itself', () => {
    const own = BottleError.from(new RangeError('a defect'));
    expect(JSON.parse(ask('*/*', own).body.toString())).toMatchObject({
      detail: 'a defect',
      error: { name: 'RangeError' },
    });
  });
});

it.each([
  ['text/html', true],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['TEXT/HTML;q=0.5', true],
  ['application/json, text/html', true],
  ['application/json, text/html;q=0.9', false],
  ['application/problem+json', false],
  ['*/*', false],
  ['', false],
  ['text/html;q=0', false],
])('%j is a wish for a page: %j', (accept, wanted) => {
  expect(wantsHtml(accept)).toBe(wanted);
});

it('hints are for reasons that there are', () => {
  const documented = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
  expect(Object.keys(HINTS).filter((reason) => !documented.includes(`\n| \`${reason}\``))).toEqual([]);
});
