import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as yaml from 'yaml';
import { parseConfig } from './read-config-file.ts';
import { resolveVariables } from './variables.ts';

let projectDir: string;
beforeAll(() => {
  projectDir = mkdtempSync(join(tmpdir(), 'bottle-variables-'));
  writeFileSync(join(projectDir, 'more.yml'), 'limits: { small: 5 }\nname: "${env:NAME}"\n');
  writeFileSync(join(projectDir, 'note.txt'), 'a note\n');
});
afterAll(() => rmSync(projectDir, { recursive: true, force: true }));

const ENV = { NAME: 'shop', PORT: '8080', ZERO: '007', TRICK: '${self:service}', EMPTY: '' };

async function resolved(text: string): Promise<{ data: unknown; problems: string[]; hides(path: string[]): boolean }> {
  const files: string[] = [];
  const given = parseConfig(yaml, text, 'serverless.yml');
  const options = { env: ENV, projectDir, onFile: (path: string) => void files.push(path) };
  const { source, problems } = await resolveVariables(given, options);
  return {
    data: source.data,
    problems: problems.map(({ source: file, line, path, message }) => `${file}:${line} ${path}: ${message}`),
    hides: (path) => source.hides?.(path) ?? false,
  };
}
const valueOf = async (text: string): Promise<unknown> => {
  const { data, problems } = await resolved(
    `service: shop\ncustom: { table: orders, deep: { n: 3 } }\nx: ${JSON.stringify(text)}\n`,
  );
  expect(problems).toEqual([]);
  return (data as { x: unknown }).x;
};

describe('variables', () => {
  it.each([
    ['${env:NAME}', 'shop'],
    ['${env:PORT}', 8080],
    ['${env:ZERO}', '007'],
    ['${env:EMPTY}', ''],
    ['a-${env:NAME}-${env:PORT}', 'a-shop-8080'],
    ["${env:NOPE, 'text, with a comma'}", 'text, with a comma'],
    ['${env:NOPE, 5}', 5],
    ['${env:NOPE, true}', true],
    ['${env:NOPE, plain}', 'plain'],
    ['${env:NOPE, ${self:custom.table}}', 'orders'],
    ['${self:service}-${self:custom.table}', 'shop-orders'],
    ['${self:custom.deep}', { n: 3 }],
    ['${file(./more.yml):limits.small}', 5],
    ['${file(more.yml):name}', 'shop'],
    ['${file(note.txt)}', 'a note'],
    ['${file(./nope.yml), 1}', 1],
    ['${self:custom.${env:NOPE, table}}', 'orders'],
    ['${HOME} and ${x:y} stay', '${HOME} and ${x:y} stay'],
    ['curl ${URL}/${env:NAME}', 'curl ${URL}/shop'],
    ['${env:TRICK}', '${self:service}'],
    ['=${env:TRICK}', '=${self:service}'],
  ])('%s is %j', async (text, value) => {
    expect(await valueOf(text)).toEqual(value);
  });
  it('say where they cannot be resolved, each in its line', async () => {
    const { problems } = await resolved(
      'service: shop\na: ${env:NOPE}\nb:\n  - ${self:c}\nc: ${self:c}\nd: ${opt:stage}\ne: ${file(./nope.yml)}\nf: x ${self:h} y\ng: ${env:}\nh: [1]\n',
    );
    expect(problems).toEqual([
      "serverless.yml:2 a: env:NOPE has no value, and no other is given: ${env:NOPE, 'value'}",
      expect.stringContaining('serverless.yml:4 b.0: ${self:c} refers to itself'),
      expect.stringContaining('serverless.yml:5 c: ${self:c} refers to itself'),
      expect.stringContaining('serverless.yml:6 d: ${opt:stage}: there is no "opt" here'),
      expect.stringContaining('serverless.yml:7 e: ./nope.yml cannot be read: ENOENT'),
      expect.stringContaining('serverless.yml:8 f: ${self:h} is no text, and stands within one'),
      expect.stringContaining('serverless.yml:9 g: ${env:}: is not written so'),
    ]);
  });
  it('hide what came from the environment', async () => {
    const { hides } = await resolved('a: ${env:NAME}\nb: ${self:service, x}\n');
    expect([hides(['a']), hides(['b'])]).toEqual([true, false]);
  });
});
