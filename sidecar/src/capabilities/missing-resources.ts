/** Of what there is instead, in a message. */
const MAX_SHOWN = 12;

/** What the settings of a pod offer to its functions. */
export interface Offered {
  /** "cache.sessions" */
  resources: readonly string[];
  /** Capabilities that serve every name without a setting. */
  anyName: readonly string[];
}

/** A resource that a function names. */
export interface Need {
  /** The function. */
  by: string;
  /** "cache.sessions" */
  resource: string;
}

/** What somebody needs and nobody offers. */
export interface Missing<Of extends Need = Need> {
  need: Of;
  /** Of the same capability. */
  known: string[];
}

/** Each resource that is not there once for each function that names it, with those that it could have named. */
export function missingResources<Of extends Need>(
  needs: readonly Of[],
  functions: readonly string[],
  { resources, anyName }: Offered,
): Missing<Of>[] {
  const offered = new Set(resources);
  const here = new Set(functions);
  const said = new Set<string>();
  return needs.flatMap((need) => {
    const { capability, name } = partsOf(need.resource);
    const isThere =
      offered.has(need.resource) || anyName.includes(capability) || (capability === 'rpc' && here.has(name));
    const key = `${need.by} ${need.resource}`;
    if (isThere || said.has(key)) return [];
    said.add(key);
    const functionsHere = capability === 'rpc' ? functions.map((each) => `rpc.${each}`) : [];
    return [{ need, known: [...resources.filter((each) => each.startsWith(`${capability}.`)), ...functionsHere] }];
  });
}

/** "sell uses cache.crats, which sidecar.yml does not have; there is cache.carts"; `file` stands for where it is missing. */
export function missingWords({ need: { by, resource }, known }: Missing, file: string): string {
  const { capability } = partsOf(resource);
  const lacks =
    capability === 'rpc'
      ? `which is neither a function of this pod nor a resource of ${file}`
      : `which ${file} does not have`;
  return `${by} uses ${resource}, ${lacks}; there is ${known.length > 0 ? some(known) : `no ${capability} resource`}`;
}

function some(names: readonly string[]): string {
  const more = names.length - MAX_SHOWN;
  return `${names.slice(0, MAX_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What defines it in sidecar.yml. */
export function lineFor(capability: string, name: string): string {
  return `resources: { ${capability}: { ${name}: { ${capability === 'http' ? 'baseUrl' : 'driver'}: … } } }`;
}

/** Of "cache.sessions". */
export function partsOf(resource: string): { capability: string; name: string } {
  const dot = resource.indexOf('.');
  return { capability: resource.slice(0, dot), name: resource.slice(dot + 1) };
}
