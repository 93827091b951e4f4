import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertAnswer } from './endpoint.ts';
import { findOrStart, type StartOptions } from './find-or-start.ts';
import { requireProgram } from './find-program.ts';
import { fetchJars } from './maven-jars.ts';
import { reportProgress } from './progress.ts';
import type { ServerKind } from './server-kind.ts';
import type { TestServer } from './test-server.ts';

const version = '3.0.0';
/** S3Proxy: it verifies signatures, knows conditions and parts. */
const program = { name: 'S3Proxy', version, size: '54 MB', artifacts: [`org.gaul:s3proxy:${version}`] };
const ACCESS_KEY = 'bottle';
const SECRET_KEY = 'bottle-test-secret';

/**
 * An S3 server without buckets, at an address like `http://key:secret@127.0.0.1:9000`. Throws ServerUnavailable.
 */
export async function startS3(options: StartOptions = {}): Promise<TestServer> {
  return await findOrStart(s3, options);
}

const s3: ServerKind = {
  name: 'S3',
  variable: 'BOTTLE_TEST_S3_URL',
  startTimeoutMs: 90_000,
  addressOf: ({ host, port }) => `http://${ACCESS_KEY}:${SECRET_KEY}@${host}:${port}`,
  endpointOf(address) {
    if (!URL.canParse(address)) return undefined;
    const { hostname, port, protocol } = new URL(address);
    return { host: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  },
  assertReady: (endpoint) => assertAnswer(endpoint, Buffer.from('GET / HTTP/1.0\r\nhost: s3\r\n\r\n'), isHttp),
  container: () => ({
    image: `andrewgaul/s3proxy:s3proxy-${version}`,
    port: 80,
    environment: {
      S3PROXY_AUTHORIZATION: 'aws-v4',
      S3PROXY_IDENTITY: ACCESS_KEY,
      S3PROXY_CREDENTIAL: SECRET_KEY,
      JCLOUDS_PROVIDER: 'filesystem-nio2',
    },
  }),
  async prepareLocal(directory, { host, port }) {
    const java = await requireProgram('java');
    const jars = await fetchJars(program);
    const data = join(directory, 'data');
    await mkdir(data);
    const configFile = join(directory, 's3proxy.properties');
    const settings = {
      's3proxy.endpoint': `http://${host}:${port}`,
      's3proxy.authorization': 'aws-v4',
      's3proxy.identity': ACCESS_KEY,
      's3proxy.credential': SECRET_KEY,
      'jclouds.provider': 'filesystem-nio2',
      'jclouds.filesystem.basedir': data,
    };
    await writeFile(
      configFile,
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
    const logConfigFile = join(directory, 'logback.xml');
    await writeFile(logConfigFile, logConfig);
    reportProgress(`starting S3Proxy ${version}`);
    return {
      program: await requireProgram('env'),
      args: [
        'LC_ALL=C.UTF-8', // keys are names of files to it
        java,
        '-Xmx256m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Dlogback.configurationFile=${logConfigFile}`,
        '-cp',
        join(jars, '*'),
        'org.gaul.s3proxy.Main',
        '--properties',
        configFile,
      ],
    };
  },
};

const logConfig = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %p %m (%c)%n</pattern></encoder></appender>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
`;

/** Whatever it answers: a request without a signature is refused. */
function isHttp(received: Buffer): boolean {
  return received.toString('latin1').startsWith('HTTP/1.');
}
