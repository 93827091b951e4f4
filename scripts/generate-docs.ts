import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { manifestSchema } from '../function-runtime/src/manifest/manifest-schema.ts';
import { listSettings, sidecarConfigSchema } from '../sidecar/src/config.ts';
import { resourcesPage } from './resources-page.ts';

/** Files that follow from the schemas, by path from the root. */
export function derivedDocuments(): Record<string, string> {
  return {
    'docs/configuration.md': configurationPage(),
    'docs/resources.md': resourcesPage(),
    'function-runtime/serverless.schema.json': schemaText(manifestSchema, 'serverless.yml'),
    'sidecar/sidecar.schema.json': schemaText(sidecarConfigSchema, 'sidecar.yml'),
  };
}

export async function writeDerivedDocuments(root: string): Promise<void> {
  for (const [path, text] of Object.entries(derivedDocuments())) await writeFile(join(root, path), text);
}

function schemaText(schema: z.ZodType, title: string): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
}

function configurationPage(): string {
  const rows = listSettings().map(
    ({ path, env, flag, description, defaultValue }) =>
      `| \`${path.join('.')}\` | \`${env}\` | \`--${flag}\` | \`${String(defaultValue)}\` | ${description} |`,
  );
  return `# Settings of the sidecar

Made from \`sidecar/src/config.ts\` by \`npm run generate\`. A flag wins over the environment, that over \`sidecar.yml\`, that
over the default. All mistakes of all sources are reported at once, with their places; the exit code is 78.

| sidecar.yml | environment | flag | default | |
|---|---|---|---|---|
${rows.join('\n')}

\`--config FILE\` or \`BOTTLE_CONFIG\` names the file; \`sidecar.yml\` in the working directory is the sidecar's default.
The commands of \`bottle\` take the one beside \`serverless.yml\`, and no other; for an output of \`bottle build\`, that of the
project whose \`.bottle/build\` it is, or the one in the working directory. \`bottle dev\` and \`bottle start\` listen on
127.0.0.1 (\`dev\`), and drain without (\`dev\`) or with 2 s (\`start\`) of propagation time unless a file or the environment
says otherwise. What is wrong in the file is an error also where a flag or the environment decides.

What resources take is in [resources.md](resources.md).

The function container takes \`--socket-dir\` (\`BOTTLE_SOCKET_DIR\`), \`--functions a,b\` (\`BOTTLE_FUNCTIONS\`: serve these
functions alone), \`--blocked-ms\` (\`BOTTLE_BLOCKED_MS\`, 5000) and \`--log-level\` (\`BOTTLE_LOG_LEVEL\`).
`;
}
