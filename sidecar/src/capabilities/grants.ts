import { BottleError, Code, type FunctionInfo, type FunctionTable__Output } from '@bottle/protos';

/** One entry of `uses`: "cache.sessions", "db.shop:read". */
interface Grant {
  resourceId: string;
  /** Undefined: everything. */
  access: string | undefined;
}

export interface GrantsOptions {
  /** `warn`: functions without a `uses` list may use everything, and the log says what is missing. */
  mode: 'enforce' | 'warn';
  log: { warn(fields: object, message: string): void };
}

/** What each function may use, by its `uses` in serverless.yml. */
export class Grants {
  readonly #options: GrantsOptions;
  #byFunction = new Map<string, readonly Grant[] | undefined>();
  #ofProcess: readonly Grant[] | undefined;
  readonly #warned = new Set<string>();

  constructor(options: GrantsOptions) {
    this.#options = options;
  }

  /** Replaces all grants by those of a table. */
  apply(table: FunctionTable__Output): void {
    this.#byFunction = new Map(table.functions.map((info) => [info.name, grantsOf(info)]));
    this.applyProcess(table);
  }

  /** What init code may use: all that its functions and layers may. It runs before the function container announces a table. */
  applyProcess({ functions, layerUses }: FunctionTable__Output): void {
    this.#ofProcess = this.#union(functions.map(grantsOf), layerUses.map(parseGrant));
  }

  /**
   * Throws PERMISSION_DENIED with the line to add when a function may not do this. Answers whether it may only read:
   * its grant is the first of the capability's accesses. Code outside an invocation may what any function may.
   */
  assert(caller: string, resourceId: string, access: string, accesses: readonly string[]): { readOnly: boolean } {
    const grants = caller === '' ? this.#ofProcess : this.#byFunction.get(caller);
    if (!grants) {
      if (this.#options.mode === 'warn') this.#warn(caller, resourceId);
      else throw denied(caller, resourceId, access);
      return { readOnly: false };
    }
    const highest = Math.max(
      ...grants.filter((grant) => grant.resourceId === resourceId).map((grant) => levelOf(grant.access, accesses)),
    );
    if (highest < accesses.indexOf(access)) throw denied(caller, resourceId, access);
    return { readOnly: accesses.length > 1 && highest === 0 };
  }

  #union(lists: readonly (readonly Grant[] | undefined)[], ofLayers: readonly Grant[]): readonly Grant[] | undefined {
    const isOpen = lists.length === 0 || (this.#options.mode === 'warn' && lists.includes(undefined));
    return isOpen ? undefined : [...lists.flatMap((list) => list ?? []), ...ofLayers];
  }

  #warn(caller: string, resourceId: string): void {
    const key = `${caller} ${resourceId}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.#options.log.warn(
      { function: caller, resource: resourceId },
      `${caller === '' ? 'code outside an invocation' : caller} uses ${resourceId}; outside of \`bottle dev\` that takes \`uses: [${resourceId}]\` in serverless.yml`,
    );
  }
}

/** Undefined when the author says nothing. */
function grantsOf({ uses, usesDeclared }: FunctionInfo): readonly Grant[] | undefined {
  return usesDeclared ? uses.map(parseGrant) : undefined;
}

function parseGrant(text: string): Grant {
  const [resourceId = '', access] = text.split(':');
  return { resourceId, access };
}

/** Higher ones include lower ones. */
function levelOf(access: string | undefined, accesses: readonly string[]): number {
  return access === undefined ? accesses.length - 1 : accesses.indexOf(access);
}

function denied(caller: string, resourceId: string, access: string): BottleError {
  const who = caller === '' ? 'code outside an invocation' : caller;
  const message = `${who} may not ${access} ${resourceId}: add \`uses: [${resourceId}]\` to the function in serverless.yml`;
  return new BottleError(Code.PERMISSION_DENIED, 'no-grant', message, { details: { access } });
}
