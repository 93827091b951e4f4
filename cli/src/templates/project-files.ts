import { TEMPLATES, type TemplateName } from './templates.ts';
import { TOOL_VERSIONS } from './tool-versions.ts';

/** What package.json says of the two packages. */
export interface PackageVersions {
  cli: string;
  sdk: string;
}

export interface ProjectOptions {
  name: string;
  template: TemplateName;
  javascript: boolean;
  versions: PackageVersions;
  /** Whether Node.js is among its dependencies. */
  bringsNode: boolean;
}

/** The files of a new project, by path. */
export function projectFiles(project: ProjectOptions): Record<string, string> {
  const { name, template, javascript, bringsNode } = project;
  const ending = javascript ? 'js' : 'ts';
  const { files, tryIt } = TEMPLATES[template];
  const options = { name, ending, type: (text: string) => (javascript ? '' : text) } as const;
  return {
    'package.json': json(packageJson(project)),
    ...(javascript ? {} : { 'tsconfig.json': json(TSCONFIG) }),
    ...files(options),
    '.vscode/launch.json': json(LAUNCH),
    '.gitignore': 'node_modules/\n.bottle/\n.env\n.env.local\n*.log\n',
    ...(bringsNode ? { 'pnpm-workspace.yaml': PNPM_WORKSPACE } : {}),
    'README.md': readme(project, tryIt(options)),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function packageJson({ name, javascript, versions, bringsNode }: ProjectOptions): object {
  const { node, ...forTypes } = TOOL_VERSIONS;
  return {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      dev: 'bottle dev',
      start: 'bottle start',
      build: 'bottle build',
      check: 'bottle check',
      test: `node --test "src/**/*.test.${javascript ? 'js' : 'ts'}"`,
      ...(javascript ? {} : { types: 'tsc -p .' }),
    },
    dependencies: { 'bottle-cli': versions.cli, 'bottle-sdk': versions.sdk },
    devDependencies: { ...(javascript ? {} : forTypes), ...(bringsNode ? { node } : {}) },
    // The install script of `node` brings Node.js. npm looks here for whether it may run, pnpm in a file of its own.
    ...(bringsNode ? { allowScripts: { node: true, esbuild: false } } : {}),
  };
}

const PNPM_WORKSPACE = `allowBuilds:
  node: true
  esbuild: false
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
  include: ['src'],
};

const LAUNCH = {
  version: '0.2.0',
  configurations: [
    {
      name: 'Attach to the functions (npm run dev -- --inspect)',
      type: 'node',
      request: 'attach',
      port: 9229,
      restart: true,
      skipFiles: ['<node_internals>/**', '**/node_modules/**'],
    },
  ],
};

const NODE_IS_BROUGHT =
  'Node.js 26 comes with the development dependency `node`. It can go where Node.js 24 or newer is installed anyway, and has to go with\n' +
  'Yarn, which cannot install it.';
const NODE_IS_NEEDED = 'It needs Node.js 24 or newer.';

function readme({ name, javascript, bringsNode }: ProjectOptions, tryIt: string): string {
  return `# ${name}

Functions are in \`src/\`, what calls them is in \`serverless.yml\`, and what they use by name is in \`sidecar.yml\`.

    npm install
    npm run dev        # runs it, reloads on change
    npm test           # unit tests, on a fake of everything that functions use
    npm run check      # validates the files, loads the code
${javascript ? '' : '    npm run types      # checks the types\n'}    npm run build      # .bottle/build: runs as it is, without node_modules
    npm start          # for production

${tryIt}
To debug, \`npm run dev -- --inspect\`, then "Attach to the functions" in the editor.

${bringsNode ? NODE_IS_BROUGHT : NODE_IS_NEEDED}
`;
}
