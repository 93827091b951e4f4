import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { checkPackage as checkTypes, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

interface PackedManifest {
  name: string;
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  [field: string]: unknown;
}

const REQUIRED_FILES = ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json'];
const REQUIRED_FIELDS = ['name', 'version', 'description', 'keywords', 'license', 'repository'];
const UNWANTED = /\.(test|spec)\.|(^|\/)(__tests__|node_modules|coverage)\/|\.tsbuildinfo$|(^|\/)\.env/;
const TEXT = /\.([mc]?[jt]s|json|map|md|proto)$/;

/** Everything that is wrong with a package that is about to be published: empty when it is fine. */
export async function problemsOf(directory: string, tarball: string, root: string): Promise<string[]> {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackedManifest;
  return [
    ...contentProblems(directory, manifest, root),
    ...(await publintProblems(directory)),
    ...(await typeProblems(tarball)),
  ].map((problem) => `${manifest.name}: ${problem}`);
}

/** What is wrong with the files themselves; `root` is where this repository is, which no file may mention. */
export function contentProblems(directory: string, manifest: PackedManifest, root: string): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  const named = [...targetsOf(manifest.exports), ...targetsOf(manifest.bin), ...targetsOf(manifest['imports'])];
  const dependencies = Object.keys(manifest.dependencies ?? {});
  return [
    ...REQUIRED_FILES.filter((file) => !files.includes(file)).map((file) => `there is no ${file}`),
    ...REQUIRED_FIELDS.filter((field) => isEmpty(manifest[field])).map((field) => `package.json has no ${field}`),
    ...(manifest['devDependencies'] ? ['package.json has devDependencies'] : []),
    ...dependencies
      .filter((name) => name.startsWith('@bottle/'))
      .map((name) => `depends on ${name}, which is not published`),
    ...named
      .filter((file) => !existsSync(join(directory, file)))
      .map((file) => `package.json names ${file}, which is not there`),
    ...files.filter((file) => file.endsWith('.d.ts')).flatMap((file) => importProblems(directory, file, manifest)),
    ...files.filter((file) => /^dist\/.*\.js$/.test(file)).flatMap((file) => threadProblems(directory, file)),
    ...files.filter((file) => UNWANTED.test(file)).map((file) => `has ${file}`),
    ...files.filter((file) => file.endsWith('.map')).flatMap((file) => mapProblems(directory, file)),
    ...files
      .filter((file) => TEXT.test(file) && readFileSync(join(directory, file), 'utf8').includes(root))
      .map((file) => `${file} has a path of this machine`),
  ];
}

/** Threads are started from files of their own, which no import shows. */
function threadProblems(directory: string, file: string): string[] {
  const text = readFileSync(join(directory, file), 'utf8');
  const threads = [...text.matchAll(/["']\.\/([\w-]+-(?:thread|child-process)\.js)["']/g)].map(([, name = '']) => name);
  const missing = threads.filter((name) => !existsSync(join(directory, file, '..', name)));
  return missing.map((name) => `${file} starts ${name}, which is not there`);
}

/** Types that need packages which nobody installs are `any`, silently. */
function importProblems(directory: string, file: string, manifest: PackedManifest): string[] {
  const known = new Set([manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]);
  const text = readFileSync(join(directory, file), 'utf8');
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g)].map(
    ([, specifier = '']) => specifier,
  );
  const unknown = specifiers.filter((specifier) => !/^(\.|node:)/.test(specifier) && !known.has(specifier));
  return [...new Set(unknown)].map((specifier) => `${file} takes types from ${specifier}, which is no dependency`);
}

/** A source map leads to files that are there. */
function mapProblems(directory: string, file: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { sources: string[] };
  const missing = sources.filter((source) => !existsSync(join(directory, file, '..', source)));
  return missing.map((source) => `${file} leads to ${source}, which is not there`);
}

async function publintProblems(pkgDir: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** As `attw --profile esm-only`: packages are ES modules, which Node.js since 22 also gives to `require`. */
async function typeProblems(tarball: string): Promise<string[]> {
  const analysis = await checkTypes(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
  if (!analysis.types) return [];
  const ignored = new Set(['node10', 'node16-cjs']);
  return analysis.problems
    .filter((problem) => !('resolutionKind' in problem && ignored.has(problem.resolutionKind)))
    .map((problem) => `types: ${problem.kind} ${'entrypoint' in problem ? problem.entrypoint : ''}`.trimEnd());
}

function targetsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('./') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(targetsOf) : [];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
