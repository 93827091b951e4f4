import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const VICTIM = { name: 'victim', versions: { '1.0.0': { name: 'victim', version: '1.0.0' } }, 'dist-tags': {} };
const ROOT = join(import.meta.dirname, '..');

describe('the audit', () => {
  let directory: string;
  let closeRegistry = (): void => {};
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bottle-audit-'));
    const dependencies = { victim: '1.0.0' };
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'a', version: '1.0.0', dependencies }));
    const packages = { '': { name: 'a', version: '1.0.0', dependencies }, 'node_modules/victim': { version: '1.0.0' } };
    writeFileSync(
      join(directory, 'package-lock.json'),
      JSON.stringify({ name: 'a', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
    );
  });
  afterEach(() => {
    closeRegistry();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A registry that answers the question for advisories with this. */
  async function audit(status: number, answer: object): Promise<{ code: number; output: string; asked: string[] }> {
    const asked: string[] = [];
    const registry = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isQuestion = request.url?.endsWith('/advisories/bulk') ?? false;
        const body = Buffer.concat(chunks);
        const text = (body[0] === 0x1f ? gunzipSync(body) : body).toString();
        if (isQuestion) asked.push(text);
        response.writeHead(isQuestion ? status : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(isQuestion ? answer : VICTIM));
      });
    }).listen(0, '127.0.0.1');
    closeRegistry = () => {
      registry.closeAllConnections();
      registry.close();
    };
    await once(registry, 'listening');
    const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
    const args = [
      join(ROOT, 'scripts/audit.mjs'),
      directory,
      `--registry=${url}`,
      '--fetch-retries=0',
      `--cache=${directory}/cache`,
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    const [code] = (await once(child, 'close')) as [number];
    return { code, output, asked };
  }
  const advisory = (severity: string) => ({
    victim: [{ id: 1, url: 'https://example.com/1', title: 'runs anything', severity, vulnerable_versions: '<2' }],
  });

  it('fails on an advisory of severity high, and names it', async () => {
    const { code, output, asked } = await audit(200, advisory('high'));
    expect(asked).toEqual(['{"victim":["1.0.0"]}']);
    expect(output).toMatch(/high: victim \S+: runs anything https:\/\/example\.com\/1/);
    expect(code).toBe(1);
  });
  it('passes when there is none, or none as severe', async () => {
    expect(await audit(200, {})).toMatchObject({ code: 0, output: expect.stringContaining('0 known vulnerabilities') });
    expect(await audit(200, advisory('low'))).toMatchObject({ code: 0, output: expect.stringContaining('1 known') });
  });
  it('says loudly that nothing was audited when the registry does not know advisories', async () => {
    expect(await audit(405, {})).toMatchObject({ code: 0, output: expect.stringContaining('*** NOT AUDITED') });
  });
  it('runs in CI, before the tests', () => {
    const script = readFileSync(join(ROOT, '.ci/run'), 'utf8');
    expect(script.indexOf('node scripts/audit.mjs')).toBeGreaterThan(0);
    expect(script.indexOf('node scripts/audit.mjs')).toBeLessThan(script.indexOf('npm test'));
  });
});

describe('the lock file', () => {
  interface Locked {
    version?: string;
    integrity?: string;
    link?: boolean;
    hasInstallScript?: boolean;
    inBundle?: boolean;
  }
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const installed = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);

  it('has the digest of every package', () => {
    expect(installed.length).toBeGreaterThan(100);
    const without = installed.filter(([, { integrity, inBundle }]) => !integrity?.startsWith('sha512-') && !inBundle);
    expect(without.map(([path]) => path)).toEqual([]);
  });
  it('has no package from elsewhere than a registry', () => {
    const versions = installed.map(([path, { version }]) => `${path} ${version}`);
    expect(versions.filter((text) => /\s(git|file|http)/.test(text))).toEqual([]);
  });
  it('has no package that runs code at installation which package.json does not decide about', () => {
    const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { allowScripts: object };
    const names = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    const decided = new Set(Object.keys(root.allowScripts));
    expect(names.filter((name) => !decided.has(name))).toEqual([]);
  });
  it('pins what package.json files ask for', () => {
    const ranges = Object.entries(lock.packages)
      .filter(([path]) => !path.includes('node_modules/'))
      .flatMap(([path, entry]) => {
        const { dependencies = {}, devDependencies = {} } = entry as Record<string, Record<string, string>>;
        return Object.entries({ ...dependencies, ...devDependencies }).map(
          ([name, range]) => `${path} ${name} ${range}`,
        );
      });
    expect(ranges.length).toBeGreaterThan(30);
    expect(ranges.filter((text) => !/ ((npm:[@\w/-]+@)?\d+\.\d+\.\d+[\w.-]*|\*|file:.*)$/.test(text))).toEqual([]);
  });
});
