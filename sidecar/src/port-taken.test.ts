import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { listenAt, type ListeningPlace } from './port-taken.ts';

const place = (port: number): ListeningPlace => ({
  name: 'HTTP',
  host: '127.0.0.1',
  port,
  setting: 'http.port (--port, BOTTLE_PORT)',
});

/** Where the system tells: by this very process. */
const OWNER = process.platform === 'linux' ? ` by \\S+( \\S+)? \\(process ${process.pid}\\)` : '';

it('a port that is taken is named with who has it, and the setting that chooses another', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const listen = async (host: string, wanted: number): Promise<number> => {
    await once(createServer().listen(wanted, host), 'listening');
    return wanted;
  };
  await expect(listenAt(place(port), listen)).rejects.toMatchObject({
    reason: 'port-taken',
    message: expect.stringMatching(
      new RegExp(
        `^the HTTP port ${port} of 127\\.0\\.0\\.1 is taken${OWNER}: stop what listens there, or choose another by http\\.port \\(--port, BOTTLE_PORT\\)$`,
      ),
    ) as string,
  });
  taken.close();
});

it('any other reason is given by its code', async () => {
  const listen = (): Promise<number> => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
  await expect(listenAt(place(80), listen)).rejects.toThrow('port 80 of 127.0.0.1 cannot be used (EACCES): ');
});
