import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, requireProgram } from '@bottle/test-servers';
import { type TestPod, waitFor } from '../harness/pod.ts';

/** As Kubernetes does with the probe that is rendered, four times as often: out after two failures. */
const CHECK = 'check inter 500 fall 2 rise 1';

/** HAProxy before pods: requests go to those alone whose /readyz says so, and none is repeated. */
export async function startHaproxy(
  pods: readonly TestPod[],
  directory: string,
): Promise<{ url: string; stop(): void }> {
  const port = await findFreePort();
  const servers = pods.map((pod, at) => `  server pod${at} 127.0.0.1:${pod.port} ${CHECK} port ${pod.adminPort}`);
  const config = `defaults
  mode http
  timeout check 2s
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  retries 0
frontend clients
  bind 127.0.0.1:${port}
  default_backend pods
backend pods
  option httpchk GET /readyz
${servers.join('\n')}
`;
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, config);
  const child = spawn(await requireProgram('haproxy'), ['-db', '-q', '-f', file], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(async () => (await fetch(`${url}/`)).status !== 503, 10_000);
  return { url, stop: () => void child.kill('SIGKILL') };
}
