import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LoadErrors } from './load-errors.ts';

let project: string;
let printed: string[];
let errors: LoadErrors;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'le-')));
  mkdirSync(join(project, 'src'));
  printed = [];
  errors = new LoadErrors({
    projectDir: project,
    files: () => [join(project, 'src/a.js')],
    print: (text) => printed.push(text),
  });
});
afterEach(() => rmSync(project, { recursive: true }));

const write = (text: string): void => writeFileSync(join(project, 'src/a.js'), text);
const took = (error: Error, more: object = {}): boolean => {
  const err = { type: error.name, message: error.message, stack: error.stack };
  return errors.take({ text: '', fields: { msg: 'function failed to initialise', err, attempt: 1, ...more } });
};
const failing = (stack: string, name = 'TypeError', message = 'no'): Error =>
  Object.assign(new Error(message), { name, stack: `${name}: ${message}\n${stack}` });

it('prints an error once, however many functions it concerns and however often they are tried', async () => {
  write('const a = undefined;\na.b();\n');
  const error = failing(`    at ${project}/src/a.js:2:3\n    at node:internal/x:1:1`);
  expect([took(error, { function: 'one' }), took(error, { function: 'two' })]).toEqual([true, true]);
  took(failing(`    at file://${project}/src/a.js?bottle-attempt=2:2:3`), { attempt: 2 });
  await errors.printed();
  expect(printed).toEqual([
    ['src/a.js:2:3  TypeError: no', '', '  1 | const a = undefined;', '> 2 | a.b();', '    |   ^', '  3 |', ''].join(
      '\n',
    ),
  ]);
  errors.reset();
  took(error, { attempt: 3 });
  await errors.printed();
  expect(printed).toHaveLength(1);
  took(error);
  await errors.printed();
  expect(printed).toHaveLength(2);
});

it('finds the place of a syntax error, which Node.js does not say for JavaScript', async () => {
  write('export const a = 1;\nthis is no JavaScript\n');
  took(failing('    at compileSourceTextModule (node:internal/modules/esm/utils:319:16)', 'SyntaxError'));
  await errors.printed();
  expect(printed[0]).toContain('src/a.js:2:6  SyntaxError: no');
});

it('reads what Node.js writes above a stack, and who imports what is not there', async () => {
  write("import { b } from './b.js';\n");
  const above = `file://${project}/src/a.js:1\nimport { b } from './b.js';\n         ^\nSyntaxError: no b`;
  took(Object.assign(new Error('no b'), { name: 'SyntaxError', stack: above }));
  took(failing('', 'Error', `Cannot find module '${project}/src/b.js' imported from ${project}/src/a.js`));
  await errors.printed();
  expect(printed.map((text) => text.split(' ')[0])).toEqual(['src/a.js:1:10', 'src/a.js:1:19']);
});

it('prints an error without a place as it is, and leaves other lines alone', async () => {
  const nowhere = failing('', 'BottleError', 'handler "src/a.b": there is no file src/a.ts or .js');
  expect(took(nowhere)).toBe(true);
  expect(errors.take({ text: '', fields: { msg: 'request' } })).toBe(false);
  expect(errors.take({ text: 'plain', fields: undefined })).toBe(false);
  await errors.printed();
  expect(printed).toEqual(['handler "src/a.b": there is no file src/a.ts or .js']);
});
