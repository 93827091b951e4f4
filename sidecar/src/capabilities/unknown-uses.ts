/** What the settings of a pod offer to its functions. */
export interface Offered {
  /** "cache.sessions" */
  resources: readonly string[];
  /** Capabilities that serve every name without a setting. */
  anyName: readonly string[];
}

/** One sentence for each entry of a `uses` list that names what is not there, with what is. */
export function unknownUses(
  functions: readonly { name: string; uses: readonly string[] }[],
  { resources, anyName }: Offered,
): string[] {
  const names = functions.map(({ name }) => name);
  return functions.flatMap(({ name: user, uses }) =>
    uses.flatMap((use) => {
      const [id = ''] = use.split(':');
      const [capability = '', name = ''] = id.split('.');
      const isKnown =
        resources.includes(id) || anyName.includes(capability) || (capability === 'rpc' && names.includes(name));
      if (isKnown) return [];
      const functionsHere = capability === 'rpc' ? names.map((each) => `rpc.${each}`) : [];
      const known = [...resources.filter((each) => each.startsWith(`${capability}.`)), ...functionsHere];
      const missing =
        capability === 'rpc'
          ? 'neither a function of this pod nor a resource of sidecar.yml'
          : 'not defined in sidecar.yml';
      return `${user} uses ${id}, which is ${missing}; there is ${known.length > 0 ? known.join(', ') : `no ${capability} resource`}`;
    }),
  );
}
