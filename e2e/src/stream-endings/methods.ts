// gRPC methods: the function fails, or the client leaves.
import type { Row } from './row.ts';

const counted = (method: string, code: string): string =>
  `bottle_rpc_requests_total{function="${method.toLowerCase()}",method="endings.v1.Endings/${method}",code="${code}"}`;

const down = (ending: string, text: string, expected: string, code: string): Row => ({
  part: 'gRPC method',
  way: 'server stream',
  ending,
  expected,
  act: (stage) => stage.grpc((client) => client.down(text).seen),
  log: code === 'OK' ? 'nothing' : 'function',
  metric: counted('Down', code),
});

/** The client sends two messages and leaves. */
const leaving = (
  way: 'client stream' | 'both ways',
  ending: string,
  leave: (cancel: () => void, close: () => void) => void,
): Row => ({
  part: 'gRPC method',
  way,
  ending,
  expected: 'throws client-left, aborted',
  async act(stage) {
    const key = stage.newKey();
    await stage.grpc(async (client) => {
      const { call, seen } = way === 'client stream' ? client.up() : client.both();
      call.write({ text: `a ${key}` });
      call.write({ text: 'b' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      leave(
        () => call.cancel(),
        () => client.close(),
      );
      return seen;
    });
    stage.mark();
    return stage.recordOf(key);
  },
  log: 'nothing',
  metric: counted(way === 'client stream' ? 'Up' : 'Both', 'CANCELLED'),
});

export const methods: Row[] = [
  down('comes to its end', 'good', 'first, OK', 'OK'),
  down('throws before its first message', 'first', 'INTERNAL', 'INTERNAL'),
  down('throws before its first message, 300 ms later', 'first-late', 'INTERNAL', 'INTERNAL'),
  down('throws after a message', 'after', 'first, INTERNAL', 'INTERNAL'),
  down('throws a BottleError after a message', 'after-typed', 'first, ABORTED', 'ABORTED'),
  down('a message that the response type cannot hold, after one', 'wrong', 'first, INTERNAL', 'INTERNAL'),
  down('a Readable destroyed without an error after a message', 'silent', 'first, INTERNAL', 'INTERNAL'),
  {
    part: 'gRPC method',
    way: 'server stream',
    ending: 'the client cancels after a message',
    expected: 'aborted by client-left',
    async act(stage) {
      const key = stage.newKey();
      await stage.grpc((client) => {
        const { call, seen } = client.down(`open ${key}`, () => call.cancel());
        return seen;
      });
      stage.mark();
      return stage.recordOf(key);
    },
    log: 'nothing',
    metric: counted('Down', 'CANCELLED'),
  },
  {
    part: 'gRPC method',
    way: 'client stream',
    ending: 'comes to its end',
    expected: '2, OK',
    act: (stage) =>
      stage.grpc((client) => {
        const { call, seen } = client.up();
        call.write({ text: 'a' });
        call.end({ text: 'b' });
        return seen;
      }),
    log: 'nothing',
    metric: counted('Up', 'OK'),
  },
  {
    part: 'gRPC method',
    way: 'client stream',
    ending: 'throws while messages come',
    expected: 'INTERNAL',
    act: (stage) =>
      stage.grpc((client) => {
        const { call, seen } = client.up();
        call.write({ text: 'first' });
        return seen;
      }),
    log: 'function',
    metric: counted('Up', 'INTERNAL'),
  },
  {
    part: 'gRPC method',
    way: 'both ways',
    ending: 'throws after an answer, while messages come',
    expected: 'first, INTERNAL',
    act: (stage) =>
      stage.grpc((client) => {
        const { call, seen } = client.both(() => call.write({ text: 'first' }));
        return seen;
      }),
    log: 'function',
    metric: counted('Both', 'INTERNAL'),
  },
  leaving('client stream', 'the client cancels after two messages', (cancel) => cancel()),
  leaving('both ways', 'the client cancels after two messages', (cancel) => cancel()),
];
