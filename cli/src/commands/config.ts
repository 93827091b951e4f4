import { reportingPodErrors } from '../admin-client.ts';
import { alignedTable } from '../aligned-table.ts';
import { type Command, parse, UsageError } from '../command.ts';
import { COMMON_OPTIONS, COMMON_USAGE, ConfigOperations, printJson, readValue, shown } from '../config-operations.ts';
import { assertOperation } from '../operation.ts';

const OPERATIONS = ['get', 'set', 'delete', 'list', 'watch', 'history', 'rollback'] as const;

/** `bottle config`: values that functions read while the pod runs. */
export const config: Command = {
  summary: 'reads and changes configuration: get, set, list, watch, history, rollback',
  usage: `Usage: bottle config <operation> <resource> [key] [value] [options]

  get <resource> <key>                 prints the value, as JSON
  set <resource> <key> <value>         JSON, or text when it is none; @file reads a file, - reads standard input
  delete <resource> <key>
  list <resource> [prefix]
  watch <resource> <key>               prints the value now and after every change
  history <resource> <key>             the last 50 values, newest first
  rollback <resource> <key> <revision> makes a former value the current one

Asks the running pod. Functions see a change within a second.
${COMMON_USAGE}`,
  async run(args, context) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: COMMON_OPTIONS });
    const [operation, resource, key, argument, ...more] = positionals;
    assertOperation('config', OPERATIONS, operation);
    if (resource === undefined) throw new UsageError(`which resource? bottle config ${operation} <resource>`);
    if (more.length > 0) throw new UsageError(`"${more[0]}" is too much; quote values with blanks`);
    const operations = new ConfigOperations('config', resource, values, context);
    if (operation === 'list') {
      return await reportingPodErrors(async () => {
        const entries = await operations.list(key ?? '');
        if (values.json) return printJson(entries);
        const rows = entries.map((entry) => [entry.key, String(entry.revision), shown(entry.value)]);
        process.stdout.write(alignedTable([['KEY', 'REVISION', 'VALUE'], ...rows]));
      });
    }
    if (key === undefined) throw new UsageError(`which key? bottle config ${operation} ${resource} <key>`);
    return await reportingPodErrors(async () => {
      switch (operation) {
        case 'get': {
          const entry = await operations.get(key);
          return printJson(values.json ? entry : entry.value);
        }
        case 'set': {
          if (argument === undefined)
            throw new UsageError(`which value? bottle config set ${resource} ${key} <value>; \`delete\` removes it`);
          return await operations.set(key, await readValue(argument, context));
        }
        case 'delete':
          return await operations.set(key, undefined);
        case 'watch':
          return await operations.printChanges(key);
        case 'history':
          return await operations.printHistory(key);
        case 'rollback': {
          if (argument === undefined) throw new UsageError(`to which revision? see bottle config history`);
          return await operations.rollback(key, argument);
        }
      }
    });
  },
};
