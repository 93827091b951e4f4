import { describe, expect, it } from 'vitest';
import { isCompressible } from './compressible.ts';

describe('isCompressible', () => {
  it.each([
    'text/html; charset=utf-8',
    'TEXT/CSS',
    'application/json',
    'application/problem+json',
    'application/cloudevents-batch+json;charset=utf-8',
    'application/x-ndjson',
    'application/javascript',
    'application/xhtml+xml',
    'application/wasm',
    'image/svg+xml',
    'font/ttf',
  ])('takes %s', (type) => expect(isCompressible(type)).toBe(true));
  it.each([
    '',
    'text/event-stream; charset=utf-8',
    'application/octet-stream',
    'application/zip',
    'application/jsonx',
    'image/png',
    'image/jpeg',
    'font/woff2',
    'video/mp4',
    'application/pdf',
  ])('leaves "%s"', (type) => expect(isCompressible(type)).toBe(false));
  it('takes no long time for a long type', () => {
    const startedAt = performance.now();
    for (const type of [`a/${'b+'.repeat(8_000)}`, `${'a.'.repeat(8_000)}/`, `a/${'+json'.repeat(3_000)}x`])
      isCompressible(type);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
