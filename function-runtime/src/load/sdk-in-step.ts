import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VERSION } from '@bottle/protos';

/**
 * Functions always get this runtime's SDK; a project installs its own for types, tests and Kysely. Of another version it
 * would describe what does not run here: the answer is then one line that says so, otherwise undefined.
 */
export function sdkOutOfStep(projectDir: string): string | undefined {
  const installed = installedVersion(projectDir);
  if (installed === undefined || installed === VERSION) return undefined;
  return (
    `bottle-sdk ${installed} is installed here, and this is bottle ${VERSION}; they go together: ` +
    `npm install bottle-sdk@${VERSION}, or bottle-cli@${installed}`
  );
}

/** The nearest one, as Node.js looks for packages. */
function installedVersion(projectDir: string): string | undefined {
  for (let directory = projectDir; ; directory = dirname(directory)) {
    const version = versionIn(join(directory, 'node_modules/bottle-sdk/package.json'));
    if (version !== undefined || directory === dirname(directory)) return version;
  }
}

function versionIn(file: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined; // not there, or not to be read: nobody imports it either
  }
}
