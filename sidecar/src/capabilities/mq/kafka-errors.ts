import { BottleError, Code } from '@bottle/protos';

/** What the broker says about the messages themselves. It has stored none of them, and never will. */
const REJECTIONS: Readonly<Record<string, Code>> = {
  MESSAGE_TOO_LARGE: Code.INVALID_ARGUMENT,
  RECORD_LIST_TOO_LARGE: Code.INVALID_ARGUMENT,
  CORRUPT_MESSAGE: Code.INVALID_ARGUMENT,
  INVALID_RECORD: Code.INVALID_ARGUMENT,
  INVALID_TIMESTAMP: Code.INVALID_ARGUMENT,
  POLICY_VIOLATION: Code.INVALID_ARGUMENT,
  UNSUPPORTED_COMPRESSION_TYPE: Code.FAILED_PRECONDITION,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: Code.FAILED_PRECONDITION,
  TOPIC_AUTHORIZATION_FAILED: Code.PERMISSION_DENIED,
};

/** What the broker says before it looks at messages. It has stored none of them, and may the next time. */
const NOT_NOW: ReadonlySet<string> = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_ENOUGH_REPLICAS',
  'NOT_LEADER_FOR_PARTITION',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

/** The broker has looked at the batch's number, and not at its messages: it stores none before the one that it expects. */
const REFUSED_NUMBERS: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);

/** Further answers that waiting does not change. */
const REFUSALS: Readonly<Record<string, Code>> = {
  ...REJECTIONS,
  UNKNOWN_TOPIC_OR_PARTITION: Code.NOT_FOUND,
  INVALID_TOPIC_EXCEPTION: Code.INVALID_ARGUMENT,
  // Of a topic that is to be made.
  INVALID_REPLICATION_FACTOR: Code.FAILED_PRECONDITION,
  INVALID_PARTITIONS: Code.FAILED_PRECONDITION,
  INVALID_CONFIG: Code.FAILED_PRECONDITION,
  // Of a position that somebody else moves: the group has members.
  UNKNOWN_MEMBER_ID: Code.FAILED_PRECONDITION,
  CLUSTER_AUTHORIZATION_FAILED: Code.PERMISSION_DENIED,
  SASL_AUTHENTICATION_FAILED: Code.UNAUTHENTICATED,
};

export function noTopic(name: string): string {
  return `there is no topic ${name}, and the brokers do not create it by themselves`;
}

/** The broker's own name for what went wrong ("MESSAGE_TOO_LARGE"); undefined when it said nothing. */
export function brokerCodeOf(thrown: unknown): string | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { type, errors } = error as { type?: unknown; errors?: readonly unknown[] };
    if (typeof type === 'string') return type;
    const [first] = errors ?? []; // of topics that were to be made
    if (first !== undefined) return brokerCodeOf(first);
  }
  return undefined;
}

/** The broker has looked at the messages and refused all of the request. */
export function isRejection(thrown: unknown): boolean {
  return (brokerCodeOf(thrown) ?? '') in REJECTIONS;
}

/** The broker has not even looked at the messages: they may be sent again. */
export function isNotNow(thrown: unknown): boolean {
  return NOT_NOW.has(brokerCodeOf(thrown) ?? '');
}

/** The broker knows the producer no more, or a topic of the same name is another one now: a new producer may send the batch. */
export function refusesNumber(thrown: unknown): boolean {
  return REFUSED_NUMBERS.has(brokerCodeOf(thrown) ?? '');
}

/** What kafkajs threw as the platform's error; the broker's own code is kept. */
export function fromKafkaError(thrown: unknown): BottleError {
  if (thrown instanceof BottleError) return thrown;
  const driverCode = brokerCodeOf(thrown);
  if (driverCode !== undefined) {
    const code = REFUSALS[driverCode] ?? Code.UNAVAILABLE;
    return new BottleError(code, 'driver-error', `kafka: ${describe(thrown)}`, { details: { driverCode } });
  }
  const message = `kafka did not answer: ${describe(thrown)}`;
  const details = { driverCode: systemCodeOf(thrown) };
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { details });
}

/** "ECONNREFUSED", or the name of kafkajs' error. */
function systemCodeOf(thrown: unknown): string {
  let name = 'Error';
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') return code;
    ({ name } = error);
  }
  return name;
}

function describe(thrown: unknown): string {
  // kafkajs answers `null` when no broker has given an answer that it can use, and trips over it.
  if (thrown instanceof TypeError) return 'no broker answers';
  const [first = thrown] = (thrown as { errors?: readonly unknown[] }).errors ?? [];
  return first instanceof Error ? first.message : String(first);
}
