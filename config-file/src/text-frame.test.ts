import * as yaml from 'yaml';
import { expect, it } from 'vitest';
import { ConfigProblems } from './config-problems.ts';
import { parseConfig } from './read-config-file.ts';
import { textFrame } from './text-frame.ts';

const TEXT = `# password: s3cret
http:
  password: s3cret
  list:
    - key: "s3cret
  s3cret
  tls: { key: s3cret }
`;

function messageOf(text: string, showsValues: boolean): string {
  try {
    parseConfig(yaml, text, 'sidecar.yml', showsValues);
  } catch (error) {
    if (error instanceof ConfigProblems) return error.message;
    throw error;
  }
  return 'none';
}

it('shows the lines around a place with a mark below the column', () => {
  expect(textFrame('a: 1\nb: [2\nc: 3\n', { line: 2, column: 4, showsValues: true })).toBe(
    '  1 | a: 1\n> 2 | b: [2\n    |    ^\n  3 | c: 3\n  4 |',
  );
});

it('shows keys alone where values may be secrets, and no mark beyond them', () => {
  const frame = textFrame(TEXT, { line: 5, column: 25, showsValues: false });
  expect(frame).toBe('  3 |   password: …\n  4 |   list:\n> 5 |     - key: …\n  6 |   …\n  7 |   tls: …');
  for (let line = 1; line < 9; line++)
    for (let column = 1; column < 30; column++)
      expect(textFrame(TEXT, { line, column, showsValues: false })).not.toContain('s3cret');
});

it('stands below each syntax error of a file', () => {
  const broken = 'service: shop\nfunctions:\n  a: { handler: src/a.a\n  b: {}\n';
  expect(messageOf(broken, true)).toMatch(
    /^\d problems? in the configuration\n {2}sidecar\.yml:4 {2}.+\n\n {6}2 \| functions:\n {6}3 \| {3}a: \{ handler: src\/a\.a\n {4}> 4 \| {3}b: \{\}\n {6} {2}\| +\^\n/,
  );
  expect(messageOf(broken, false)).toContain('    > 4 |   b: …');
  expect(messageOf(broken, false)).not.toContain('src/a');
});
