export interface TemplateOptions {
  name: string;
  javascript: boolean;
  /** For package.json. */
  sdkVersion: string;
}

/** The files of a new project, by path. */
export function projectFiles({ name, javascript, sdkVersion }: TemplateOptions): Record<string, string> {
  const source = javascript ? 'src/hello.js' : 'src/hello.ts';
  const files: Record<string, string> = {
    'package.json': json({
      name,
      private: true,
      type: 'module',
      scripts: { dev: 'bottle dev', start: 'bottle start', check: 'bottle check' },
      dependencies: { 'bottle-sdk': sdkVersion },
    }),
    'serverless.yml': SERVERLESS_YML.replace('NAME', name),
    [source]: javascript ? HELLO_JS : HELLO_TS,
    '.gitignore': 'node_modules/\n.bottle/\n',
    'README.md': README.replaceAll('NAME', name).replace('SOURCE', source),
  };
  if (!javascript) files['tsconfig.json'] = json(TSCONFIG);
  return files;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
  include: ['src'],
};

const SERVERLESS_YML = `service: NAME

provider:
  timeout: 10 # seconds

functions:
  hello:
    handler: src/hello.hello
    events:
      - http: { path: /hello/:name, method: get }
  echo:
    handler: src/hello.echo
    events:
      - http: { path: /echo, method: post }
  greetAll:
    handler: src/hello.greetAll
    events:
      - http: { path: /greetings, method: get }
`;

const HELLO_TS = `import { defineFunction } from 'bottle-sdk';

export const hello = defineFunction.http((ctx) => {
  ctx.logger.info({ name: ctx.params.name }, 'greeting');
  return { hello: ctx.params.name };
});

/** The event is the request body: JSON arrives parsed. */
export const echo = defineFunction.http<{ text: string }>((_ctx, event) => ({ text: event.text }));

/** What an async generator yields is streamed as it comes. */
export const greetAll = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/plain; charset=utf-8';
  for (const name of ['Ada', 'Grace', 'Radia']) yield \`hello \${name}\\n\`;
});
`;

const HELLO_JS = `export const hello = (ctx) => {
  ctx.logger.info({ name: ctx.params.name }, 'greeting');
  return { hello: ctx.params.name };
};

/** The event is the request body: JSON arrives parsed. */
export const echo = (_ctx, event) => ({ text: event.text });

/** What an async generator yields is streamed as it comes. */
export async function* greetAll(ctx) {
  ctx.type = 'text/plain; charset=utf-8';
  for (const name of ['Ada', 'Grace', 'Radia']) yield \`hello \${name}\\n\`;
}
`;

const README = `# NAME

Functions are in \`SOURCE\`, their routes in \`serverless.yml\`.

    npx bottle dev        # here: runs it, reloads on change
    npx bottle check      # validates and loads everything
    npx bottle invoke echo --data '{"text":"hi"}'

    curl localhost:8080/hello/you
    curl localhost:8080/echo -H 'content-type: application/json' -d '{"text":"hi"}'
    curl localhost:8080/greetings
`;
