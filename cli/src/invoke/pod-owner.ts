import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Whose pod answers on a port. */
export interface PodOwner {
  service: string | null;
  /** Absent where nobody said it: in containers. */
  directory?: string;
}

/** Undefined when no pod answers there. */
export async function podOwnerAt(
  adminPort: number,
  authorization: Readonly<Record<string, string>>,
): Promise<PodOwner | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/functions`, { headers: { ...authorization } });
    if (response.status === 401) return { service: 'a pod that wants BOTTLE_ADMIN_TOKEN' };
    const owner = (await response.json()) as PodOwner;
    return 'service' in owner ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** By directory where it is known, else by the name in the manifest; what is no project is nobody's. */
export function isPodOf({ service, directory }: PodOwner, projectDir: string): boolean {
  if (directory !== undefined) return sameDirectory(directory, projectDir);
  const file = ['serverless.yml', 'serverless.yaml', 'f.yml'].map((name) => join(projectDir, name)).find(existsSync);
  if (file === undefined) return true;
  const [, own] = /^service:\s*["']?([^\s"'#]+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  return own === service;
}

function sameDirectory(one: string, other: string): boolean {
  return existsSync(one) && realpathSync(one) === realpathSync(other);
}
