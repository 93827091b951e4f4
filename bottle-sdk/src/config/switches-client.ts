import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Switch, switchIssues } from '@bottle/protos';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import {
  type ConfigChangeOptions,
  ConfigClient,
  type ConfigOptions,
  type ConfigVersion,
  isUnset,
} from './config-client.ts';
import { evaluateSwitch, type SwitchAnswer, type SwitchAttributes } from './evaluate-switch.ts';

export interface SwitchOptions<Fallback> extends CallOptions {
  /** The answer where there is no such switch, or it cannot be read. Without one: off, and an error. */
  fallback?: Fallback;
}

/** Switches as they were at one moment: one invocation sees one state. */
export interface SwitchSnapshot {
  isOn(name: string, attributes?: SwitchAttributes): boolean;
  variant(name: string, attributes?: SwitchAttributes): string | undefined;
}

/** What a switch has to look like. */
const SWITCH: StandardSchemaV1<unknown, Switch> = {
  '~standard': {
    version: 1,
    vendor: 'bottle',
    validate(value) {
      const issues = switchIssues(value);
      return issues.length === 0 ? { value: value as Switch } : { issues };
    },
  },
};

const NO_SUCH_SWITCH: Switch = Object.freeze({ on: false });

/**
 * One resource of switches. A switch is evaluated in this process; the first question about it asks the sidecar, and it
 * stays current within a second. One that is not valid never replaces the last that was.
 */
export class SwitchesClient {
  readonly #config: ConfigClient;

  constructor(calls: ResourceCalls, options?: ConfigOptions) {
    this.#config = new ConfigClient(calls, options);
  }

  /** Whether it is on for these attributes. A switch that does not exist is off. */
  async isOn(name: string, attributes: SwitchAttributes = {}, options: SwitchOptions<boolean> = {}): Promise<boolean> {
    const answer = await this.#answer(name, attributes, options);
    return answer === undefined ? (options.fallback ?? false) : answer.on;
  }

  /** The variant for these attributes; undefined when it is off, or on without a variant. */
  async variant(
    name: string,
    attributes: SwitchAttributes = {},
    options: SwitchOptions<string> = {},
  ): Promise<string | undefined> {
    const answer = await this.#answer(name, attributes, options);
    return answer === undefined ? options.fallback : answer.variant;
  }

  /** These switches as they are now, to be asked without awaiting. Those that do not exist are off. */
  async snapshot(names: readonly string[], options?: CallOptions): Promise<SwitchSnapshot> {
    const load = async (name: string) =>
      [name, await this.#config.getOr(name, NO_SUCH_SWITCH, SWITCH, options)] as const;
    const loaded = new Map<string, Switch>(await Promise.all(names.map(load)));
    const answer = (name: string, attributes: SwitchAttributes = {}): SwitchAnswer =>
      evaluateSwitch(name, loaded.get(name) ?? NO_SUCH_SWITCH, attributes);
    return {
      isOn: (name, attributes) => answer(name, attributes).on,
      variant: (name, attributes) => answer(name, attributes).variant,
    };
  }

  /** The switch itself. Throws NOT_FOUND `no-value`. */
  async get(name: string, options?: CallOptions): Promise<Switch> {
    return await this.#config.get(name, SWITCH, options);
  }

  /** Replaces a switch. Throws INVALID_ARGUMENT `switch-invalid` with everything that is wrong with it. */
  async set(name: string, definition: Switch, options?: ConfigChangeOptions): Promise<ConfigVersion> {
    return await this.#config.set(name, definition, options);
  }

  /** Removes a switch, which is off from then on. */
  async delete(name: string, options?: ConfigChangeOptions): Promise<ConfigVersion> {
    return await this.#config.delete(name, options);
  }

  /** The current switch and the ones before it, newest first: at most 50. */
  async history(name: string, options?: CallOptions): Promise<ConfigVersion<Switch>[]> {
    return await this.#config.history<Switch>(name, options);
  }

  /** Makes a former switch the current one. */
  async rollback(name: string, revision: number, options?: Omit<ConfigChangeOptions, 'expectedRevision'>) {
    return await this.#config.rollback(name, revision, options);
  }

  /** All switches, by name. */
  async list(options?: CallOptions): Promise<ConfigVersion<Switch>[]> {
    return (await this.#config.list('', options)) as ConfigVersion<Switch>[];
  }

  /** Undefined: the fallback. */
  async #answer(
    name: string,
    attributes: SwitchAttributes,
    options: SwitchOptions<unknown>,
  ): Promise<SwitchAnswer | undefined> {
    try {
      return evaluateSwitch(name, await this.#config.get(name, SWITCH, options), attributes);
    } catch (error) {
      if (isUnset(error) || options.fallback !== undefined) return undefined;
      throw error;
    }
  }
}
