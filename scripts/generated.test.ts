import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAPABILITY_PROTO_FILES, PROTO_DIR, PROTO_FILES } from '@bottle/protos';
import { expect, it } from 'vitest';
import { derivedDocuments } from './generate-docs.ts';
import { KUBERNETES_BASE, kubernetesBaseFiles } from './generate-kubernetes.ts';
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

it('deploy/kubernetes/base is what `bottle render examples/light-store` makes', () => {
  const files = kubernetesBaseFiles(ROOT);
  expect(readdirSync(join(ROOT, KUBERNETES_BASE)).sort()).toEqual(Object.keys(files).sort());
  for (const [name, text] of Object.entries(files))
    expect(readFileSync(join(ROOT, KUBERNETES_BASE, name), 'utf8')).toBe(text);
});

it('every service, method, message, field and value of the contract is described', () => {
  const files = [...PROTO_FILES, ...Object.values(CAPABILITY_PROTO_FILES)];
  const declared =
    /^\s*(service|rpc|message|enum)\s|^\s*((repeated|optional)\s+)?[\w.]+\s+\w+\s*=\s*\d+;|^\s*[A-Z_]+\s*=\s*\d+;/;
  const found = files.flatMap((file) => {
    const lines = readFileSync(join(PROTO_DIR, file), 'utf8').split('\n');
    return lines.flatMap((line, at) =>
      declared.test(line) ? [{ line: `${file}: ${line.trim()}`, above: lines[at - 1]?.trim() ?? '' }] : [],
    );
  });
  expect(found.length).toBeGreaterThan(200);
  expect(found.filter(({ above }) => !above.startsWith('//')).map(({ line }) => line)).toEqual([]);
});
