import { readFileSync } from 'node:fs';

/** The version of this command, and so of the SDK that goes with it. */
export function ownVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
