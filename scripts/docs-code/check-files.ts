import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadManifest } from '../../function-runtime/src/manifest/manifest.ts';
import { loadSidecarConfig } from '../../sidecar/src/load-sidecar-config.ts';
import type { Block } from '../../e2e/src/docs/read-blocks.ts';

/** Which of the two files a block of YAML is, or a part of; undefined: neither. */
export function fileOf({ text }: Block): 'serverless.yml' | 'sidecar.yml' | undefined {
  const [, named] = /^# (serverless|sidecar)\.yml/.exec(text) ?? [];
  if (named !== undefined) return `${named as 'serverless' | 'sidecar'}.yml`;
  const keys = Object.keys((parse(text) ?? {}) as object);
  if (keys.some((key) => ['service', 'functions', 'layers', 'aggregation', 'package'].includes(key))) {
    return 'serverless.yml';
  }
  return keys.some((key) => ['resources', 'gateway', 'http2', 'timers', 'limits'].includes(key))
    ? 'sidecar.yml'
    : undefined;
}

/** Gives a block to the program that reads such a file. Resolves with what it says is wrong; '' where it is right. */
export async function problemsOf(block: Block, protos: ReadonlyMap<string, string>): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'docs-'));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  try {
    for (const [path, text] of [...protos, ...block.files]) put(path, text);
    if (fileOf(block) === 'serverless.yml') {
      put('serverless.yml', stringify(wholeManifest(block)));
      await loadManifest(directory, { env: environmentOf(block.text) });
    } else {
      // Secrets are where operators have them, not here.
      const text = block.text.replaceAll(/\$\{file:(\/[^}]+)\}/g, (_reference, path: string) => {
        put(`secrets${path}`, 'a secret that is long enough');
        return `\${file:${join(directory, 'secrets', path)}}`;
      });
      put('sidecar.yml', text);
      await loadSidecarConfig({ file: join(directory, 'sidecar.yml'), env: environmentOf(text), flags: {} });
    }
    return '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Pages show the part that they speak of: a whole file has a service, functions, and a handler for each. */
function wholeManifest({ text, context }: Block): object {
  const shown = parse(text) as { functions?: Record<string, object> };
  const given = (parse(context) ?? {}) as { functions?: Record<string, object> };
  const functions = { ...given.functions, ...(shown.functions ?? (given.functions ? {} : { f: {} })) };
  const withHandlers = Object.entries(functions).map(([name, spec]) => [name, { handler: `src/f.${name}`, ...spec }]);
  return { service: 'docs', ...given, ...shown, functions: Object.fromEntries(withHandlers) as object };
}

/** Every variable that the file names is set. */
function environmentOf(text: string): Record<string, string> {
  const names = [...text.matchAll(/\$\{(?:env:)?([A-Z0-9_]+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, 'redis://value-that-is-long:1']));
}
