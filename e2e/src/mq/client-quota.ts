import { once } from 'node:events';
import { connect } from 'node:net';

const ALTER_CLIENT_QUOTAS = 49;

/**
 * Sets a quota for every client of a broker, or takes it away; kafkajs has no request for it.
 * https://kafka.apache.org/protocol.html#The_Messages_AlterClientQuotas, version 0.
 */
export async function setClientQuota(
  address: string,
  name: 'producer_byte_rate' | 'consumer_byte_rate',
  bytesPerSecond: number | undefined,
): Promise<void> {
  const rate = Buffer.alloc(9);
  rate.writeDoubleBE(bytesPerSecond ?? 0);
  rate[8] = bytesPerSecond === undefined ? 1 : 0; // whether to remove it
  const everyClient = [int32(1), text('client-id'), int16(-1)];
  const request = Buffer.concat([
    int16(ALTER_CLIENT_QUOTAS),
    int16(0),
    int32(1), // correlation
    text('quota'),
    int32(1),
    ...everyClient,
    int32(1),
    text(name),
    rate,
    Buffer.of(0), // not only to validate it
  ]);
  const [host = '', port] = address.split(':');
  const socket = connect(Number(port), host);
  socket.write(Buffer.concat([int32(request.length), request]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  // Behind its size, the correlation, the throttle time and the count of entries.
  const code = answer.readInt16BE(16);
  if (code !== 0) throw new Error(`the broker refused the quota: ${code} ${answer.toString('latin1')}`);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(value.length), Buffer.from(value)]);
}
