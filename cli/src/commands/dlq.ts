import { AdminClient, PodError, reportingPodErrors } from '../admin-client.ts';
import { alignedTable } from '../aligned-table.ts';
import { type Command, parse, UsageError } from '../command.ts';
import { printJson } from '../config-operations.ts';
import { assertOperation } from '../operation.ts';
import { nearest } from '../nearest.ts';

const OPERATIONS = ['list', 'show', 'retry', 'drop'] as const;

/** A dead-letter topic as the admin port describes it. */
interface Topic {
  topic: string;
  resource: string;
  letters: number;
  functions: Record<string, number>;
  reasons: Record<string, number>;
  oldest: string | null;
}

interface Letter {
  id: string;
  at: string;
  function: string;
  group: string;
  reason: string;
  code: string;
  message: string;
  attempts: number;
  origin: { topic: string; partition: number; offset: string; timestamp: string };
  key: string | null;
  value: unknown;
  headers: Record<string, string>;
}

/** `bottle dlq`: messages that functions gave up. */
export const dlq: Command = {
  summary: 'shows messages that functions gave up, and sends or forgets them',
  usage: `Usage: bottle dlq <operation> [topic] [id …] [options]

  list                      the dead-letter topics, with how many letters of which functions
  show <topic> [id …]       the letters: why, where from, headers and value
  retry <topic> <id …>      back to where they came from, for the group that gave them up alone
  drop <topic> <id …>       forgotten

Asks the running pod. An id is partition and offset in the dead-letter topic: 0:42.
  --all              with retry and drop: all of them, at most 1000 at once
  --limit N          with show: at most so many  (20)
  --json             as JSON
  --admin-port N     (BOTTLE_ADMIN_PORT, admin.port, 9901)
Exit codes: 0 done, 1 the pod refused, 64 bad usage, 69 no pod answers.
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        all: { type: 'boolean' },
        limit: { type: 'string' },
        json: { type: 'boolean' },
        'admin-port': { type: 'string' },
      },
    });
    const [operation, topic, ...ids] = positionals;
    assertOperation('dlq', OPERATIONS, operation);
    const pod = new AdminClient(values['admin-port'], context);
    if (operation === 'list') {
      if (topic !== undefined) throw new UsageError(`"${topic}" is too much`);
      return await reportingPodErrors(async () => {
        const { topics } = await pod.ask<{ topics: Topic[] }>({ path: ['dead-letters'] });
        if (values.json) return printJson(topics);
        process.stdout.write(describeTopics(topics));
      });
    }
    if (topic === undefined)
      throw new UsageError(`which topic? bottle dlq ${operation} <topic>; bottle dlq list shows them`);
    if (operation === 'show') {
      return await reportingPodErrors(async () => {
        const letters = await lettersOf(pod, topic, ids.length > 0 ? '1000' : (values.limit ?? '20'));
        const wanted = ids.length > 0 ? letters.filter(({ id }) => ids.includes(id)) : letters;
        if (values.json) return printJson(wanted);
        process.stdout.write(wanted.length === 0 ? 'No letters.\n' : wanted.map(describeLetter).join('\n'));
      });
    }
    if (values.all !== true && ids.length === 0)
      throw new UsageError(`which letters? bottle dlq ${operation} ${topic} <id …>, or --all`);
    return await reportingPodErrors(async () => {
      const body = JSON.stringify(values.all === true ? { all: true } : { ids });
      const path = ['dead-letters', topic, operation];
      const answer = await withSuggestion(pod, topic, () => pod.ask<{ count: number }>({ method: 'POST', path, body }));
      if (values.json) return printJson(answer);
      process.stdout.write(`${operation === 'retry' ? 'sent again' : 'dropped'}: ${answer.count}\n`);
    });
  },
};

async function lettersOf(pod: AdminClient, topic: string, limit: string): Promise<Letter[]> {
  const path = ['dead-letters', topic];
  const { letters } = await withSuggestion(pod, topic, () =>
    pod.ask<{ letters: Letter[] }>({ path, query: { limit } }),
  );
  return letters;
}

/** A name that the pod does not know is met with the one that was probably meant. */
async function withSuggestion<Result>(pod: AdminClient, name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PodError) || error.reason !== 'no-dead-letters') throw error;
    const { topics } = await pod.ask<{ topics: Topic[] }>({ path: ['dead-letters'] });
    const meant = nearest(
      name,
      topics.map(({ topic }) => topic),
    );
    throw meant ? new PodError(`${error.message}; did you mean "${meant}"?`, error.exitCode, error.reason) : error;
  }
}

function describeTopics(topics: readonly Topic[]): string {
  if (topics.length === 0) return 'No dead-letter topics: no function of this pod consumes messages.\n';
  const counts = (of: Record<string, number>): string =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || '-';
  const rows = topics.map(({ topic, resource, letters, functions, reasons, oldest }) => [
    topic,
    `mq.${resource}`,
    String(letters),
    counts(functions),
    counts(reasons),
    oldest ?? '-',
  ]);
  return alignedTable([['TOPIC', 'RESOURCE', 'LETTERS', 'FUNCTIONS', 'REASONS', 'OLDEST'], ...rows]);
}

function describeLetter({
  id,
  at,
  attempts,
  reason,
  code,
  message,
  origin,
  key,
  headers,
  value,
  ...letter
}: Letter): string {
  const { topic, partition, offset, timestamp } = origin;
  const lines = [
    `${id}  ${at}  ${letter.function} (group ${letter.group}) after ${attempts} ${attempts === 1 ? 'try' : 'tries'}`,
    `  ${code} ${reason}: ${message}`,
    `  from     ${topic} ${partition}:${offset}, ${timestamp}`,
    `  key      ${key ?? '(none)'}`,
    ...Object.entries(headers).map(([name, text]) => `  header   ${name}: ${text}`),
    `  value    ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ];
  return `${lines.join('\n')}\n`;
}
