import { expect, it } from 'vitest';
import { codeFrame } from './code-frame.ts';

const TEXT = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join('\n');

it('shows the lines around a place, and a mark below its column', () => {
  expect(codeFrame(TEXT, { file: 'f', line: 10, column: 3 })).toBe(
    ['   8 | line 8', '   9 | line 9', '> 10 | line 10', '     |   ^', '  11 | line 11', '  12 | line 12'].join('\n'),
  );
});
it('keeps within the file, and has no mark without a column', () => {
  expect(codeFrame('only', { file: 'f', line: 1, column: 0 })).toBe('> 1 | only');
});
it('keeps tabs, so that the mark is where it belongs', () => {
  expect(codeFrame('\tif (', { file: 'f', line: 1, column: 5 })).toBe('> 1 | \tif (\n    | \t   ^');
});
