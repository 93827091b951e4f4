import { reportingPodErrors } from '../admin-client.ts';
import { alignedTable } from '../aligned-table.ts';
import { type Command, parse, UsageError } from '../command.ts';
import { COMMON_OPTIONS, COMMON_USAGE, ConfigOperations, printJson, readValue } from '../config-operations.ts';
import { assertOperation } from '../operation.ts';

const OPERATIONS = ['list', 'show', 'on', 'off', 'percent', 'set', 'delete', 'watch', 'history', 'rollback'] as const;

/** As much of a switch as the table shows; the pod checks the rest. */
interface SwitchValue {
  on?: boolean;
  percent?: number;
  by?: string;
  variant?: string;
  rules?: unknown[];
  description?: string;
}

/** `bottle switch`: switches that functions ask while the pod runs. */
export const switchCommand: Command = {
  summary: 'shows and turns switches: list, show, on, off, percent, set',
  usage: `Usage: bottle switch <operation> <resource> [name] [value] [options]

  list <resource>
  show <resource> <name>               prints the switch, as JSON
  on <resource> <name>                 for everybody: its rules go, and can be rolled back to
  off <resource> <name>                for nobody, likewise
  percent <resource> <name> <percent>  on for a share; its rules stay and come first
  set <resource> <name> <json>         rules and all; @file reads a file, - reads standard input
  delete <resource> <name>             off, as one that never was
  watch <resource> <name>              prints the switch now and after every change
  history <resource> <name>            the last 50 states, newest first
  rollback <resource> <name> <revision>

Asks the running pod. Functions see a change within a second.
  --by ATTRIBUTE     with percent: what decides who belongs to the share (default: userId)
${COMMON_USAGE}`,
  async run(args, context) {
    const options = { ...COMMON_OPTIONS, by: { type: 'string' } } as const;
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options });
    const [operation, resource, name, argument, ...more] = positionals;
    assertOperation('switch', OPERATIONS, operation);
    if (resource === undefined) throw new UsageError(`which resource? bottle switch ${operation} <resource>`);
    if (more.length > 0) throw new UsageError(`"${more[0]}" is too much; quote values with blanks`);
    const operations = new ConfigOperations('switches', resource, values, context);
    if (operation === 'list') return await reportingPodErrors(() => list(operations, values.json === true));
    if (name === undefined) throw new UsageError(`which switch? bottle switch ${operation} ${resource} <name>`);
    const needed = (what: string): string => {
      if (argument !== undefined) return argument;
      throw new UsageError(`${what}? bottle switch ${operation} ${resource} ${name} <value>`);
    };
    return await reportingPodErrors(async () => {
      switch (operation) {
        case 'show': {
          const entry = await operations.get(name);
          return printJson(values.json ? entry : entry.value);
        }
        case 'on':
        case 'off':
          return await change(operations, name, ({ description }) => ({
            on: operation === 'on',
            ...(description === undefined ? {} : { description }),
          }));
        case 'percent': {
          const percent = percentOf(needed('which share'));
          const by = values.by === undefined ? {} : { by: values.by };
          return await change(operations, name, (current) => ({ ...current, on: true, percent, ...by }));
        }
        case 'set':
          return await operations.set(name, await readValue(needed('which switch'), context));
        case 'delete':
          return await operations.set(name, undefined);
        case 'watch':
          return await operations.printChanges(name);
        case 'history':
          return await operations.printHistory(name);
        case 'rollback':
          return await operations.rollback(name, needed('to which revision'));
      }
    });
  },
};

async function list(operations: ConfigOperations, json: boolean): Promise<void> {
  const entries = await operations.list('');
  if (json) return printJson(entries);
  const rows = entries.map(({ key, revision, value }) => [key, describe(value), String(revision)]);
  process.stdout.write(alignedTable([['SWITCH', 'STATE', 'REVISION'], ...rows]));
}

/** Changes a switch, unless somebody else does in between. */
async function change(
  operations: ConfigOperations,
  name: string,
  edit: (current: SwitchValue) => SwitchValue,
): Promise<void> {
  const current = await operations.find(name);
  const value = typeof current?.value === 'object' && current.value !== null ? (current.value as SwitchValue) : {};
  await operations.set(name, edit(value), current?.revision);
}

/** "2 rules, else on (blue) for 20 % by userId" */
function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'not valid';
  const { on, percent, by = 'userId', variant, rules = [] } = value as SwitchValue;
  const share = percent === undefined ? '' : ` for ${percent} % by ${by}`;
  const otherwise = on ? `on${variant === undefined ? '' : ` (${variant})`}${share}` : 'off';
  if (rules.length === 0) return otherwise;
  return `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, else ${otherwise}`;
}

function percentOf(argument: string): number {
  const percent = Number(argument.replace(/%$/, ''));
  if (argument.trim() !== '' && percent >= 0 && percent <= 100) return percent;
  throw new UsageError(`"${argument}" is not a percentage from 0 to 100`);
}
