import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { permissionFlags } from './function-permissions.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'bottle-permissions-')));
  for (const path of [
    'shop/src',
    'shop/node_modules/dep',
    'shop/keys/deep',
    'node_modules/hoisted',
    'linked',
    'runtime',
    's',
    't',
  ])
    mkdirSync(join(root, path), { recursive: true });
  for (const path of ['shop/sidecar.yml', 'shop/serverless.yml', 'shop/keys/deep/secret', 'shop/keys/public'])
    writeFileSync(join(root, path), '');
  writeFileSync(join(root, 'shop/package.json'), '{"dependencies":{"linked":"file:../linked","dep":"1"}}');
  symlinkSync(join(root, 'linked'), join(root, 'shop/node_modules/linked'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function allowed(kind: 'read' | 'write', more: Partial<Parameters<typeof permissionFlags>[0]> = {}): string[] {
  const { flags } = permissionFlags({
    projectDir: join(root, 'shop'),
    runtimeDir: join(root, 'runtime'),
    socketDir: join(root, 's'),
    tempDir: join(root, 't'),
    hidden: [join(root, 'shop/sidecar.yml'), join(root, 'shop/keys/deep/secret'), join(root, 'shop/not-there')],
    readable: [],
    writable: [],
    ...more,
  });
  const prefix = `--allow-fs-${kind}=${root}/`;
  return flags.flatMap((flag) => (flag.startsWith(prefix) ? [flag.slice(prefix.length)] : [])).sort();
}

it('shows a project without what is hidden in it, with its packages wherever they are', () => {
  expect(allowed('read')).toEqual(
    [
      ...['package.json', 'serverless.yml', 'serverless.yaml', 'f.yml', 'src', 'node_modules', 'keys/public'].map(
        (name) => `shop/${name}`,
      ),
      'shop/.bottle/compile-cache',
      'node_modules',
      'linked',
      'runtime',
      's',
      't',
    ].sort(),
  );
});
it('lets functions write temporary files, sockets, compiled code, and what was allowed', () => {
  expect(allowed('write')).toEqual(['s', 'shop/.bottle/compile-cache', 't']);
  const more = { readable: [join(root, 'r')], writable: [join(root, 'w')] };
  expect(allowed('write', more)).toContain('w');
  expect(allowed('read', more)).toEqual(expect.arrayContaining(['r', 'w']));
});
it('hides a link’s target by where it leads', () => {
  symlinkSync(join(root, 'shop'), join(root, 'link'));
  expect(allowed('read', { projectDir: join(root, 'link') })).not.toContain('shop/sidecar.yml');
  expect(allowed('read', { projectDir: join(root, 'link') })).toContain('shop/src');
});
