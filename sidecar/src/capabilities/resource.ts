import type { Capability, Driver } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { PolicyConfig } from '../resources-config.ts';
import { Policy } from './policy.ts';

/** A driver in the making: loading its library takes a moment. */
export type OpenDriver = () => Promise<Driver>;

export interface ResourceOptions {
  /** "cache.sessions" */
  id: string;
  capability: Capability;
  driverName: string;
  policy: PolicyConfig;
  /** The pod is not ready before it was reached once. */
  isRequired: boolean;
  open: OpenDriver;
}

/** What a function uses by name: a driver, and the policy around it. */
export class Resource {
  readonly id: string;
  readonly capability: Capability;
  readonly driverName: string;
  readonly policy: Policy;
  isRequired: boolean;
  readonly #open: OpenDriver;
  #driver: Driver | undefined;
  #opening: Promise<Driver> | undefined;
  #openError: string | undefined;

  constructor({ id, capability, driverName, policy, isRequired, open }: ResourceOptions) {
    this.id = id;
    this.capability = capability;
    this.driverName = driverName;
    this.policy = new Policy(id, policy);
    this.isRequired = isRequired;
    this.#open = open;
  }

  /** The driver; undefined until `ready` has resolved once. */
  get driver(): Driver | undefined {
    return this.#driver;
  }

  /** Why calls would fail now. */
  get problem(): string | undefined {
    if (this.#driver) return this.#driver.problem;
    return this.#openError ?? 'not opened yet';
  }

  /** The same, or that calls do fail. */
  get trouble(): string | undefined {
    return this.problem ?? (this.policy.breakerState === 'open' ? 'its calls fail: the breaker is open' : undefined);
  }

  /** What an operator should look at although calls work. */
  get warning(): string | undefined {
    return this.#driver?.warning;
  }

  /** Loads and starts the driver, once; a failed attempt is repeated by the next call. */
  ready(): Promise<Driver> {
    this.#opening ??= this.#open().then(
      (driver) => {
        this.#driver = driver;
        return driver;
      },
      (error: unknown) => {
        this.#opening = undefined;
        this.#openError = (error as Error).message;
        if (error instanceof BottleError) throw error;
        const message = `${this.id} cannot be opened: ${this.#openError}`;
        throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { cause: error });
      },
    );
    return this.#opening;
  }

  async close(): Promise<void> {
    await this.#driver?.close();
  }
}
