import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ProjectOptions, projectFiles } from './project-files.ts';
import { TEMPLATES, type TemplateName } from './templates.ts';
import { TOOL_VERSIONS } from './tool-versions.ts';

const NAMES = Object.keys(TEMPLATES) as TemplateName[];

function files(options: Partial<ProjectOptions> = {}): Record<string, string> {
  const versions = { cli: '^1.2.3', sdk: '^1.2.3' };
  return projectFiles({ name: 'shop', template: 'api', javascript: false, versions, bringsNode: true, ...options });
}
function packageJson(made: Record<string, string>): Record<string, Record<string, string>> {
  return JSON.parse(made['package.json'] ?? '') as Record<string, Record<string, string>>;
}

describe.each(NAMES.flatMap((template) => [false, true].map((javascript) => ({ template, javascript }))))(
  'the template $template (JavaScript: $javascript)',
  ({ template, javascript }) => {
    const made = files({ template, javascript });

    it('has both packages with versions, and scripts for all that one does', () => {
      const { dependencies, scripts } = packageJson(made);
      expect(dependencies).toEqual({ 'bottle-cli': '^1.2.3', 'bottle-sdk': '^1.2.3' });
      for (const name of ['dev', 'start', 'build', 'check', 'test']) expect(scripts).toHaveProperty(name);
    });

    it('tells editors the schema of both files that one writes', () => {
      for (const name of ['serverless', 'sidecar']) {
        const [first] = (made[`${name}.yml`] ?? '').split('\n');
        expect(first).toBe(`# yaml-language-server: $schema=./node_modules/bottle-cli/${name}.schema.json`);
      }
    });

    it('has the code of each function, and a test beside it', () => {
      const ending = javascript ? 'js' : 'ts';
      const { functions } = parse(made['serverless.yml'] ?? '') as { functions: Record<string, { handler: string }> };
      expect(Object.keys(functions).length).toBeGreaterThan(1);
      for (const { handler } of Object.values(functions)) {
        const [file = '', name = ''] = handler.split('.');
        expect(made[`${file}.${ending}`]).toContain(`export const ${name} = `);
        expect(made[`${file}.test.${ending}`]).toContain('bottle-sdk/testing');
      }
    });

    it('has nothing in it that only this repository understands', () => {
      expect(Object.values(made).join('\n')).not.toMatch(/@bottle\/|file:/);
    });
  },
);

it('an editor attaches to the port that --inspect listens on', () => {
  const { configurations } = JSON.parse(files()['.vscode/launch.json'] ?? '') as { configurations: object[] };
  expect(configurations).toMatchObject([{ type: 'node', request: 'attach', port: 9229, restart: true }]);
});

it('brings Node.js for npm and pnpm, whose leave its install script needs, or does not', () => {
  const brought = files();
  expect(packageJson(brought)).toMatchObject({
    devDependencies: { node: TOOL_VERSIONS.node },
    allowScripts: { node: true },
  });
  expect(brought['pnpm-workspace.yaml']).toContain('node: true');
  const bare = files({ bringsNode: false });
  expect(packageJson(bare)['devDependencies']).not.toHaveProperty('node');
  expect(packageJson(bare)).not.toHaveProperty('allowScripts');
  expect(bare).not.toHaveProperty('pnpm-workspace.yaml');
});
