import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellLine } from './shell-line.ts';

it('is read by a shell as the words that it was made of', () => {
  const words = ['a', '--b=c', '@d.json', '{"e": "f\'g"}', '$HOME', '*', 'h;i', ''];
  expect(execFileSync('sh', ['-c', `printf '%s\\n' ${shellLine(words)}`]).toString()).toBe(`${words.join('\n')}\n`);
  expect(shellLine(['npx', 'bottle', '--data', '@event.json'])).toBe('npx bottle --data @event.json');
});
