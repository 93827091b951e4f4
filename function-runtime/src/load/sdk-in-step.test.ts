import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '@bottle/protos';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sdkOutOfStep } from './sdk-in-step.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bottle-step-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function install(directory: string, packageJson: string): void {
  const folder = join(root, directory, 'node_modules/bottle-sdk');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), packageJson);
}

it('a project without the SDK, or with the one of this version, is fine', () => {
  expect(sdkOutOfStep(root)).toBeUndefined();
  install('.', JSON.stringify({ name: 'bottle-sdk', version: VERSION }));
  expect(sdkOutOfStep(root)).toBeUndefined();
});

it('another version is refused in one line that names both ways out', () => {
  install('.', JSON.stringify({ name: 'bottle-sdk', version: '9.1.0' }));
  const line = sdkOutOfStep(root);
  expect(line).toBe(
    `bottle-sdk 9.1.0 is installed here, and this is bottle ${VERSION}; they go together: ` +
      `npm install bottle-sdk@${VERSION}, or bottle-cli@9.1.0`,
  );
});

it('the nearest installed SDK counts, of the project or a folder above it', () => {
  install('.', JSON.stringify({ name: 'bottle-sdk', version: '9.1.0' }));
  mkdirSync(join(root, 'services/shop'), { recursive: true });
  expect(sdkOutOfStep(join(root, 'services/shop'))).toContain('9.1.0');
  install('services', JSON.stringify({ name: 'bottle-sdk', version: VERSION }));
  expect(sdkOutOfStep(join(root, 'services/shop'))).toBeUndefined();
});

it('a broken package.json stops nothing', () => {
  install('.', '{');
  expect(sdkOutOfStep(root)).toBeUndefined();
});
