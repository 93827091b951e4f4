import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from './find-program.ts';
import { reportProgress } from './progress.ts';
import { runProgram } from './run-program.ts';

/** The version of Kafka that the tests run against. */
export const kafkaVersion = '3.9.2';

/** Kafka and the logging back end that its own distribution adds. */
const pom = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>bottle</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** The directory with Kafka's jar files; fetches them with Maven the first time. Throws when Maven cannot. */
export async function fetchKafka(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bottle');
  const jars = join(cache, `kafka-${kafkaVersion}`);
  if (existsSync(jars)) return jars;

  const maven = await requireProgram('mvn');
  reportProgress(`fetching Kafka ${kafkaVersion} with Maven (once, 46 MB)`);
  await mkdir(cache, { recursive: true });
  const fetching = await mkdtemp(join(cache, 'fetching-'));
  try {
    const pomFile = join(fetching, 'pom.xml');
    const fetched = join(fetching, 'jars');
    await writeFile(pomFile, pom);
    const args = [
      '-B',
      '-q',
      '-f',
      pomFile,
      copyDependencies,
      '-DincludeScope=runtime',
      `-DoutputDirectory=${fetched}`,
    ];
    await runProgram(maven, args, 600_000);
    await rename(fetched, jars).catch((error: unknown) => {
      // Another process fetched it in the meantime.
      if (!existsSync(jars)) throw error;
    });
  } finally {
    await rm(fetching, { recursive: true, force: true });
  }
  return jars;
}
