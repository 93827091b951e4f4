import { decodeRichStatus, STATUS_DETAILS_TRAILER } from '@bottle/protos';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { DoorAnswer, OpenDoor } from './door.ts';

const CONNECTIONS = 4;
/** Each has a connection of its own, and repeats nothing by itself. */
const OPTIONS = { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 };
const NO_FIELDS = Buffer.alloc(0);
const PATHS = { cpu: '/doors.v1.Doors/Compute', narrow: '/doors.v1.Doors/Narrow' };

/** A unary method, as the official client calls it. */
export const openGrpc: OpenDoor = ({ rpc }, behind) => {
  const clients = Array.from(
    { length: CONNECTIONS },
    () => new Client(`127.0.0.1:${rpc}`, credentials.createInsecure(), OPTIONS),
  );
  let turn = 0;
  return {
    ask: (timeoutMs) =>
      new Promise((resolve) => {
        const client = clients[turn++ % CONNECTIONS];
        client?.makeUnaryRequest(
          PATHS[behind],
          () => NO_FIELDS,
          (bytes) => bytes,
          {},
          new Metadata(),
          { deadline: Date.now() + timeoutMs },
          (error: ServiceError | null) => resolve(error ? judge(error) : { kind: 'good' }),
        );
      }),
    close() {
      for (const client of clients) client.close();
    },
  };
};

function judge({ code, details, metadata }: ServiceError): DoorAnswer {
  const [bytes] = metadata.get(STATUS_DETAILS_TRAILER);
  const rich = bytes instanceof Buffer ? decodeRichStatus(bytes) : undefined;
  const name = status[code];
  if (rich?.reason !== 'overloaded') return { kind: 'other', what: `${name} ${rich?.reason ?? details}` };
  const [pushbackMs] = metadata.get('grpc-retry-pushback-ms');
  const again = pushbackMs === undefined ? 'no pushback' : `pushback ${String(pushbackMs)} ms`;
  const begun = rich.metadata['started'] === 'false' ? 'not begun' : 'begun?';
  return { kind: 'refused', form: `${name} overloaded, ${again}, ${begun}` };
}
