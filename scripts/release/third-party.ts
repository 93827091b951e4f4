import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in a bundle. */
interface ThirdParty {
  name: string;
  version: string;
  license: string;
  /** The texts of its licence and notice files. */
  texts: string[];
}

/** What the licences of bundled packages ask for: their names, versions, and texts, in one file. */
export function thirdPartyNotices(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((file) => packageFolder(file) ?? []));
  const packages = [...folders].map((folder) => describe(join(root, folder)));
  const sections = packages
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version))
    .map(({ name, version, license, texts }) => [`## ${name} ${version} (${license})`, ...texts].join('\n\n'));
  return `# Packages whose code is part of this one\n\n${sections.join('\n\n')}\n`;
}

/** "node_modules/@grpc/grpc-js/build/src/x.js" → "node_modules/@grpc/grpc-js"; undefined for code of this repository. */
export function packageFolder(file: string): string | undefined {
  const at = file.lastIndexOf('node_modules/');
  if (at === -1) return undefined;
  const [first = '', second = ''] = file.slice(at + 'node_modules/'.length).split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  return `${file.slice(0, at)}node_modules/${name}`;
}

function describe(folder: string): ThirdParty {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string | { type: string };
  };
  const files = existsSync(folder)
    ? readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    : [];
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { name, version, license: typeof license === 'string' ? license : (license?.type ?? 'see its text'), texts };
}
