/** Node's permission model; before 24.21 without `drop`. */
export interface Permissions {
  has(scope: string, reference?: string): boolean;
  drop?(scope: string): void;
}

/**
 * Under `--permission`: takes back what the runtime needed and functions must not have, for good. A worker thread can
 * be started without the permissions of its process, so whoever may start one may do everything. Throws when this
 * Node.js cannot take it back.
 */
export function giveUpPermissions(permissions: Permissions | undefined): void {
  for (const scope of ['worker', 'inspector']) {
    if (!permissions?.has(scope)) continue;
    if (!permissions.drop) throw new Error(`this Node.js cannot take back --allow-${scope}: start it without`);
    permissions.drop(scope);
  }
}
