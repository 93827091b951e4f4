import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { derivedDocuments } from './generate-docs.ts';
import { generateProtoTypes } from './generate-proto-types.ts';

const ROOT = join(import.meta.dirname, '..');

it('the types of the .proto files are fresh', async () => {
  const fresh = mkdtempSync(join(tmpdir(), 'bottle-types-'));
  await generateProtoTypes(fresh);
  const files = readdirSync(fresh, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map(({ parentPath, name }) => join(parentPath, name).slice(fresh.length + 1)).sort();
  const checkedIn = join(ROOT, 'protos/src/generated');
  const present = readdirSync(checkedIn, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(present.map(({ parentPath, name }) => join(parentPath, name).slice(checkedIn.length + 1)).sort()).toEqual(
    names,
  );
  expect(names.length).toBeGreaterThan(15);
  for (const name of names)
    expect(readFileSync(join(checkedIn, name), 'utf8')).toBe(readFileSync(join(fresh, name), 'utf8'));
  rmSync(fresh, { recursive: true });
});

it('pages and schemas made from the settings are fresh', () => {
  for (const [path, text] of Object.entries(derivedDocuments()))
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
});

it('every service and method of the contract is described', () => {
  for (const name of ['channel', 'runtime', 'bottle']) {
    const lines = readFileSync(join(ROOT, `protos/bottle/v1/${name}.proto`), 'utf8').split('\n');
    const bare = lines.filter(
      (line, index) => /^\s*(rpc |service )/.test(line) && !lines[index - 1]?.trim().startsWith('//'),
    );
    expect(bare).toEqual([]);
  }
});
