import { describe, expect, it } from 'vitest';
import { startersOf } from './starters.ts';

/** From this process up to the first one. */
const chainOf = (...commands: string[]) => {
  const processes = ['node bottle.js', ...commands].map((command, at) => ({ pid: 100 - at, parent: 99 - at, command }));
  return startersOf(100, (pid) => processes.find((each) => each.pid === pid)).map(({ command }) => command);
};

describe('who started the command', () => {
  it.each([
    ['npx', ['npm exec bottle start']],
    ['a shell of npm', ['sh -c bottle start', 'npm run start']],
    ['pnpm', ['sh -c bottle start', 'node /usr/lib/node_modules/pnpm/bin/pnpm.cjs run start']],
    ['yarn', ['node /home/ann/shop/.yarn/releases/yarn-4.18.1.cjs run start']],
    ['the older yarn', ['/usr/bin/node /usr/share/yarn/bin/yarn.js start']],
    ['several', ['sh -c bottle start', 'npm run start', 'sh -c npm run start', 'node /x/.bin/concurrently npm:start']],
  ])('%s', (_who, chain) => {
    expect(chainOf(...chain, 'bash', 'sshd')).toEqual(chain);
  });
  it.each([
    ['a person’s shell', ['bash', 'sshd: ann']],
    ['an init system', []],
    ['what is called like it', ['node /srv/npm/server.js', '/opt/pnpm/tool --npm=1']],
  ])('nobody: %s', (_who, chain) => {
    expect(chainOf(...chain)).toEqual([]);
  });
});
