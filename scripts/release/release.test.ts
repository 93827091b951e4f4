import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@bottle/protos';
import { encode, decode } from '@jridgewell/sourcemap-codec';
import { describe, expect, it } from 'vitest';
import { TOOL_VERSIONS } from '../../cli/src/templates/tool-versions.ts';
import { ownSourceMap } from './own-source-map.ts';
import { changelogOf, type Manifest, ReleaseProblem } from './stage.ts';
import { packageFolder } from './third-party.ts';

const ROOT = join(import.meta.dirname, '../..');
interface PackageJson extends Manifest {
  devDependencies?: Record<string, string>;
  workspaces?: string[];
}
function packageJson(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as PackageJson;
}

describe('versions', () => {
  it('of all packages, and of what they need of each other, are in step', () => {
    const { version, workspaces = [] } = packageJson('.');
    const folders = workspaces.flatMap((workspace) =>
      workspace.endsWith('/*')
        ? readdirSync(join(ROOT, workspace.slice(0, -2))).map((name) => join(workspace.slice(0, -2), name))
        : [workspace],
    );
    const packages = folders.map(packageJson);
    const names = new Set(packages.map(({ name }) => name));
    expect(packages.length).toBeGreaterThan(10);
    expect(VERSION).toBe(version);
    for (const { name, version: own, dependencies = {} } of packages) {
      expect([name, own]).toEqual([name, version]);
      const ofOurs = Object.entries(dependencies).filter(([needed]) => names.has(needed));
      expect([name, ...ofOurs]).toEqual([name, ...ofOurs.map(([needed]) => [needed, version])]);
    }
  });

  it('of the tools of a new project are those that this repository uses', () => {
    const { devDependencies = {} } = packageJson('.');
    // `typescript` here is the one with a programming interface, for the tools that need that.
    const typescript = devDependencies['@typescript/native']?.replace('npm:typescript@', '');
    for (const [name, range] of Object.entries(TOOL_VERSIONS))
      expect([name, range]).toEqual([name, `^${name === 'typescript' ? typescript : devDependencies[name]}`]);
  });
});

describe('the changelog of a package', () => {
  it('is the repository’s when it has an entry for the version', () => {
    const text = '# Changelog\n\n## Unreleased\n\n- more\n\n## 0.1.0\n\n- first\n';
    expect(changelogOf(text, '0.1.0')).toBe(text);
  });

  it('has what is unreleased as the entry of a new version', () => {
    const text = '# Changelog\n\n## Unreleased\n\n- more\n\n## 0.1.0\n\n- first\n';
    expect(changelogOf(text, '0.2.0')).toBe(text.replace('Unreleased', '0.2.0'));
  });

  it('must have something to say', () => {
    const text = '# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- first\n';
    expect(() => changelogOf(text, '0.2.0')).toThrow(ReleaseProblem);
  });
});

describe('a source map', () => {
  const places = { root: '/repo', outdir: '/tmp/out/dist', extraLines: 0 };
  const source = (path: string): string => `../../../repo/${path}`;

  it('leads to this repository’s sources as they are shipped, and to no other package’s', () => {
    const mappings = encode([
      [
        [0, 0, 4, 0],
        [10, 1, 9, 0],
        [20, 0, 5, 2],
      ],
      [[0, 1, 11, 0]],
    ]);
    const sources = [source('sidecar/src/main.ts'), source('node_modules/pino/pino.js')];
    const map = JSON.parse(ownSourceMap(JSON.stringify({ version: 3, sources, names: ['x'], mappings }), places)) as {
      sources: string[];
      mappings: string;
    };
    expect(map.sources).toEqual(['../src/sidecar/src/main.ts']);
    expect(decode(map.mappings)).toEqual([[[0, 0, 4, 0], [10], [20, 0, 5, 2]], []]);
  });

  it('counts the lines that were put before the code', () => {
    const text = JSON.stringify({ sources: [source('a/src/a.ts')], names: [], mappings: encode([[[0, 0, 0, 0]]]) });
    const { mappings } = JSON.parse(ownSourceMap(text, { ...places, extraLines: 2 })) as { mappings: string };
    expect(decode(mappings)).toEqual([[], [], [[0, 0, 0, 0]]]);
  });
});

it('a bundled file belongs to the innermost package', () => {
  expect(packageFolder('node_modules/@grpc/grpc-js/build/src/x.js')).toBe('node_modules/@grpc/grpc-js');
  expect(packageFolder('node_modules/a/node_modules/b/index.js')).toBe('node_modules/a/node_modules/b');
  expect(packageFolder('sidecar/src/main.ts')).toBeUndefined();
});
