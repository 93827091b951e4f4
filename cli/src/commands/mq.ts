import { AdminClient, reportingPodErrors } from '../admin-client.ts';
import { alignedTable } from '../aligned-table.ts';
import { type Command, parse, UsageError } from '../command.ts';
import { printJson } from '../config-operations.ts';
import { assertOperation } from '../operation.ts';

const OPERATIONS = ['list', 'topics', 'skip'] as const;

/** A consumer as the admin port describes it. */
interface Consumer {
  function: string;
  resource: string;
  topic: string;
  group: string;
  problem?: string;
  partitions: {
    partition: number;
    lag: number;
    unfinished: number;
    broken?: { offset: string; next: string; reason: string };
    held?: { offset: string; reason: string };
  }[];
}

/** A topic that consumers need. */
interface NeededTopic {
  topic: string;
  resource: string;
  for: string;
  functions: string[];
  /** 0: it is not there. */
  partitions: number;
  created?: true;
  problem?: string;
}

/** `bottle mq`: consumers of messages, and what stands in their way. */
export const mq: Command = {
  summary: 'shows consumers of messages, makes their topics, and passes over batches that cannot be read',
  usage: `Usage: bottle mq <operation> [topic] [id] [options]

  list                 the consumers of this pod: topic, group, partitions, what is left to do, what stands in the way
  topics               the topics that they need, for messages and dead letters, and whether they are there
  skip <topic> <id>    goes on behind a batch that cannot be read: its messages are lost to the group. An id is partition and
                       offset, as the list and the log have it: 2:41

Asks the running pod; a partition is skipped in the pod that has it.
  --create           with topics: makes those that are not there
  --group NAME       with skip: for this group alone  (all that stand there)
  --json             as JSON
  --admin-port N     (BOTTLE_ADMIN_PORT, admin.port, 9901)
Exit codes: 0 done, 1 the pod refused, or a topic is not there, 64 bad usage, 69 no pod answers.
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        group: { type: 'string' },
        create: { type: 'boolean' },
        json: { type: 'boolean' },
        'admin-port': { type: 'string' },
      },
    });
    const [operation, topic, id, ...rest] = positionals;
    assertOperation('mq', OPERATIONS, operation);
    if (rest.length > 0) throw new UsageError(`"${rest[0]}" is too much`);
    const pod = new AdminClient(values['admin-port'], context);
    if (operation !== 'skip' && topic !== undefined) throw new UsageError(`"${topic}" is too much`);
    if (operation === 'topics') {
      let isComplete = true;
      const code = await reportingPodErrors(async () => {
        const path = ['consumers', 'topics'];
        const { topics } = await pod.ask<{ topics: NeededTopic[] }>(
          values.create ? { method: 'POST', path } : { path },
        );
        if (values.json) printJson(topics);
        else process.stdout.write(describeTopics(topics));
        isComplete = topics.every(({ partitions }) => partitions > 0);
      });
      return isComplete ? code : 1;
    }
    if (operation === 'list') {
      return await reportingPodErrors(async () => {
        const { consumers } = await pod.ask<{ consumers: Consumer[] }>({ path: ['consumers'] });
        if (values.json) return printJson(consumers);
        process.stdout.write(describeConsumers(consumers));
      });
    }
    const [, partition = '', offset = ''] = /^(\d{1,9}):(\d{1,19})$/.exec(id ?? '') ?? [];
    if (topic === undefined || offset === '')
      throw new UsageError('which batch? bottle mq skip <topic> <partition>:<offset>; bottle mq list shows them');
    const { group } = values;
    return await reportingPodErrors(async () => {
      const body = JSON.stringify({
        topic,
        partition: Number(partition),
        offset,
        ...(group === undefined ? {} : { group }),
      });
      const answer = await pod.ask<object>({ method: 'POST', path: ['consumers', 'skip'], body });
      if (values.json) return printJson(answer);
      process.stdout.write(`passed over: ${topic} ${partition}:${offset}\n`);
    });
  },
};

function describeConsumers(consumers: readonly Consumer[]): string {
  if (consumers.length === 0) return 'No function of this pod consumes messages.\n';
  const rows = consumers.map(({ function: name, topic, group, partitions, problem }) => {
    const sum = (of: (each: Consumer['partitions'][number]) => number): string =>
      String(partitions.reduce((total, each) => total + of(each), 0));
    const standing = partitions.filter(({ broken, held }) => broken ?? held).length;
    const state = problem ?? (standing > 0 ? `${standing} of its partitions stand still` : 'consumes');
    return [name, topic, group, String(partitions.length), sum(({ lag }) => lag), state];
  });
  const lines = consumers.flatMap(({ topic, partitions }) =>
    partitions.flatMap(({ partition, broken, held }) => [
      ...(broken
        ? [`${topic} ${partition}:${broken.offset} is ${broken.reason}; behind it comes ${partition}:${broken.next}\n`]
        : []),
      ...(held
        ? [
            `${topic} ${partition}:${held.offset} cannot become a dead letter, and its partition waits: ${held.reason}\n`,
          ]
        : []),
    ]),
  );
  const table = alignedTable([['FUNCTION', 'TOPIC', 'GROUP', 'PARTITIONS', 'LAG', 'STATE'], ...rows]);
  return [table, ...new Set(lines)].join('');
}

function describeTopics(topics: readonly NeededTopic[]): string {
  if (topics.length === 0) return 'No function of this pod consumes messages.\n';
  const rows = topics.map(({ topic, resource, for: purpose, functions, partitions, created, problem }) => {
    const state = problem ?? (partitions === 0 ? 'is not there' : created ? 'created' : 'is there');
    return [topic, `mq.${resource}`, purpose, functions.join(', '), String(partitions), state];
  });
  return alignedTable([['TOPIC', 'RESOURCE', 'FOR', 'FUNCTIONS', 'PARTITIONS', 'STATE'], ...rows]);
}
