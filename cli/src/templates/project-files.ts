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
}

/** The files of a new project, by path. */
export function projectFiles({ name, template, javascript, versions }: ProjectOptions): Record<string, string> {
  const ending = javascript ? 'js' : 'ts';
  const { files, tryIt } = TEMPLATES[template];
  const options = { name, ending, type: (text: string) => (javascript ? '' : text) } as const;
  return {
    'package.json': json(packageJson(name, javascript, versions)),
    ...(javascript ? {} : { 'tsconfig.json': json(TSCONFIG) }),
    ...files(options),
    '.vscode/launch.json': json(LAUNCH),
    '.gitignore': 'node_modules/\n.bottle/\n.env\n*.log\n',
    'pnpm-workspace.yaml': PNPM_WORKSPACE,
    'README.md': readme(name, tryIt(options), javascript),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function packageJson(name: string, javascript: boolean, versions: PackageVersions): object {
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
    devDependencies: javascript ? { node } : { ...forTypes, node },
    // The install script of `node` brings Node.js. npm and Yarn look here for whether it may run, pnpm in the file below.
    allowScripts: { node: true, esbuild: false },
    dependenciesMeta: { node: { built: true } },
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

function readme(name: string, tryIt: string, javascript: boolean): string {
  return `# ${name}

Functions are in \`src/\`, what calls them is in \`serverless.yml\`, and what they use by name is in \`sidecar.yml\`.

    npm install
    npm run dev        # runs it, reloads on change
    npm test           # unit tests, on a fake of everything that functions use
    npm run check      # validates the files, loads the code
${javascript ? '' : '    npm run types      # checks the types\n'}    npm run build      # .bottle/build: runs as it is, without node_modules
    npm start          # for production

${tryIt}
To debug, \`npm run dev -- --inspect\`, then "Attach to the functions" in the editor. Node.js 24 comes with the development
dependency \`node\`; it can go where Node.js 24 is installed anyway.
`;
}
